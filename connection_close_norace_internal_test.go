//go:build !race

package wsx

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every way in which a connection can end has to give back all that the connection is registered with: finalizers, timers,
// contexts, the hub's maps and lists. These tests end connections in each of the ways and count what stays on the heap. The race
// detector allocates for itself, so they run without it.

const (
	endedConns = 40 // of one round

	// What may stay of each, because the runtime keeps goroutines and timers for later use. One that leaks has about 60 objects.
	objectsLeft = 4
	bytesLeft   = 600
)

// A way is how connections end. A round of it is over when the hub has nothing left of them, before the clients hang up.
type way struct {
	code  int // that the hub counts; 0: it has never seen a connection
	once  bool
	opts  Options
	setUp func(*Hub)
	wrap  func(http.ResponseWriter) http.ResponseWriter // the program's own ResponseWriter
	open  func(*testing.T, *endingSite) *rawClient      // nil: openSocket
	end   func(*testing.T, *endingRound)                // nil: they end by themselves
}

// An endingSite is a hub on a real socket.
type endingSite struct {
	hub  *Hub
	addr string
}

// An endingRound is connections of one hub that are about to end.
type endingRound struct {
	*endingSite
	clients []*rawClient
}

// serve starts a hub that registers its connections with everything there is.
func (w *way) serve(t *testing.T) *endingSite {
	opts := w.opts
	opts.Logger = slog.New(slog.DiscardHandler)
	if opts.IdleTimeout == 0 {
		opts.IdleTimeout = time.Hour
	}
	if opts.Authenticate == nil {
		opts.Authenticate = identityFor(time.Hour)
	}
	hub := New(&opts)
	hub.ConfigureRooms("*", RoomOptions{History: 10, Presence: true})
	hub.On("say", func(ctx context.Context, r *Request) (*Response, error) {
		context.AfterFunc(ctx, func() {})
		context.AfterFunc(r.Conn.Context(), func() {})
		NewKey[int]("n").Set(r.Conn, 1)
		_ = r.Conn.Join(ctx, "cake") // a single request is in no room
		return r.Reply("<b>hi</b>"), nil
	})
	if w.setUp != nil {
		w.setUp(hub)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.wrap != nil {
			rw = w.wrap(rw)
		}
		hub.ServeHTTP(rw, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	t.Cleanup(func() {
		assert.NoError(t, hub.Shutdown(context.Background()))
		server.Close()
	})
	return &endingSite{hub, server.Listener.Addr().String()}
}

// identityFor lets everyone in, as one user, for a time.
func identityFor(d time.Duration) func(*http.Request) (Identity, error) {
	return func(*http.Request) (Identity, error) {
		return Identity{User: "alice", Rooms: []string{"tea"}, Tags: map[string]string{"a": "b"}, Expires: time.Now().Add(d)}, nil
	}
}

// round opens connections, ends them, and waits until nothing of them runs. It is a test of its own, so that its cleanup has run
// when it returns.
func (w *way) round(t *testing.T, site *endingSite) {
	goroutines := runtime.NumGoroutine()
	require.True(t, t.Run("round", func(t *testing.T) {
		r := &endingRound{endingSite: site}
		open := openSocket
		if w.open != nil {
			open = w.open
		}
		for range endedConns {
			r.clients = append(r.clients, open(t, site))
		}
		if w.end != nil {
			w.end(t, r)
		}
		eventually(t, "all have left", func() bool {
			usage := site.hub.admission.Usage()
			return usage.Open == 0 && usage.Counted == 0
		})
	}))
	for deadline := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), "their goroutines have ended")
	}
}

// stays returns what stays on the heap of one connection that has ended in this way.
func (w *way) stays(t *testing.T, site *endingSite) (objects, bytes float64) {
	var before, after runtime.MemStats
	collect(&before)
	w.round(t, site)
	collect(&after)
	each := func(before, after uint64) float64 { return float64(int64(after)-int64(before)) / endedConns }
	return each(before.HeapObjects, after.HeapObjects), each(before.HeapAlloc, after.HeapAlloc)
}

// collect collects all garbage, also what finalizers and pools have kept until now, and measures the heap.
func collect(m *runtime.MemStats) {
	for range 2 {
		ran := make(chan struct{})
		runtime.SetFinalizer(new([64]byte), func(*[64]byte) { close(ran) })
		runtime.GC()
		<-ran // after the finalizers before it
	}
	runtime.GC()
	runtime.ReadMemStats(m)
}

// testWays tests all ways, or with -short a few of them, which are others each time.
func testWays(t *testing.T, ways map[string]way) {
	left := len(ways)
	if testing.Short() {
		left = (left + 3) / 4
	}
	for name, w := range ways {
		if left--; left < 0 {
			break
		}
		t.Run(name, func(t *testing.T) {
			site := w.serve(t)
			w.round(t, site) // what is made once
			var objects, bytes float64
			for range 3 { // in case something else uses the heap during one round
				if w.once { // it ends the hub too
					site = w.serve(t)
				}
				if objects, bytes = w.stays(t, site); objects < objectsLeft && bytes < bytesLeft {
					break
				}
			}
			t.Logf("%.1f objects and %.0f bytes stay of each", objects, bytes)
			assert.Less(t, objects, float64(objectsLeft), "objects that stay of each")
			assert.Less(t, bytes, float64(bytesLeft), "bytes that stay of each")
			assertForgotten(t, site.hub)
			for code := range site.hub.Stats().Closed {
				assert.Equal(t, strconv.Itoa(w.code), code, "they ended in another way")
			}
		})
	}
}

// assertForgotten asserts that the hub's registers are empty.
func assertForgotten(t *testing.T, hub *Hub) {
	count := func(each func(func(any, any) bool)) (n int) {
		each(func(any, any) bool { n++; return true })
		return n
	}
	assert.Zero(t, count(hub.connections.Range), "connections")
	assert.Zero(t, count(hub.httpSessions.Range), "connections over HTTP")
	assert.Zero(t, hub.all.Size(), "all connections")
	assert.Zero(t, hub.rooms.Size(), "rooms")
	assert.Zero(t, hub.users.Size(), "users")
	assert.Zero(t, hub.heartbeat.count, "heartbeat")
	assert.Empty(t, hub.idle.due, "idle watch")
	assert.Zero(t, hub.admission.Usage(), "admission")
}

// dialRequest sends a request over a TCP connection of its own, and reads nothing.
func dialRequest(t *testing.T, addr, request string) *rawClient {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	return &rawClient{t, conn, bufio.NewReader(conn)}
}

// each is a way that every client takes.
func each(do func(*rawClient)) func(*testing.T, *endingRound) {
	return func(_ *testing.T, r *endingRound) {
		for _, c := range r.clients {
			do(c)
		}
	}
}

// byHub is a way that the hub takes, and what the clients do about it.
func byHub(do func(*Hub), then func(*testing.T, *endingRound)) func(*testing.T, *endingRound) {
	return func(t *testing.T, r *endingRound) {
		do(r.hub)
		then(t, r)
	}
}

func hangUp(c *rawClient) { _ = c.Conn.(*net.TCPConn).CloseWrite() }

func resetSocket(c *rawClient) {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// hungUpOn waits until the server has closed the socket.
func hungUpOn(c *rawClient) {
	if _, err := io.Copy(io.Discard, c.r); err != nil {
		require.ErrorContains(c.t, err, "reset")
	}
}

func closeAll(hub *Hub) {
	for c := range hub.Connections() {
		c.Close(nil)
	}
}

// untilEnded returns when no connection is open any more; some may still say goodbye.
func untilEnded(hub *Hub) {
	for hub.Count() > 0 {
		runtime.Gosched()
	}
}

func disconnectAll(hub *Hub) { _ = hub.Disconnect(nil) }

// shuttingDown shuts the hub down, and does then at the same time.
func shuttingDown(then func(*testing.T, *endingRound)) func(*testing.T, *endingRound) {
	return func(t *testing.T, r *endingRound) {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		done := make(chan error, 1)
		go func() { done <- r.hub.Shutdown(ctx) }()
		then(t, r)
		<-done // an error if the time was too short, which does not matter
	}
}

// overfill sends large fragments until no connection has space for more.
func overfill(hub *Hub) {
	for hub.Count() > 0 {
		_ = hub.Broadcast("#a", Text(longText(400<<10)), Append)
	}
}

// fillSockets sends large fragments, each when the one before has left, until the kernel has taken none for too long.
func fillSockets(t *testing.T, r *endingRound) {
	for r.hub.Count() > 0 {
		require.NoError(t, r.hub.Broadcast("#a", Text(longText(400<<10)), Append))
		eventually(t, "it has left, or cannot", func() bool {
			for c := range r.hub.Connections() {
				if !idle(c) {
					return false
				}
			}
			return true
		})
	}
}

var errNotHere = errors.New("not here")

func refusing(hub *Hub) {
	hub.OnConnect(func(context.Context, *Connection) error { return errNotHere })
}

func panicking(hub *Hub) {
	hub.OnConnect(func(context.Context, *Connection) error { panic(errNotHere) })
}

// exiting ends the goroutine of a request, as a failing test does, when its connection is already open.
func exiting(hub *Hub) {
	hub.ConfigureRooms("tea", RoomOptions{Authorize: func(context.Context, Identity, string) error {
		runtime.Goexit()
		return nil
	}})
}
