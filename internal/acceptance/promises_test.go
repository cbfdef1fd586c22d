package acceptance

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// What the documentation of the original promises of servers and works here, by the rows of docs/guide/migrating.md. What it promises of
// its client is in client/test/promises.test.js.
func TestPromisesOfTheOriginal(t *testing.T) {
	var calls []string
	note := func(name string) wsx.Handler {
		return func(context.Context, *wsx.Request) (*wsx.Response, error) {
			calls = append(calls, name)
			return nil, nil
		}
	}
	open := func(t *testing.T) (*wsx.Hub, *wsxtest.Browser) {
		calls = nil
		hub := newHub(t, nil)
		hub.On("do", note("do"))
		return hub, wsxtest.Open(t, hub, nil)
	}
	inBubble(t, "original: on(name, fn), catch-all, broadcast, sendToConnection, getConnections", func(t *testing.T) {
		hub, b := open(t)
		hub.On("", note("catch-all"))
		b.Ask("do", nil)
		b.Ask("anything", nil)
		assert.Equal(t, []string{"do", "catch-all"}, calls)
		require.NoError(t, hub.Broadcast("#t", "all", wsx.Inner))
		require.NoError(t, hub.SendToConnection(b.Conn().ID(), "#t", "one", wsx.Inner))
		assert.EqualValues(t, "all", b.Next().HTML)
		assert.EqualValues(t, "one", b.Next().HTML)
		assert.Len(t, hub.GetConnections(), 1)
	})
	inBubble(t, "original: getConnection(id), getConnectionCount()", func(t *testing.T) {
		hub, b := open(t)
		c, ok := hub.GetConnection(b.Conn().ID())
		assert.True(t, ok)
		assert.Same(t, b.Conn(), c)
		assert.Equal(t, 1, hub.Count())
	})
	inBubble(t, "original: use, on(name, mw, fn), onError, onConnection, onDisconnection", func(t *testing.T) {
		hub, _ := open(t)
		around := func(next wsx.Handler) wsx.Handler {
			return func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
				calls = append(calls, "around")
				return next(ctx, r)
			}
		}
		hub.Use(around)
		hub.On("fail", around(func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, errors.New("no") }))
		hub.OnConnect(func(context.Context, *wsx.Connection) error { calls = append(calls, "connect"); return nil })
		hub.OnDisconnect(func(*wsx.Connection, error) { calls = append(calls, "disconnect") })
		hub.OnError(func(_ *wsx.Connection, handler string, err error) { calls = append(calls, handler+": "+err.Error()) })
		b := wsxtest.Open(t, hub, nil)
		b.AskError("fail", nil)
		b.Close()
		synctest.Wait()
		assert.Equal(t, []string{"connect", "around", "around", "fail: no", "disconnect"}, calls)
	})
	inBubble(t, "original: middleware with next()", func(t *testing.T) {
		hub, b := open(t)
		hub.Use(func(next wsx.Handler) wsx.Handler {
			return func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
				if string(r.Data) == `"no"` {
					return nil, wsx.UserErrorf("No.")
				}
				return next(ctx, r)
			}
		})
		b.AskError("do", "no")
		b.Ask("do", "yes")
		assert.Equal(t, []string{"do"}, calls)
	})
	inBubble(t, "original: ids of connections, \"generated securely\"", func(t *testing.T) {
		hub, b := open(t)
		_, one, _ := strings.Cut(b.Conn().ID(), "-")
		_, other, _ := strings.Cut(wsxtest.Open(t, hub, nil).Conn().ID(), "-")
		assert.GreaterOrEqual(t, len(one), 26) // of 32 letters each
		assert.NotEqual(t, one, other)
	})
	inBubble(t, "original: removeConnection", func(t *testing.T) {
		hub, b := open(t)
		b.Conn().Close(nil)
		b.Closed()
		assert.Zero(t, hub.Count())
	})
	inBubble(t, "original: ip, request, authenticated, lastActivity, close(code, reason)", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{Authenticate: func(r *http.Request) (wsx.Identity, error) {
			return wsx.Identity{User: r.Header.Get("Name")}, nil
		}})
		b := wsxtest.Open(t, hub, http.Header{"Name": {"ann"}})
		assert.Equal(t, "ann", b.Conn().User())
		assert.NotEmpty(t, b.Conn().RemoteAddr())
		assert.WithinDuration(t, time.Now(), b.Conn().LastActivity(), time.Minute)
		b.Conn().Close(wsx.UserErrorf("The shop is closed."))
		code, reason := b.Closed()
		assert.Equal(t, 4403, code)
		assert.Equal(t, "The shop is closed.", reason)
	})
	t.Run("original: maxConnections, maxMessageSize, ping, pong, timeouts, compression, CORS", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{
			MaxConnections: 1, MaxMessage: 100, PingInterval: time.Second, PongTimeout: time.Second, WriteTimeout: time.Second,
			HandlerTimeout: time.Second, IdleTimeout: time.Hour, Compression: true, Origins: []string{"https://shop.example"},
		})
		preflight := httptest.NewRequest(http.MethodOptions, "/live", nil)
		preflight.Header.Set("Origin", "https://shop.example")
		preflight.Header.Set("Access-Control-Request-Method", http.MethodPost)
		w := httptest.NewRecorder()
		hub.ServeHTTP(w, preflight)
		assert.Equal(t, "https://shop.example", w.Header().Get("Access-Control-Allow-Origin"))
	})
	t.Run("original: html with escaping", func(t *testing.T) {
		assert.EqualValues(t, "<b>&lt;i&gt; 0 false</b>", wsx.HTMLf("<b>%s %d %t</b>", "<i>", 0, false))
	})
}

var (
	promise = regexp.MustCompile(`(?m)^\| (.+?) \| works\b`)
	proof   = regexp.MustCompile("(?m)(?:promise|inBubble|t\\.Run)\\((?:t, )?([\"`])(?:original: )?(.*?)[\"`], ")
)

// What migrating.md says of the original's promises is what is tested, in these words.
func TestWhatWorksOfTheOriginalIsTested(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guide/migrating.md")
	require.NoError(t, err)
	ofTheOriginal, _, _ := strings.Cut(string(guide), "## From htmx")
	_, promises, found := strings.Cut(ofTheOriginal, "### The wire")
	require.True(t, found)
	var claimed, tested []string
	for _, row := range promise.FindAllStringSubmatch(promises, -1) {
		claimed = append(claimed, strings.ReplaceAll(row[1], "`", ""))
	}
	for _, path := range []string{"promises_test.go", "../../client/test/promises.test.js"} {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, name := range proof.FindAllStringSubmatch(string(source), -1) {
			tested = append(tested, strings.ReplaceAll(name[2], `\"`, `"`))
		}
	}
	assert.ElementsMatch(t, claimed, tested)
}
