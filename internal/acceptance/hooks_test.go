package acceptance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// everyMethod holds a call of each method that a hook may want, with the hub and the connection of the hook.
var everyMethod = map[string]func(*wsx.Hub, *wsx.Connection) error{
	"On": func(h *wsx.Hub, c *wsx.Connection) error {
		h.On("from the hook of "+c.ID(), func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
		return nil
	},
	"Use": func(h *wsx.Hub, _ *wsx.Connection) error {
		h.Use(func(next wsx.Handler) wsx.Handler { return next })
		return nil
	},
	"OnConnect": func(h *wsx.Hub, _ *wsx.Connection) error {
		h.OnConnect(func(context.Context, *wsx.Connection) error { return nil })
		return nil
	},
	"OnDisconnect": func(h *wsx.Hub, _ *wsx.Connection) error {
		h.OnDisconnect(func(*wsx.Connection, error) {})
		return nil
	},
	"OnError": func(h *wsx.Hub, _ *wsx.Connection) error {
		h.OnError(func(*wsx.Connection, string, error) {})
		return nil
	},
	"Broadcast": func(h *wsx.Hub, _ *wsx.Connection) error {
		return h.Broadcast("#a", "x", wsx.Inner, wsx.Where(func(*wsx.Connection) bool { return true }))
	},
	"Publish": func(h *wsx.Hub, _ *wsx.Connection) error {
		return h.Publish(context.Background(), wsx.Message{Fragments: []wsx.Fragment{{Target: "#a", HTML: "x"}}}, wsx.Room("a"))
	},
	"SendToConnection": func(h *wsx.Hub, c *wsx.Connection) error {
		return ignoreGone(h.SendToConnection(c.ID(), "#a", "x", wsx.Inner))
	},
	"GetConnections": func(h *wsx.Hub, _ *wsx.Connection) error { h.GetConnections(wsx.User("u")); return nil },
	"Connections": func(h *wsx.Hub, _ *wsx.Connection) error {
		for c := range h.Connections() {
			c.SetTag("seen", "yes")
		}
		return nil
	},
	"GetConnection": func(h *wsx.Hub, c *wsx.Connection) error { h.GetConnection(c.ID()); return nil },
	"Count":         func(h *wsx.Hub, _ *wsx.Connection) error { h.Count(); return nil },
	"Stats":         func(h *wsx.Hub, _ *wsx.Connection) error { h.Stats(); return nil },
	"Disconnect":    func(h *wsx.Hub, c *wsx.Connection) error { return h.Disconnect(nil, wsx.User("nobody")) },
	"Shutdown": func(h *wsx.Hub, _ *wsx.Connection) error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := h.Shutdown(ctx); !errors.Is(err, context.Canceled) && err != nil {
			return err
		}
		return nil
	},
	"Connection.Send":  func(_ *wsx.Hub, c *wsx.Connection) error { return ignoreGone(c.Send("#a", "x", wsx.Inner)) },
	"Connection.Join":  func(_ *wsx.Hub, c *wsx.Connection) error { return ignoreGone(c.Join(context.Background(), "b")) },
	"Connection.Leave": func(_ *wsx.Hub, c *wsx.Connection) error { c.Leave("a"); return nil },
	"Connection.SetUser": func(_ *wsx.Hub, c *wsx.Connection) error {
		c.SetUser("other")
		return nil
	},
	"Connection.look": func(_ *wsx.Hub, c *wsx.Connection) error {
		_ = fmt.Sprint(c.ID(), c.User(), c.RemoteAddr(), c.Rooms(), c.Tag("x"), c.ConnectedAt(), c.LastActivity(), c.Context().Err())
		return nil
	},
	"Connection.SetLocation": func(_ *wsx.Hub, c *wsx.Connection) error { c.SetLocation(1, 2); return nil },
	"Connection.Close":       func(_ *wsx.Hub, c *wsx.Connection) error { c.Close(nil); return nil },
	"Key": func(_ *wsx.Hub, c *wsx.Connection) error {
		key := wsx.NewKey[int]("n")
		key.Set(c, 1)
		key.Get(c)
		return nil
	},
}

// ignoreGone forgives what a hook cannot know: that the connection has ended meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, wsx.ErrNotConnected) {
		return nil
	}
	return err
}

func TestEveryMethodMayBeCalledFromEveryHook(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(everyMethod)) {
		method := everyMethod[name]
		for hook, install := range map[string]func(*wsx.Hub, func(*wsx.Connection)){
			"OnConnect": func(h *wsx.Hub, do func(*wsx.Connection)) {
				h.OnConnect(func(_ context.Context, c *wsx.Connection) error { do(c); return nil })
			},
			"OnDisconnect": func(h *wsx.Hub, do func(*wsx.Connection)) {
				h.OnDisconnect(func(c *wsx.Connection, _ error) { do(c) })
			},
			"OnError": func(h *wsx.Hub, do func(*wsx.Connection)) {
				h.OnError(func(c *wsx.Connection, _ string, _ error) { do(c) })
			},
			"a handler": func(h *wsx.Hub, do func(*wsx.Connection)) {
				h.On("do", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) { do(r.Conn); return nil, nil })
			},
			"a middleware": func(h *wsx.Hub, do func(*wsx.Connection)) {
				h.Use(func(next wsx.Handler) wsx.Handler {
					return func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
						do(r.Conn)
						return next(ctx, r)
					}
				})
			},
		} {
			t.Run(name+" from "+hook, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					hub := newHub(t, nil)
					hub.On("fail", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, errRefused })
					var result atomic.Pointer[error]
					install(hub, func(c *wsx.Connection) {
						err := method(hub, c)
						result.CompareAndSwap(nil, &err)
					})
					b := wsxtest.Open(t, hub, nil)
					b.Write(`{"id":"1","handler":"do","target":"#a"}`)
					b.Write(`{"id":"2","handler":"fail","target":"#a"}`)
					synctest.Wait()
					b.Close()
					synctest.Wait()
					require.NotNil(t, result.Load(), "the hook has returned")
					assert.NoError(t, *result.Load())
				})
			})
		}
	}
}

func TestHooksComeInPairs(t *testing.T) {
	refuse := func(context.Context, *wsx.Connection) error { return errRefused }
	for name, test := range map[string]struct {
		connect func(context.Context, *wsx.Connection) error
		leave   func(*wsxtest.Browser)
		code    int
		cause   error
	}{
		"the browser leaves":            {leave: func(b *wsxtest.Browser) { b.Close() }, code: 1000},
		"OnConnect refuses":             {connect: refuse, code: 4401, cause: errRefused},
		"OnConnect refuses with a text": {connect: func(context.Context, *wsx.Connection) error { return wsx.UserErrorf("Full.") }, code: 4403},
		"OnConnect panics":              {connect: func(context.Context, *wsx.Connection) error { panic(errRefused) }, code: 1011, cause: errRefused},
		"the program closes":            {leave: func(b *wsxtest.Browser) { b.Conn().Close(errRefused) }, code: 4401, cause: errRefused},
		"the program closes twice": {leave: func(b *wsxtest.Browser) {
			b.Conn().Close(errRefused)
			b.Conn().Close(wsx.UserErrorf("second"))
		}, code: 4401, cause: errRefused},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := newHub(t, nil)
				var mu sync.Mutex
				var calls []string
				var causes []error
				note := func(s string) {
					mu.Lock()
					defer mu.Unlock()
					calls = append(calls, s)
				}
				if test.connect != nil {
					hub.OnConnect(test.connect)
				}
				hub.OnConnect(func(context.Context, *wsx.Connection) error { note("connect"); return nil })
				hub.OnDisconnect(func(c *wsx.Connection, cause error) {
					note("disconnect")
					causes = append(causes, cause)
					_, found := hub.GetConnection(c.ID())
					assert.False(t, found, "it is gone before OnDisconnect")
				})
				b := wsxtest.Open(t, hub, nil)
				synctest.Wait()
				if test.leave != nil {
					test.leave(b)
				}
				code, _ := b.Closed()
				synctest.Wait()
				assert.Equal(t, test.code, code)
				assert.Equal(t, []string{"connect", "disconnect"}, calls)
				if test.cause != nil {
					assert.ErrorIs(t, causes[0], test.cause)
				}
				assert.Equal(t, test.code == 1000, causes[0] == nil, "nil means that the browser left by itself")
				assert.Equal(t, map[string]uint64{fmt.Sprint(test.code): 1}, hub.Stats().Closed)
				assert.Zero(t, hub.Stats().Connections)
			})
		})
	}
}

func TestRequestsWaitForOnConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newHub(t, nil)
		key := wsx.NewKey[string]("ready")
		gate := make(chan struct{})
		hub.OnConnect(func(_ context.Context, c *wsx.Connection) error {
			<-gate
			key.Set(c, "yes")
			return nil
		})
		hub.On("ask", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			ready, _ := key.Get(r.Conn)
			return r.Reply(wsx.Text(ready)), nil
		})
		b := wsxtest.Open(t, hub, nil)
		assert.Equal(t, 1, hub.Count(), "it counts before OnConnect has returned")
		require.NoError(t, hub.Broadcast("#a", "early", wsx.Inner))
		assert.EqualValues(t, "early", b.Next().HTML, "and receives")
		time.AfterFunc(time.Second, func() { close(gate) })
		assert.EqualValues(t, "yes", b.Ask("ask", nil)[0].HTML)
	})
}

func TestOnDisconnectComesLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newHub(t, nil)
		var calls []string
		hub.On("long", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			<-ctx.Done()
			assert.ErrorIs(t, context.Cause(ctx), errRefused)
			<-time.After(time.Second) // of the bubble: it takes its time
			calls = append(calls, "handler returns")
			return nil, ctx.Err()
		})
		hub.OnDisconnect(func(*wsx.Connection, error) { calls = append(calls, "disconnect") })
		hub.OnError(func(_ *wsx.Connection, _ string, err error) {
			t.Errorf("a handler that stops when told is no error: %v", err)
		})
		b := wsxtest.Open(t, hub, nil)
		b.Write(`{"id":"1","handler":"long"}`)
		b.Write(`{"id":"2","handler":"long"}`)
		synctest.Wait()
		require.NoError(t, hub.Disconnect(errRefused))
		assert.Zero(t, hub.Count())
		b.Closed()
		require.NoError(t, hub.Shutdown(t.Context()))
		assert.Equal(t, []string{"handler returns", "disconnect"}, calls, "what waited is not handled any more")
	})
}

func TestAHandlerThatEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newHub(t, nil)
		hub.On("exit", func(context.Context, *wsx.Request) (*wsx.Response, error) { runtime.Goexit(); return nil, nil })
		b := wsxtest.Open(t, hub, nil)
		for range 2 {
			code, _ := b.AskError("exit", nil)
			assert.Equal(t, "internal", code)
		}
	})
}
