package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		field string
		opts  wsx.Options
	}{
		{"MaxMessage", wsx.Options{MaxMessage: -1}},
		{"QueueBytes", wsx.Options{QueueBytes: -1}},
		{"QueueFrames", wsx.Options{QueueFrames: -1}},
		{"WriteTimeout", wsx.Options{WriteTimeout: -1}},
		{"Origins", wsx.Options{Origins: []string{"https://good.example", ""}}},
		{"Origins", wsx.Options{Origins: []string{"app.example"}}},
		{"Origins", wsx.Options{Origins: []string{"app.example:443"}}},
		{"Origins", wsx.Options{Origins: []string{"https://app.example/"}}},
		{"Origins", wsx.Options{Origins: []string{"https://app.example/path"}}},
		{"Origins", wsx.Options{Origins: []string{"https://app.example?a=b"}}},
		{"Origins", wsx.Options{Origins: []string{"https://user@app.example"}}},
		{"Origins", wsx.Options{Origins: []string{"https://"}}},
		{"Origins", wsx.Options{Origins: []string{"null"}}},
		{"Origins", wsx.Options{Origins: []string{"*"}}},
		{"Origins", wsx.Options{Origins: []string{"https://*.app.example"}}},
		{"TrustedProxies", wsx.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), {}}}},
	} {
		t.Run(one.field, func(t *testing.T) {
			t.Parallel()
			defer func() {
				message := fmt.Sprint(recover())
				assert.Contains(t, message, "wsx: Options."+one.field+":", "the panic names the field")
			}()
			wsx.New(&one.opts)
		})
	}
}

func TestOptionsMayBeSwitchedOff(t *testing.T) {
	t.Parallel()
	hub := wsx.New(&wsx.Options{
		PingInterval: -1, PongTimeout: -1, HandlerTimeout: -1, ShutdownTimeout: -1,
		MaxConnections: -1, MaxPerUser: -1, MaxPerAddr: -1, MaxRooms: -1,
	})
	assert.NoError(t, hub.Shutdown(t.Context()))
}

// TestOptionsAreCopied changes everything that it can of the options of a hub that is at work.
func TestOptionsAreCopied(t *testing.T) {
	t.Parallel()
	given := &wsx.Options{
		Authenticate:   asUser,
		Origins:        []string{"https://good.example"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		MaxPerUser:     1,
	}
	hub := newHub(t, given)
	s := &site{Server: httptest.NewServer(hub), hub: hub}
	t.Cleanup(s.Close)

	given.Origins[0], given.TrustedProxies[0] = "https://evil.example", netip.MustParsePrefix("10.0.0.0/8")
	*given = wsx.Options{MaxPerUser: 100, Authenticate: func(*http.Request) (wsx.Identity, error) { return wsx.Identity{}, errRefused }}

	change := header("Origin", "https://good.example", "User", "alice", "X-Forwarded-For", "198.51.100.1")
	got := s.ask(t, change)
	require.Equal(t, switching, got.status)
	assert.Equal(t, refused, s.ask(t, header("Origin", "https://evil.example")).status)
	assert.Equal(t, tooMany, s.ask(t, change).status)
	all := s.hub.GetConnections(wsx.User("alice"))
	require.Len(t, all, 1)
	assert.Equal(t, "198.51.100.1", all[0].RemoteAddr())
}

func TestOptionsAreNotChanged(t *testing.T) {
	t.Parallel()
	opts := wsx.Options{Origins: []string{"HTTPS://App.Example:443"}}
	wsx.New(&opts)
	assert.Equal(t, wsx.Options{Origins: []string{"HTTPS://App.Example:443"}}, opts)
}

func TestIdentityIsCopied(t *testing.T) {
	inBubble(t, "its maps and slices may be shared and changed", func(t *testing.T) {
		shared := wsx.Identity{User: "alice", Rooms: []string{"tea"}, Tags: map[string]string{"role": "admin"}}
		hub := newHub(t, &wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) { return shared, nil }})
		first, second := wsxtest.Open(t, hub, nil).Conn(), wsxtest.Open(t, hub, nil).Conn()
		first.SetTag("role", "guest")
		shared.Tags["role"], shared.Rooms[0] = "king", "milk"
		assert.Equal(t, "guest", first.Tag("role"))
		assert.Equal(t, "admin", second.Tag("role"))
		assert.Equal(t, 2, hub.Count(wsx.Room("tea")))
		assert.Equal(t, 2, hub.Count(wsx.User("alice")))
	})
	inBubble(t, "an empty tag is none", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) {
			return wsx.Identity{Tags: map[string]string{"role": ""}, Rooms: []string{"tea", "tea"}}, nil
		}})
		c := wsxtest.Open(t, hub, nil).Conn()
		assert.Zero(t, hub.Count(wsx.Tag("role")), "as with SetTag")
		assert.Equal(t, []string{"tea"}, c.Rooms())
	})
}

func TestDefaultOptions(t *testing.T) {
	inBubble(t, "nil and the zero value are ready", func(t *testing.T) {
		for _, opts := range []*wsx.Options{nil, {}} {
			hub := wsx.New(opts)
			c := wsxtest.Open(t, hub, nil).Conn()
			assert.Empty(t, c.User(), "everybody is anonymous")
			assert.Empty(t, c.Rooms())
			require.NoError(t, hub.Shutdown(t.Context()))
		}
	})
	inBubble(t, "the log is slog's", func(t *testing.T) {
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		hub := wsx.New(nil)
		slog.SetDefault(before)
		hub.On("fail", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, errRefused })
		b := wsxtest.Open(t, hub, nil)
		b.AskError("fail", nil)
		require.NoError(t, hub.Shutdown(t.Context()))
		assert.Contains(t, log.String(), errRefused.Error())
	})
	inBubble(t, "128 rooms", func(t *testing.T) {
		c := newCrowd(t, "alice")
		c.join("alice", manyRooms(128)...)
		assert.ErrorIs(t, c.conn("alice").Join(t.Context(), "one more"), wsx.ErrRoom)
		assert.NoError(t, c.conn("alice").Join(t.Context(), "room0"), "it is there already")
		c.conn("alice").Leave("room0")
		assert.NoError(t, c.conn("alice").Join(t.Context(), "one more"))
	})
	inBubble(t, "no message over half of 1 MiB", func(t *testing.T) {
		hub := newHub(t, nil)
		assert.NoError(t, hub.Broadcast("#a", wsx.Text(strings.Repeat("x", 1<<19-200)), wsx.Inner))
		assert.ErrorIs(t, hub.Broadcast("#a", wsx.Text(strings.Repeat("x", 1<<19)), wsx.Inner), wsx.ErrTooLarge)
	})
}

func TestQueueOptions(t *testing.T) {
	stalled := func(t *testing.T, opts *wsx.Options) (c *wsx.Connection, cause func() error) {
		hub := newHub(t, opts)
		var why error
		hub.OnDisconnect(func(_ *wsx.Connection, cause error) { why = cause })
		browser := dialPipe(t, hub) // it reads no more
		c = browser.conn(hub)
		require.NoError(t, c.Send("#a", "the writer waits with this one", wsx.Inner))
		synctest.Wait()
		return c, func() error { synctest.Wait(); return why }
	}
	for what, one := range map[string]struct {
		opts *wsx.Options
		want int
	}{
		"16,384 messages": {&wsx.Options{QueueBytes: 1 << 30}, 16384},
		"fewer messages":  {&wsx.Options{QueueFrames: 3}, 3},
	} {
		inBubble(t, what+" may wait", func(t *testing.T) {
			c, cause := stalled(t, one.opts)
			for n := range one.want {
				require.NoError(t, c.Send("#a", "", wsx.Append), n)
			}
			assert.NoError(t, cause())
			assert.ErrorIs(t, c.Send("#a", "", wsx.Append), wsx.ErrNotConnected)
			assert.ErrorIs(t, cause(), wsx.ErrSlow)
		})
	}
	inBubble(t, "1 MiB may wait", func(t *testing.T) {
		c, cause := stalled(t, nil)
		html := wsx.Text(strings.Repeat("x", 1<<17))
		for range 7 {
			require.NoError(t, c.Send("#a", html, wsx.Append))
		}
		assert.NoError(t, cause())
		assert.ErrorIs(t, c.Send("#a", html, wsx.Append), wsx.ErrNotConnected)
		assert.ErrorIs(t, cause(), wsx.ErrSlow)
	})
	inBubble(t, "5 s may a write take", func(t *testing.T) {
		c, cause := stalled(t, nil)
		start := time.Now()
		<-c.Context().Done()
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.ErrorIs(t, cause(), wsx.ErrSlow)
	})
}

func TestOptionsSwitchedOff(t *testing.T) {
	inBubble(t, "MaxRooms", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{MaxRooms: -1})
		c := wsxtest.Open(t, hub, nil).Conn()
		for _, room := range manyRooms(500) {
			require.NoError(t, c.Join(t.Context(), room))
		}
		assert.Len(t, c.Rooms(), 500)
	})
	inBubble(t, "HandlerTimeout", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{HandlerTimeout: -1})
		hub.On("slow", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			_, limited := ctx.Deadline()
			assert.False(t, limited)
			return nil, nil
		})
		wsxtest.Open(t, hub, nil).Ask("slow", nil)
	})
	inBubble(t, "PingInterval and PongTimeout", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{PingInterval: -1})
		silent := wsxtest.OpenMute(t, hub, nil)
		patient := newHub(t, &wsx.Options{PongTimeout: -1})
		mute := wsxtest.OpenMute(t, patient, nil)
		time.Sleep(24 * time.Hour)
		assert.NoError(t, silent.Conn().Context().Err())
		assert.NoError(t, mute.Conn().Context().Err())
	})
	inBubble(t, "ShutdownTimeout", func(t *testing.T) {
		for window, want := range map[time.Duration]time.Duration{0: 10 * time.Second, -1: time.Minute, time.Second: time.Second} {
			hub := wsx.New(&wsx.Options{ShutdownTimeout: window})
			hub.On("slow", func(context.Context, *wsx.Request) (*wsx.Response, error) { time.Sleep(time.Minute); return nil, nil })
			b := wsxtest.Open(t, hub, nil)
			b.Write(`{"id":"1","handler":"slow"}`)
			synctest.Wait()
			start := time.Now()
			assert.NoError(t, hub.Shutdown(context.Background()))
			assert.Equal(t, want, time.Since(start))
			time.Sleep(time.Minute)
		}
	})
}
