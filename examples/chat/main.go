// Command chat is a chat with rooms, in as few lines as it honestly takes. Start it and open the link that it prints:
//
//	go run ./examples/chat
//
// Read main.go, chat.go, web/page.html, in this order.
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
	db := flag.String("db", "chat.db", "SQLite `file` for the messages; :memory: is gone at exit")
	secure := flag.Bool("secure", false, "send cookies over https only; set it behind a proxy that ends TLS")
	flag.Parse()

	store, err := openStore(*db)
	if err != nil {
		return fmt.Errorf("open the messages: %w", err)
	}
	defer store.Close()
	key, err := store.secret("cookies")
	if err != nil {
		return fmt.Errorf("read the key of the cookies: %w", err)
	}
	chat := newChat(store, &sessions{key: []byte(key), secure: *secure})

	listener, err := net.Listen("tcp", *addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program; stop that one or choose another port, as in -addr 127.0.0.1:8081", *addr)
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
		stop() // a second Ctrl-C ends the program at once
	}

	// The hub goes first: http.Server.Shutdown knows nothing of the connections that were upgraded.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(chat.hub.Shutdown(ctx), server.Shutdown(ctx))
}

// link is where a browser on this machine finds the chat.
func link(addr *net.TCPAddr) string {
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s/", net.JoinHostPort(host, fmt.Sprint(addr.Port)))
}
