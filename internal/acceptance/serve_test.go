package acceptance

import (
	"bufio"
	"context"
	"fmt"
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

// TestRefusals holds every refusal before the upgrade to its status. None of them has a body that says why.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const secret = "dsn=postgres://admin:hunter2@db"
	with := func(fn func(*http.Request) (wsx.Identity, error)) wsx.Options { return wsx.Options{Authenticate: fn} }
	expires := func(in time.Duration) wsx.Options {
		return with(func(*http.Request) (wsx.Identity, error) { return wsx.Identity{Expires: time.Now().Add(in)}, nil })
	}
	rooms := func(rooms ...string) wsx.Options {
		return with(func(*http.Request) (wsx.Identity, error) { return wsx.Identity{Rooms: rooms}, nil })
	}
	for _, one := range []struct {
		what string
		opts wsx.Options
		want int
	}{
		{"nothing", wsx.Options{}, 101},
		{"an error of Authenticate", with(func(*http.Request) (wsx.Identity, error) {
			return wsx.Identity{}, fmt.Errorf("%s: %w", secret, errRefused)
		}), 403},
		{"a UserError of Authenticate", with(func(*http.Request) (wsx.Identity, error) { return wsx.Identity{}, wsx.UserErrorf(secret) }), 403},
		{"an error beside an identity", with(func(*http.Request) (wsx.Identity, error) { return wsx.Identity{User: "alice"}, errRefused }), 403},
		{"a panic of Authenticate", with(func(*http.Request) (wsx.Identity, error) { panic(secret) }), 500},
		{"a panic of Authenticate with an error", with(func(*http.Request) (wsx.Identity, error) { panic(errRefused) }), 500},
		{"an identity that has expired", expires(-time.Second), 403},
		{"an identity that expires now", expires(0), 403},
		{"an identity that expires later", expires(time.Hour), 101},
		{"a room that cannot be", rooms("tea", ""), 500},
		{"too many rooms", rooms(manyRooms(129)...), 500},
		{"all rooms that are allowed", rooms(manyRooms(128)...), 101},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, one.opts, false)
			got := s.ask(t)
			got.leave()
			assert.Equal(t, one.want, got.status)
			if one.want != http.StatusSwitchingProtocols {
				assert.Equal(t, http.StatusText(one.want)+"\n", got.body)
				assert.Zero(t, s.hub.Count())
				assert.Empty(t, s.hub.Stats().Closed, "it never was a connection")
			}
		})
	}
}

func manyRooms(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint("room", i))
	}
	return names
}

func TestRefusedIsNeverSeen(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) { return wsx.Identity{}, errRefused }}, false)
	s.hub.OnConnect(func(context.Context, *wsx.Connection) error { t.Error("OnConnect was called"); return nil })
	s.hub.OnDisconnect(func(*wsx.Connection, error) { t.Error("OnDisconnect was called") })
	for range 3 {
		assert.Equal(t, http.StatusForbidden, s.ask(t).status)
	}
	assert.NoError(t, s.hub.Shutdown(t.Context()), "there is nobody to wait for")
}

func TestShutdownRefuses(t *testing.T) {
	t.Parallel()
	asked := false
	s := newSite(t, wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) { asked = true; return wsx.Identity{}, nil }}, false)
	require.NoError(t, s.hub.Shutdown(t.Context()))
	got := s.ask(t)
	assert.Equal(t, http.StatusServiceUnavailable, got.status)
	assert.Regexp(t, `^[1-9][0-9]*$`, got.header.Get("Retry-After"))
	assert.False(t, asked)
	assert.Equal(t, http.StatusForbidden, s.ask(t, header("Origin", "http://evil.example")).status, "a foreign page learns nothing of it")
}

func TestPlainRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	for what, change := range map[string]func(*http.Request){
		"GET":                    header("Upgrade", "", "Connection", ""),
		"GET with a body":        func(r *http.Request) { r.Header = nil; r.Body = io.NopCloser(strings.NewReader("x")) },
		"HEAD":                   func(r *http.Request) { r.Header, r.Method = nil, http.MethodHead },
		"another upgrade":        header("Upgrade", "", "Upgrade", "h2c"),
		"an upgrade of no hop":   header("Connection", "", "Connection", "keep-alive"),
		"an upgrade to two":      header("Upgrade", "", "Upgrade", "h2c, example"),
		"a foreign origin's GET": header("Upgrade", "", "Connection", "", "Origin", "http://evil.example"),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got := s.ask(t, change)
			assert.Equal(t, http.StatusUpgradeRequired, got.status)
			assert.Equal(t, "websocket", got.header.Get("Upgrade"), "RFC 9110, section 15.5.22")
			if what != "GET with a body" { // of which nobody reads the body, so that nothing can follow it on its connection
				assert.Equal(t, "Upgrade", got.header.Get("Connection"))
			}
		})
	}
	t.Run("HTTP/1.0", func(t *testing.T) {
		t.Parallel()
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /ws HTTP/1.0\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
		require.NoError(t, err)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		defer resp.Body.Close()
		assert.Equal(t, http.StatusUpgradeRequired, resp.StatusCode)
	})
}

func TestBrokenHandshakes(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{MaxConnections: 1}, false)
	for _, one := range []struct {
		what   string
		want   int
		change func(*http.Request)
	}{
		{"no key", 400, header("Sec-Websocket-Key", "")},
		{"an empty key", 400, func(r *http.Request) { r.Header["Sec-Websocket-Key"] = []string{""} }},
		{"two keys", 400, header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")},
		{"a key that is too short", 400, header("Sec-Websocket-Key", "", "Sec-Websocket-Key", "c2hvcnQ=")},
		{"a key that is too long", 400, header("Sec-Websocket-Key", "", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZSB0aGVyZQ==")},
		{"a key that is no base64", 400, header("Sec-Websocket-Key", "", "Sec-Websocket-Key", "*********************==")},
		{"no version", 400, header("Sec-Websocket-Version", "")},
		{"an old version", 400, header("Sec-Websocket-Version", "", "Sec-Websocket-Version", "8")},
		{"POST", 405, func(r *http.Request) { r.Method = http.MethodPost }},
		{"PUT", 405, func(r *http.Request) { r.Method = http.MethodPut }},
	} {
		t.Run(one.what, func(t *testing.T) {
			for range 2 { // the only place is free again each time
				got := s.ask(t, one.change)
				assert.Equal(t, one.want, got.status)
				assert.Empty(t, got.header.Get("Sec-WebSocket-Accept"))
			}
			assert.Zero(t, s.hub.Count())
			assert.Empty(t, s.hub.Stats().Closed)
		})
	}
	t.Run("an old version is told the right one", func(t *testing.T) {
		got := s.ask(t, header("Sec-Websocket-Version", "", "Sec-Websocket-Version", "8"))
		assert.Equal(t, "13", got.header.Get("Sec-WebSocket-Version"), "RFC 6455, section 4.4")
	})
	t.Run("a good one after them", func(t *testing.T) {
		got := s.ask(t)
		assert.Equal(t, http.StatusSwitchingProtocols, got.status)
		assert.Equal(t, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", got.header.Get("Sec-WebSocket-Accept"), "RFC 6455, section 1.3")
		got.leave()
	})
}

// TestRegisteredBeforeTheHandshakeEnds: whatever a page does once its socket is open finds its connection.
func TestRegisteredBeforeTheHandshakeEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{Authenticate: func(r *http.Request) (wsx.Identity, error) {
		return wsx.Identity{User: "alice", Rooms: []string{"tea"}, Tags: map[string]string{"role": "admin"}}, nil
	}}, false)
	for n := range 500 {
		html := wsx.Text(fmt.Sprint(n))
		got := s.ask(t)
		require.Equal(t, http.StatusSwitchingProtocols, got.status)
		require.NoError(t, s.hub.Broadcast("#a", html, wsx.Inner, wsx.Room("tea"), wsx.User("alice"), wsx.Tag("role", "admin")))
		require.Equal(t, 1, s.hub.Count(), "round %d", n)
		all := s.hub.GetConnections()
		require.Len(t, all, 1)
		found, ok := s.hub.GetConnection(all[0].ID())
		require.True(t, ok)
		require.Same(t, all[0], found)
		frames := readUntil(t, got, fmt.Sprintf(`"html":"%s"`, html))
		require.Contains(t, frames, `"type":"hello"`, "the greeting comes before everything else")
		got.leave()
		waitUntil(t, "it has gone", func() bool { return s.hub.Count() == 0 })
	}
}

// readUntil reads what follows a handshake until it has seen text.
func readUntil(t *testing.T, from reply, text string) (all string) {
	t.Helper()
	late := time.AfterFunc(patience, from.leave)
	defer late.Stop()
	buf := make([]byte, 4<<10)
	for !strings.Contains(all, text) {
		n, err := from.conn.Read(buf)
		require.NoError(t, err)
		all += string(buf[:n])
	}
	return all
}

// TestMiddlewareThatWrapsTheResponse: the library sees a connection only through what the program put around it.
func TestMiddlewareThatWrapsTheResponse(t *testing.T) {
	t.Parallel()
	type hiding struct{ http.ResponseWriter }
	through := func(t *testing.T, wrap func(http.ResponseWriter) http.ResponseWriter) *site {
		s := newSite(t, wsx.Options{MaxConnections: 1}, false)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.hub.ServeHTTP(wrap(w), r) }))
		t.Cleanup(server.Close)
		return &site{Server: server, hub: s.hub, log: s.log}
	}
	t.Run("and unwraps", func(t *testing.T) {
		t.Parallel()
		s := through(t, func(w http.ResponseWriter) http.ResponseWriter { return unwrapping{unwrapping{w}} })
		assert.Equal(t, http.StatusSwitchingProtocols, s.ask(t).status)
	})
	t.Run("and hides the connection", func(t *testing.T) {
		t.Parallel()
		s := through(t, func(w http.ResponseWriter) http.ResponseWriter { return hiding{w} })
		assert.Equal(t, http.StatusNotImplemented, s.ask(t).status)
		assert.Contains(t, s.log.String(), "Unwrap")
		assert.Contains(t, s.log.String(), "hiding", "it is named")
	})
	t.Run("and fails only when it is asked", func(t *testing.T) {
		t.Parallel()
		hub := wsx.New(&wsx.Options{MaxConnections: 1, Logger: slog.New(slog.DiscardHandler)})
		hub.OnConnect(func(context.Context, *wsx.Connection) error { t.Error("OnConnect was called"); return nil })
		hub.OnDisconnect(func(*wsx.Connection, error) { t.Error("OnDisconnect was called") })
		for range 3 {
			r := httptest.NewRequest(http.MethodGet, "/ws", nil)
			header("Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")(r)
			w := failingHijacker{httptest.NewRecorder()}
			hub.ServeHTTP(w, r)
			assert.NotEqual(t, http.StatusServiceUnavailable, w.Code, "the place is free again")
			assert.Zero(t, hub.Count())
		}
		assert.NoError(t, hub.Shutdown(t.Context()), "nobody is left to wait for")
	})
}

// A browser that leaves during the handshake is nothing that net/http should complain of.
func TestABrowserThatIsGoneWhenItsHandshakeIsAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	var log journal
	done := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		s.hub.ServeHTTP(goneHijacker{w}, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(&log, nil), slog.LevelError)
	server.Start()
	defer server.Close()
	_, err := http.DefaultClient.Do(upgradeOf(t, server.URL))
	require.Error(t, err)
	<-done
	assert.Empty(t, log.String())
	assert.Zero(t, s.hub.Count())
}

// A goneHijacker gives away a socket that is closed already.
type goneHijacker struct{ http.ResponseWriter }

func (g goneHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(g.ResponseWriter).Hijack()
	if err == nil {
		err = conn.Close()
	}
	return conn, buffered, err
}

func upgradeOf(t *testing.T, url string) *http.Request {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	header("Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")(r)
	return r
}

// An unwrapping hides everything of w but Unwrap.
type unwrapping struct{ w http.ResponseWriter }

func (u unwrapping) Unwrap() http.ResponseWriter { return u.w }
func (u unwrapping) Header() http.Header         { return u.w.Header() }
func (u unwrapping) WriteHeader(status int)      { u.w.WriteHeader(status) }
func (u unwrapping) Write(p []byte) (int, error) { return u.w.Write(p) }

type failingHijacker struct{ *httptest.ResponseRecorder }

func (failingHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, errRefused }
