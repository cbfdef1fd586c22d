package e2e

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A network is between a server and its browsers, and simulates faults.
type network struct {
	*httptest.Server

	refuseUpgrades bool          // like proxies without WebSocket support
	refuseStreams  bool          // streaming responses don't arrive
	loseScripts    int64         // number of requests for fallback scripts to fail
	swallow        bool          // upgrades succeed, but no data passes
	lifetime       time.Duration // of each connection; 0 means no limit

	scripts atomic.Int64 // requests for fallback scripts so far

	mu    sync.Mutex
	conns map[*netConn]bool // guarded by mu
}

// A netConn is one connection of the network.
type netConn struct {
	*net.TCPConn
	net *network

	mu       sync.Mutex
	upgraded bool // guarded by mu
	dead     bool // guarded by mu; writes are discarded
}

// newNetwork serves handler through n until the test ends.
func newNetwork(t *testing.T, n *network, handler http.Handler) *network {
	n.conns = make(map[*netConn]bool)
	n.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		upgrade := r.Header.Get("Upgrade") != ""
		if upgrade && n.refuseUpgrades || n.refuseStreams && strings.Contains(r.Header.Get("Accept"), "event-stream") {
			http.Error(w, "this proxy does not do that", http.StatusBadGateway)
			return
		}
		if r.URL.Query().Has("http") && n.scripts.Add(1) <= n.loseScripts {
			panic(http.ErrAbortHandler)
		}
		if upgrade {
			c := r.Context().Value(netConnKey{}).(*netConn)
			c.mu.Lock()
			c.upgraded = true
			c.mu.Unlock()
		}
		handler.ServeHTTP(w, r)
	}))
	n.Listener = listener{n.Listener, n}
	n.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, netConnKey{}, c)
	}
	n.Start()
	t.Cleanup(func() {
		n.cut()
		n.Close()
	})
	return n
}

type netConnKey struct{}

// cut drops all connections, with the data in transit.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		c.SetLinger(0)
		c.TCPConn.Close()
	}
	clear(n.conns)
}

type listener struct {
	net.Listener
	net *network
}

func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &netConn{TCPConn: conn.(*net.TCPConn), net: l.net}
	l.net.mu.Lock()
	defer l.net.mu.Unlock()
	l.net.conns[c] = true
	if l.net.lifetime > 0 {
		time.AfterFunc(l.net.lifetime, func() { c.Close() })
	}
	return c, nil
}

func (c *netConn) Close() error {
	c.net.mu.Lock()
	delete(c.net.conns, c)
	c.net.mu.Unlock()
	return c.TCPConn.Close()
}

// Write discards data after the response to an upgrade, if the network swallows it.
func (c *netConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	lost := c.dead
	c.dead = c.dead || c.upgraded && c.net.swallow
	c.mu.Unlock()
	if lost {
		return len(p), nil
	}
	return c.TCPConn.Write(p)
}
