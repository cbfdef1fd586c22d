package acceptance

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// moments are when connections were closed, from the test's start.
type moments struct {
	mu  sync.Mutex
	all []time.Duration
}

func (m *moments) add(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, d)
}

func (m *moments) list() []time.Duration {
	synctest.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all
}

// idling runs a test with a hub that closes who is idle for so long.
func idling(timeout time.Duration, do func(t *testing.T, hub *wsx.Hub, closed *moments)) func(*testing.T) {
	return func(t *testing.T) {
		bubble(t, &wsx.Options{IdleTimeout: timeout, PingInterval: time.Second}, func(t *testing.T, hub *wsx.Hub) {
			start := time.Now()
			closed := new(moments)
			hub.On("ok", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
			hub.OnDisconnect(func(_ *wsx.Connection, cause error) {
				if errors.Is(cause, wsx.ErrIdle) {
					closed.add(time.Since(start))
				}
			})
			do(t, hub, closed)
		})
	}
}

func TestIdleTimeout(t *testing.T) {
	t.Run("is exact, and pings do not postpone it", idling(time.Minute, func(t *testing.T, hub *wsx.Hub, closed *moments) {
		b := wsxtest.Open(t, hub, nil)
		pass(time.Minute - 1)
		assert.Equal(t, 1, hub.Count())
		pass(1)
		assert.Equal(t, []time.Duration{time.Minute}, closed.list())
		code, _ := b.Closed()
		assert.Equal(t, 4001, code)
		assert.Zero(t, hub.Count())
	}))
	t.Run("counts from the last request", idling(time.Minute, func(t *testing.T, hub *wsx.Hub, closed *moments) {
		b := wsxtest.Open(t, hub, nil)
		for range 10 {
			pass(59 * time.Second)
			b.Ask("ok", nil)
		}
		pass(time.Minute - 1)
		assert.Empty(t, closed.list())
		pass(1)
		assert.Equal(t, []time.Duration{10*59*time.Second + time.Minute}, closed.list())
	}))
	t.Run("is not postponed by what is no request, nor by what is sent", idling(time.Minute, func(t *testing.T, hub *wsx.Hub, closed *moments) {
		b := wsxtest.Open(t, hub, nil)
		for range 5 {
			pass(10 * time.Second)
			b.Write(`{"type":"hello"}`)
			b.Write(`{"type":"something"}`)
			b.Write(`no frame at all`)
			require.NoError(t, hub.Broadcast("#a", "x", wsx.Inner))
		}
		pass(time.Hour)
		assert.Equal(t, []time.Duration{time.Minute}, closed.list())
	}))
	t.Run("is each connection's own", idling(time.Minute, func(t *testing.T, hub *wsx.Hub, closed *moments) {
		var tabs []*wsxtest.Browser
		for range 5 {
			tabs = append(tabs, wsxtest.Open(t, hub, nil))
			pass(time.Second)
		}
		tabs[0].Ask("ok", nil) // at 5 s: now it is the last one
		tabs[1].Close()
		pass(time.Hour)
		assert.Equal(t, []time.Duration{62 * time.Second, 63 * time.Second, 64 * time.Second, 65 * time.Second}, closed.list())
	}))
	t.Run("hits all in one moment, if that is when they came", idling(time.Minute, func(t *testing.T, hub *wsx.Hub, closed *moments) {
		for range 100 {
			wsxtest.Open(t, hub, nil)
		}
		pass(time.Minute)
		assert.Zero(t, hub.Count())
		assert.Len(t, closed.list(), 100)
	}))
	t.Run("is off by default", idling(0, func(t *testing.T, hub *wsx.Hub, closed *moments) {
		wsxtest.Open(t, hub, nil)
		pass(10 * time.Minute)
		assert.Empty(t, closed.list())
		assert.Equal(t, 1, hub.Count())
	}))
}
