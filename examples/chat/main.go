// Command chat is a chat with rooms, presence, and messages in SQLite. Run it and open the link that it prints:
//
//	go run ./examples/chat
//
// To read the code, start with main.go, then chat.go, then web/page.html.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("chat: ", err)
	}
}

func run() error {
	addr := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	db := flag.String("db", "chat.db", "SQLite `file` for the messages; :memory: keeps nothing")
	secure := flag.Bool("secure", false, "send cookies over https only; set it behind a proxy that terminates TLS")
	flag.Parse()

	store, err := openStore(*db)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer store.Close()
	key, err := store.secret("cookies")
	if err != nil {
		return fmt.Errorf("read cookie key: %w", err)
	}
	chat := newChat(store, &sessions{key: []byte(key), secure: *secure})

	listener, err := net.Listen("tcp", *addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is already in use; choose another port with -addr, for example -addr 127.0.0.1:8081", *addr)
	}
	if err != nil {
		return err
	}
	log.Print("Chat is ready: ", link(listener.Addr().(*net.TCPAddr)))

	server := &http.Server{Handler: chat.routes(), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	interrupted, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	select {
	case err := <-failed:
		return err
	case <-interrupted.Done():
		stop() // a second Ctrl-C exits at once
	}

	// The hub shuts down first, because http.Server.Shutdown doesn't know about upgraded connections.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(chat.hub.Shutdown(ctx), server.Shutdown(ctx))
}

// link returns the URL of the chat for a browser on this machine.
func link(addr *net.TCPAddr) string {
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s/", net.JoinHostPort(host, fmt.Sprint(addr.Port)))
}
