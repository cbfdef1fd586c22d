package acceptance

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// serve starts a server of the test's own for a hub, before which the configuration may be changed.
func serve(t testing.TB, opts wsx.Options, configure func(*httptest.Server)) *site {
	s := &site{log: new(journal)}
	opts.Logger = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.hub = wsx.New(&opts)
	s.Server = httptest.NewUnstartedServer(s.hub)
	configure(s.Server)
	if s.URL == "" {
		s.Start()
	}
	t.Cleanup(func() {
		assert.NoError(t, s.hub.Shutdown(context.Background()))
		s.Close()
	})
	return s
}

func http2(s *httptest.Server) {
	s.EnableHTTP2 = true
	s.StartTLS()
}

func TestEventStreamHeader(t *testing.T) {
	t.Parallel()
	c := newSite(t, wsx.Options{}, false).stream(t)
	assert.Equal(t, "text/event-stream", c.resp.Header.Get("Content-Type"))
	assert.Equal(t, "no-store, no-transform", c.resp.Header.Get("Cache-Control"))
	assert.Equal(t, "no", c.resp.Header.Get("X-Accel-Buffering"))
	assert.Regexp(t, `^\{"type":"hello","v":1,"conn":"[^"]+","key":"[^"]+","ping":25000,"t":"[^"]+"\}$`, c.said())
}

func TestEventStreamOverHTTP2(t *testing.T) {
	t.Parallel()
	s := serve(t, wsx.Options{PingInterval: -1}, http2)
	s.hub.On("echo", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.ReplyTo("#a", "echo", ""), nil
	})
	c := s.stream(t)
	assert.Equal(t, 2, c.resp.ProtoMajor)
	c.send(`{"id":"1","handler":"echo"}`)
	assert.Contains(t, c.next(), `"html":"echo"`)
	c.conn(s.hub).Close(wsx.UserErrorf("bye"))
	code, reason := c.closed()
	assert.Equal(t, 4403, code)
	assert.Equal(t, "bye", reason)
}

func TestEventStreamOutlivesTheServersTimeouts(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const timeout = time.Second
			s := serve(t, wsx.Options{PingInterval: timeout}, func(s *httptest.Server) {
				s.Config.ReadTimeout, s.Config.WriteTimeout, s.Config.IdleTimeout = timeout, timeout, timeout
				start(s)
			})
			c := s.stream(t)
			for range 3 {
				assert.Contains(t, c.next(), `"type":"ping"`)
			}
		})
	}
}

func TestEventStreamIsQuietForLongerThanWriteTimeout(t *testing.T) {
	t.Parallel()
	s := serve(t, wsx.Options{PingInterval: time.Second, WriteTimeout: 500 * time.Millisecond}, http2)
	c := s.stream(t)
	for range 2 {
		assert.Contains(t, c.next(), `"type":"ping"`, "a deadline that was left behind would have cut it")
	}
}

// TestEventStreamSlowBrowser fills a stream that is not read.
func TestEventStreamSlowBrowser(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, wsx.Options{PingInterval: -1, WriteTimeout: 200 * time.Millisecond, QueueBytes: 64 << 20}, start)
			causes := make(chan error, 1)
			s.hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes <- cause })
			s.stream(t)
			filler := template.HTML(strings.Repeat("x", 1<<20))
			for range 30 { // more than the buffers of a loopback socket hold
				require.NoError(t, s.hub.Broadcast("#a", filler, wsx.Append))
			}
			assert.ErrorIs(t, <-causes, wsx.ErrSlow)
			assert.EqualValues(t, 1, s.hub.Stats().Closed["4008"])
		})
	}
}

func TestEventStreamFullQueue(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1, WriteTimeout: 200 * time.Millisecond, QueueBytes: 1 << 20}, false)
	causes := make(chan error, 1)
	s.hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes <- cause })
	s.stream(t)
	filler := template.HTML(strings.Repeat("x", 400<<10))
	for range 1000 {
		require.NoError(t, s.hub.Broadcast("#a", filler, wsx.Append))
	}
	assert.ErrorIs(t, <-causes, wsx.ErrSlow)
}

func TestEventStreamThatIsCut(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, wsx.Options{PingInterval: -1}, start)
			causes := make(chan error, 1)
			s.hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes <- cause })
			c := s.stream(t)
			c.leave()
			assert.NoError(t, <-causes, "the browser left by itself")
			assert.Equal(t, http.StatusNotFound, c.post(`[]`).status)
			assert.EqualValues(t, 1, s.hub.Stats().Closed["1006"])
		})
	}
}

func TestEventStreamOfAMiddlewareThatHidesTheConnection(t *testing.T) {
	t.Parallel()
	hub := wsx.New(nil)
	hidden := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hub.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	}))
	defer hidden.Close()
	s := &site{Server: hidden, hub: hub}
	assert.Equal(t, http.StatusNotImplemented, s.do(t, http.MethodGet, "", header("Accept", "text/event-stream")).status)
	assert.Zero(t, hub.Count())
	s.poll(t).leave() // a poll needs nothing but Write
	assert.NoError(t, hub.Shutdown(t.Context()))
}

// panicking is a middleware's http.ResponseWriter that fails in its Write.
type panicking struct{ http.ResponseWriter }

func (p panicking) Write([]byte) (int, error)   { panic("a bug of the middleware") }
func (p panicking) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func TestEventStreamOfAMiddlewareThatPanics(t *testing.T) {
	t.Parallel()
	hub := wsx.New(nil)
	ended := make(chan error, 1)
	hub.OnDisconnect(func(_ *wsx.Connection, cause error) { ended <- cause })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hub.ServeHTTP(panicking{w}, r)
	}))
	defer server.Close()
	resp, err := server.Client().Do(streamRequest(t, server.URL))
	if err == nil {
		defer resp.Body.Close()
		_, _ = io.ReadAll(resp.Body)
	}
	assert.NoError(t, <-ended, "nobody else is hurt")
	assert.NoError(t, hub.Shutdown(t.Context()))
}

func streamRequest(t testing.TB, url string) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	r.Header.Set("Accept", "text/event-stream")
	return r
}

func TestEventStreamIsAskedForByName(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	for accept, want := range map[string]int{
		"text/event-stream": 200, "text/html, Text/Event-Stream;q=0.9": 200, "*/*": 426, "text/*": 426, "text/event-streams": 426,
	} {
		r := streamRequest(t, s.URL)
		r.Header.Set("Accept", accept)
		resp, err := s.Client().Do(r)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, want, resp.StatusCode, accept)
	}
}

func TestTheKeyIsInNoLog(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{Authenticate: asUser}, false)
	c := s.stream(t, as("alice"))
	assert.Equal(t, http.StatusNotFound, c.post(`[]`, header("Wsx-Conn", "", "Wsx-Conn", c.Conn+" WRONG")).status)
	assert.Equal(t, http.StatusForbidden, c.post(`[]`, header("User", "", "User", "mallory")).status)
	c.send(`1`)
	c.conn(s.hub).Close(nil)
	c.closed()
	require.NotEmpty(t, s.log.String())
	assert.NotContains(t, s.log.String(), c.Key)
}

func TestShutdownEndsStreamsBeforeTheServers(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	c := s.stream(t)
	require.NoError(t, s.hub.Shutdown(t.Context()))
	require.NoError(t, s.Config.Shutdown(t.Context()), "nothing is left that it would wait for")
	code, _ := c.closed()
	assert.Equal(t, 1012, code)
}

// TestEventStreamHTTP10 speaks the HTTP that has no chunks: the end of the connection is the end of the stream.
func TestEventStreamHTTP10(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1}, false)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "GET /ws HTTP/1.0\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n", s.Listener.Addr())
	waitUntil(t, "it counts", func() bool { return s.hub.Count() == 1 })
	require.NoError(t, s.hub.Disconnect(nil))
	text, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(string(text), `data: {"type":"close","code":4401,"reason":""}`+"\n\n"), "%s", text)
}
