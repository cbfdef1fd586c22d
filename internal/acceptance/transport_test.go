package acceptance

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

type connector = func(*site, testing.TB, ...func(*http.Request)) down

func TestRequestsAreAnsweredOverEveryTransport(t *testing.T) {
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{PingInterval: -1}, false)
		s.hub.On("echo", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.Text(string(r.Data))), nil
		})
		s.hub.On("nothing", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
		s.hub.On("problem", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, wsx.UserErrorf("a < b") })
		c := connect(s, t)
		for _, one := range []struct{ up, down string }{
			{`{"id":"1","handler":"echo","target":"#a","data":{"x":1},"swap":"beforeend"}`, `{"id":"1","target":"#a","html":"{&#34;x&#34;:1}","swap":"beforeend"}`},
			{`{"id":"2","handler":"nothing"}`, `{"type":"ack","id":"2"}`},
			{`{"id":"3","handler":"problem"}`, `{"type":"error","id":"3","code":"user","html":"a &lt; b"}`},
			{`{"id":"4","handler":"missing"}`, `{"type":"error","id":"4","code":"unknown"}`},
			{`{"id":"5","handler":1}`, `{"type":"error","id":"5","code":"bad_request"}`},
			{`{"type":"of the future"}` + "", ``},
		} {
			c.send(one.up)
			if one.down != "" {
				assert.Equal(t, one.down, c.next())
			}
		}
		c.leave()
	})
}

func TestBroadcastsArriveInOrderOverEveryTransport(t *testing.T) {
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{PingInterval: -1}, false)
		c := connect(s, t)
		require.NoError(t, c.conn(s.hub).Join(t.Context(), "tea"))
		const n = 500
		for i := range n {
			long := template.HTML(strings.Repeat("x", 1000))
			require.NoError(t, s.hub.Broadcast("#a", template.HTML(fmt.Sprint(i))+long, wsx.Append, wsx.Room("tea")))
		}
		for i := range n {
			require.Contains(t, c.next(), fmt.Sprintf(`"html":"%dx`, i))
		}
		c.leave()
	})
}

func TestTheHooksAreTheSameOverEveryTransport(t *testing.T) {
	key := wsx.NewKey[string]("name")
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{Authenticate: asUser}, false)
		heard := new(diary)
		s.hub.OnConnect(func(_ context.Context, c *wsx.Connection) error {
			key.Set(c, c.User())
			heard.note("connect %s", c.User())
			return nil
		})
		s.hub.On("late", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			heard.note("request %s", r.ID)
			return nil, nil
		})
		s.hub.OnDisconnect(func(c *wsx.Connection, cause error) {
			name, _ := key.Get(c)
			heard.note("disconnect %s: %v", name, cause)
		})
		c := connect(s, t, as("alice"))
		assert.Equal(t, 1, s.hub.Count(wsx.User("alice")))
		c.send(`{"id":"1","handler":"late"}`)
		waitUntil(t, "the request is handled", func() bool { return len(heard.read()) == 2 })
		c.leave()
		waitUntil(t, "it has ended", func() bool { return len(heard.read()) == 3 })
		assert.Equal(t, []string{"connect alice", "request 1", "disconnect alice: <nil>"}, heard.read())
		assert.Zero(t, s.hub.Count())
	})
}

// TestEndingsAreTheSameOverEveryTransport ends connections from the server's side.
func TestEndingsAreTheSameOverEveryTransport(t *testing.T) {
	soon := func(r *http.Request) (wsx.Identity, error) {
		return wsx.Identity{Expires: time.Now().Add(time.Second)}, nil
	}
	for what, one := range map[string]struct {
		opts   wsx.Options
		end    func(*site, down)
		code   int
		reason string
		cause  error
	}{
		"Close with a UserError": {end: func(s *site, c down) { c.conn(s.hub).Close(wsx.UserErrorf(`"no" — stay away`)) }, code: 4403, reason: `"no" — stay away`},
		"Disconnect":             {end: func(s *site, c down) { _ = s.hub.Disconnect(errRefused) }, code: 4401, cause: errRefused},
		"Shutdown":               {end: func(s *site, c down) { go s.hub.Shutdown(context.Background()) }, code: 1012, cause: wsx.ErrClosed},
		"the identity expires":   {opts: wsx.Options{Authenticate: soon}, code: 4401, cause: wsx.ErrExpired},
		"idle":                   {opts: wsx.Options{IdleTimeout: 50 * time.Millisecond}, code: 4001, cause: wsx.ErrIdle},
		"ten bad frames":         {end: func(s *site, c down) { c.send(`1`, `2`, `3`, `4`, `5`, `6`, `7`, `8`, `9`, `10`) }, code: 1008, reason: "too many bad frames"},
		"Close without a cause":  {end: func(s *site, c down) { c.conn(s.hub).Close(nil) }, code: 4401},
	} {
		t.Run(what, func(t *testing.T) {
			overEach(t, func(t *testing.T, connect connector) {
				s := newSite(t, one.opts, false)
				causes := make(chan error, 1)
				s.hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes <- cause })
				c := connect(s, t)
				if one.end != nil {
					one.end(s, c)
				}
				code, reason := c.closed()
				assert.Equal(t, one.code, code)
				assert.Equal(t, one.reason, reason)
				if cause := <-causes; one.cause != nil {
					assert.ErrorIs(t, cause, one.cause)
				}
			})
		})
	}
}

func TestWhatIsQueuedLeavesBeforeTheGoodbyeOverEveryTransport(t *testing.T) {
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{PingInterval: -1}, false)
		c := connect(s, t)
		require.NoError(t, s.hub.SendToConnection(c.conn(s.hub).ID(), "#a", "the last word", wsx.Inner))
		c.conn(s.hub).Close(nil)
		assert.Contains(t, c.next(), "the last word")
		code, _ := c.closed()
		assert.Equal(t, 4401, code)
	})
}

func TestOnConnectRefusesOverEveryTransport(t *testing.T) {
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{}, false)
		s.hub.OnConnect(func(context.Context, *wsx.Connection) error { return wsx.UserErrorf("closed on Sundays") })
		code, reason := connect(s, t).closed()
		assert.Equal(t, 4403, code)
		assert.Equal(t, "closed on Sundays", reason)
	})
}

func TestTooManyRequestsOverEveryTransport(t *testing.T) {
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{Inbound: wsx.Limit{PerSecond: 20, Burst: 5}}, false)
		causes := make(chan error, 1)
		s.hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes <- cause })
		c := connect(s, t)
		begin := time.Now()
		flooded := make(chan struct{})
		var over atomic.Bool
		go func() {
			defer close(flooded)
			for !over.Load() { // a busy machine may read one flood so late that it lets it through
				c.flood(`{"type":"x"}`, 300)
			}
		}()
		code, _ := c.closed()
		over.Store(true)
		assert.Equal(t, 4029, code)
		assert.ErrorIs(t, <-causes, wsx.ErrRate)
		assert.Greater(t, time.Since(begin), 4*time.Second, "it was slowed down first")
		<-flooded
	})
}

// begins are the requests that begin a connection, without a client that reads it.
var begins = map[string]func(*http.Request){
	"WebSocket": header("Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
	"events":    header("Accept", "text/event-stream"),
	"polls":     header("Accept", "application/json"),
	"a frame":   func(r *http.Request) { r.Method = http.MethodPost; r.Header.Set("Content-Type", "application/json") },
	"a form": func(r *http.Request) {
		r.Method = http.MethodPost
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	},
}

func TestRefusalsAreTheSameOverEveryTransport(t *testing.T) {
	t.Parallel()
	for what, one := range map[string]struct {
		opts   wsx.Options
		change func(*http.Request)
		want   int
	}{
		"a foreign origin":          {change: header("Origin", "https://evil.example"), want: 403},
		"the origin null":           {change: header("Origin", "null"), want: 403},
		"another site, no origin":   {change: header("Sec-Fetch-Site", "cross-site"), want: 403},
		"an error of Authenticate":  {opts: wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) { return wsx.Identity{}, errRefused }}, want: 403},
		"a panic of Authenticate":   {opts: wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) { panic("secret") }}, want: 500},
		"an identity that expired":  {opts: wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) { return wsx.Identity{Expires: time.Now()}, nil }}, want: 403},
		"too many connections":      {opts: wsx.Options{MaxConnections: 1}, want: 503},
		"too many of one user":      {opts: wsx.Options{MaxPerUser: 1, Authenticate: asUser}, change: as("alice"), want: 429},
		"too many from one address": {opts: wsx.Options{MaxPerAddr: 1}, want: 429},
	} {
		if one.change == nil {
			one.change = header()
		}
		for name, begin := range begins {
			t.Run(what+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, one.opts, false)
				if strings.HasPrefix(what, "too many") {
					s.stream(t, one.change)
				}
				got := s.do(t, http.MethodGet, "", begin, one.change)
				assert.Equal(t, one.want, got.status)
				assert.Equal(t, http.StatusText(one.want)+"\n", got.body, "no word of why")
				assert.Empty(t, got.header.Get("Access-Control-Allow-Origin"))
				if one.want == 503 {
					assert.NotEmpty(t, got.header.Get("Retry-After"))
				}
			})
		}
	}
}

func TestShutdownRefusesEveryTransport(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	require.NoError(t, s.hub.Shutdown(t.Context()))
	for name, begin := range begins {
		got := s.do(t, http.MethodGet, "", begin)
		assert.Equal(t, http.StatusServiceUnavailable, got.status, name)
		assert.NotEmpty(t, got.header.Get("Retry-After"), name)
	}
}

func TestAConnectionThatEndedGivesItsPlaceBackOverEveryTransport(t *testing.T) {
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{MaxConnections: 1}, false)
		connect(s, t).leave()
		s.eventuallyStatus(t, switching)
	})
}

func TestSendingAfterTheEndOverEveryTransport(t *testing.T) {
	overEach(t, func(t *testing.T, connect connector) {
		s := newSite(t, wsx.Options{}, false)
		c := connect(s, t)
		conn := c.conn(s.hub)
		conn.Close(nil)
		c.closed()
		assert.ErrorIs(t, conn.Send("#a", "x", wsx.Inner), wsx.ErrNotConnected)
		assert.ErrorIs(t, conn.Join(t.Context(), "tea"), wsx.ErrNotConnected)
		assert.True(t, errors.Is(conn.Context().Err(), context.Canceled))
	})
}
