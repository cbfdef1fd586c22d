// Package serve runs the examples: it listens, prints the link, sends the headers that a page of today should have, and
// stops gracefully. The chat does the same in its own main, for those who copy a whole program.
package serve

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

	"github.com/wsxgo/wsx"
)

// csp lets a page load from its own origin alone, and lets no script but wsx's policy turn strings into HTML.
const csp = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types wsx"

// Main is the whole main function of an example: it parses the flags, of which -addr is one, calls build and serves what
// that returns until the program is interrupted. It ends the program, with status 1 after an error.
func Main(name string, build func() (http.Handler, *wsx.Hub, error)) {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	flag.Parse()
	handler, hub, err := build()
	if err == nil {
		err = run(name, *addr, handler, hub)
	}
	if err != nil {
		log.Fatal(name, ": ", err)
	}
}

func run(name, addr string, handler http.Handler, hub *wsx.Hub) error {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program; stop that one or choose another port, as in -addr 127.0.0.1:8081", addr)
	}
	if err != nil {
		return err
	}
	log.Printf("%s is ready: %s", name, link(listener.Addr().(*net.TCPAddr)))

	server := &http.Server{Handler: secure(handler), ReadHeaderTimeout: 5 * time.Second}
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
	return errors.Join(hub.Shutdown(ctx), server.Shutdown(ctx))
}

// secure adds the headers that keep a page to itself.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", csp)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// link is where a browser on this machine finds the example.
func link(addr *net.TCPAddr) string {
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s/", net.JoinHostPort(host, fmt.Sprint(addr.Port)))
}
