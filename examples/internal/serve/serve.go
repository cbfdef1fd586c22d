// Package serve runs the examples. It listens, prints the link, sets security headers, and shuts down gracefully. The chat
// has the same code in its own main.go, so that it can be copied as a whole.
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

// csp allows resources from the page's own origin only, and allows only the Trusted Types policy "wsx" to turn strings into
// HTML.
const csp = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types wsx"

// Main is the main function of an example. It adds the flag -addr, parses all flags, calls build, and serves the handler until
// the program is interrupted. After an error it exits with status 1.
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
		return fmt.Errorf("%s is already in use; choose another port with -addr, for example -addr 127.0.0.1:8081", addr)
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
		stop() // a second Ctrl-C exits at once
	}

	// The hub shuts down first, because http.Server.Shutdown doesn't know about upgraded connections.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(hub.Shutdown(ctx), server.Shutdown(ctx))
}

// secure adds security headers to every response.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", csp)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// link returns the URL of the example for a browser on this machine.
func link(addr *net.TCPAddr) string {
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s/", net.JoinHostPort(host, fmt.Sprint(addr.Port)))
}
