// Package middleware_test puts the middleware of other people in front of a hub. Every way in works, or is refused within a second with
// the reason in the log.
package middleware_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/CAFxX/httpcompression"
	"github.com/NYTimes/gziphandler"
	"github.com/coder/websocket"
	sentryhttp "github.com/getsentry/sentry-go/http"
	gingzip "github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/negroni/v3"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/wsxgo/wsx"
)

// patience is how long any way in may take.
const patience = time.Second

// A front puts a middleware before a handler.
type front struct {
	name     string
	wrap     func(http.Handler) http.Handler
	noSocket bool // it hides the connection, so that a WebSocket is refused
	noStream bool // it can't flush, so that a stream is refused
}

func onEcho(mw ...echo.MiddlewareFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		e := echo.New()
		e.Use(mw...)
		e.Any("/*", echo.WrapHandler(next))
		return e
	}
}

func onGin(mw ...gin.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		e := gin.New()
		e.Use(mw...)
		e.Any("/*path", gin.WrapH(next))
		return e
	}
}

func onChi(mw ...func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		r := chi.NewRouter()
		r.Use(mw...)
		r.Handle("/*", next)
		return r
	}
}

func fronts() []front {
	gin.SetMode(gin.ReleaseMode)
	compress, err := httpcompression.DefaultAdapter()
	if err != nil {
		panic(err)
	}
	quiet := negroni.NewLogger()
	quiet.ALogger = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	return []front{
		{name: "nothing", wrap: func(h http.Handler) http.Handler { return h }},
		{name: "net/http TimeoutHandler", noSocket: true, noStream: true, wrap: func(h http.Handler) http.Handler {
			return http.TimeoutHandler(h, 500*time.Millisecond, "too late")
		}},
		{name: "net/http MaxBytesHandler", wrap: func(h http.Handler) http.Handler { return http.MaxBytesHandler(h, 1<<20) }},
		{name: "net/http StripPrefix", wrap: func(h http.Handler) http.Handler { return http.StripPrefix("", h) }},
		{name: "net/http CrossOriginProtection", wrap: http.NewCrossOriginProtection().Handler},
		{name: "a writer without Unwrap", noSocket: true, noStream: true, wrap: func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(struct{ http.ResponseWriter }{w}, r) })
		}},
		{name: "gin", wrap: onGin()},
		{name: "gin Recovery and gzip", wrap: onGin(gin.Recovery(), gingzip.Gzip(gingzip.DefaultCompression))},
		{name: "echo", wrap: onEcho()},
		{name: "echo Gzip", wrap: onEcho(echomiddleware.Gzip())},
		{name: "echo Recover, RequestID and Secure", wrap: onEcho(echomiddleware.Recover(), echomiddleware.RequestID(), echomiddleware.Secure())},
		{name: "chi", wrap: onChi()},
		{name: "chi Logger, Recoverer, Compress and Throttle", wrap: onChi(
			chimiddleware.RequestLogger(&chimiddleware.DefaultLogFormatter{Logger: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)}),
			chimiddleware.Recoverer, chimiddleware.Compress(5), chimiddleware.Throttle(100))},
		{name: "chi Timeout", wrap: onChi(chimiddleware.Timeout(500 * time.Millisecond))},
		{name: "gorilla mux", wrap: func(h http.Handler) http.Handler {
			r := mux.NewRouter()
			r.PathPrefix("/").Handler(h)
			return r
		}},
		{name: "gorilla CompressHandler", wrap: handlers.CompressHandler},
		{name: "gorilla CombinedLoggingHandler", wrap: func(h http.Handler) http.Handler { return handlers.CombinedLoggingHandler(io.Discard, h) }},
		{name: "negroni", wrap: func(h http.Handler) http.Handler {
			n := negroni.New(negroni.NewRecovery(), quiet)
			n.UseHandler(h)
			return n
		}},
		{name: "otelhttp", wrap: func(h http.Handler) http.Handler { return otelhttp.NewHandler(h, "hub") }},
		{name: "sentry", wrap: sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle},
		{name: "gzhttp", wrap: func(h http.Handler) http.Handler { return gzhttp.GzipHandler(h) }},
		{name: "httpcompression", wrap: compress},
		{name: "gziphandler", wrap: gziphandler.GzipHandler},
	}
}

// A site is a hub behind a front.
type site struct {
	*httptest.Server
	hub *wsx.Hub
	log *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func open(t *testing.T, f front) *site {
	log := new(syncBuffer)
	hub := wsx.New(&wsx.Options{Logger: slog.New(slog.NewTextHandler(log, nil)), ShutdownTimeout: 100 * time.Millisecond})
	hub.On("ask", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.ReplyTo("#a", "answered", wsx.Inner), nil
	})
	server := httptest.NewServer(f.wrap(hub))
	t.Cleanup(func() {
		assert.NoError(t, hub.Shutdown(context.Background()))
		server.CloseClientConnections()
		server.Close()
	})
	return &site{server, hub, log}
}

// do sends a request as a browser does, and returns a reader of the body, whether or not it is compressed.
func (s *site) do(t *testing.T, method, accept, conn, body string) (*http.Response, io.Reader) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, method, s.URL, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Accept-Encoding", "gzip")
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	if conn != "" {
		req.Header.Set("Wsx-Conn", conn)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	timer := time.AfterFunc(patience, cancel)
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err, "within %v", patience)
	require.True(t, timer.Stop())
	t.Cleanup(func() { resp.Body.Close() })
	if resp.Header.Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(resp.Body)
		require.NoError(t, err)
		return resp, r
	}
	return resp, resp.Body
}

// within fails the test if do takes longer than patience.
func within(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		require.Fail(t, "no answer within a second")
	}
}

func TestMiddleware(t *testing.T) {
	for _, f := range fronts() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			t.Run("WebSocket", func(t *testing.T) { t.Parallel(); webSocket(t, f) })
			t.Run("stream", func(t *testing.T) { t.Parallel(); stream(t, f) })
			t.Run("poll", func(t *testing.T) { t.Parallel(); poll(t, f) })
			t.Run("single request", func(t *testing.T) { t.Parallel(); single(t, f) })
		})
	}
}

func webSocket(t *testing.T, f front) {
	s := open(t, f)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	header := http.Header{"Accept-Encoding": {"gzip"}}
	c, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(s.URL, "http"), &websocket.DialOptions{HTTPHeader: header})
	if f.noSocket {
		require.NotNil(t, resp)
		assert.Equal(t, http.StatusNotImplemented, resp.StatusCode)
		assert.Contains(t, s.log.String(), "Unwrap")
		return
	}
	require.NoError(t, err)
	defer c.CloseNow()
	_, hello, err := c.Read(ctx)
	require.NoError(t, err)
	assert.Contains(t, string(hello), `"type":"hello"`)
	require.NoError(t, c.Write(ctx, websocket.MessageText, []byte(`{"id":"1","handler":"ask"}`)))
	_, reply, err := c.Read(ctx)
	require.NoError(t, err)
	assert.Contains(t, string(reply), "answered")
}

func stream(t *testing.T, f front) {
	s := open(t, f)
	resp, body := s.do(t, http.MethodGet, "text/event-stream", "", "")
	if f.noStream {
		assert.Equal(t, http.StatusNotImplemented, resp.StatusCode)
		assert.Contains(t, s.log.String(), "Unwrap")
		return
	}
	require.Equal(t, http.StatusOK, resp.StatusCode)
	lines := bufio.NewScanner(body)
	next := func() (line string) {
		within(t, func() {
			for lines.Scan() {
				if line = lines.Text(); line != "" {
					return
				}
			}
		})
		return line
	}
	assert.Contains(t, next(), `"type":"hello"`)
	require.NoError(t, s.hub.Broadcast("#a", "pushed", wsx.Inner))
	assert.Contains(t, next(), "pushed")
}

func poll(t *testing.T, f front) {
	s := open(t, f)
	resp, body := s.do(t, http.MethodGet, "application/json", "", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	hello, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Contains(t, string(hello), `"type":"hello"`)
	var id, key string
	for _, field := range strings.Split(string(hello), ",") {
		_, _ = fmt.Sscanf(field, `"conn":%q`, &id)
		_, _ = fmt.Sscanf(field, `"key":%q`, &key)
	}
	resp, _ = s.do(t, http.MethodPost, "", id+" "+key, `[{"id":"1","handler":"ask"}]`)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)
}

func single(t *testing.T, f front) {
	s := open(t, f)
	resp, body := s.do(t, http.MethodPost, "", "", `{"id":"1","handler":"ask"}`)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	reply, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Contains(t, string(reply), "answered")
}

// A program on a Unix socket behind a proxy sees the addresses that the proxy names, and its limits hold.
func TestUnixSocket(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("unix", t.TempDir()+"/hub.sock")
	require.NoError(t, err)
	hub := wsx.New(&wsx.Options{MaxPerAddr: 1, ShutdownTimeout: 100 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	server := &http.Server{Handler: hub, ReadHeaderTimeout: patience}
	go server.Serve(ln)
	t.Cleanup(func() {
		assert.NoError(t, hub.Shutdown(context.Background()))
		server.Close()
	})
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", ln.Addr().String())
	}}}
	ask := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://hub/", nil)
		require.NoError(t, err)
		req.Header.Set("Accept", "application/json")
		resp, err := client.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode
	}
	assert.Equal(t, http.StatusOK, ask())
	assert.Equal(t, http.StatusTooManyRequests, ask(), "all peers of a Unix socket count as 127.0.0.1")
}
