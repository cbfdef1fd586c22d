package acceptance

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// endings are what OnDisconnect was called with.
type endings struct {
	mu     sync.Mutex
	causes []error
}

func (e *endings) list() []error {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.causes
}

// inbound runs a test in fake time with a hub that limits what browsers send, and has a handler that answers at once.
func inbound(limit wsx.Limit, do func(t *testing.T, hub *wsx.Hub, ended *endings)) func(*testing.T) {
	return func(t *testing.T) {
		bubble(t, &wsx.Options{Inbound: limit, MaxMessage: 1000}, func(t *testing.T, hub *wsx.Hub) {
			hub.On("ok", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
			ended := new(endings)
			hub.OnDisconnect(func(_ *wsx.Connection, cause error) {
				ended.mu.Lock()
				defer ended.mu.Unlock()
				ended.causes = append(ended.causes, cause)
			})
			do(t, hub, ended)
		})
	}
}

// flood writes the frame until the connection has ended, and returns when that was and how.
func flood(b *wsxtest.Browser, frame string) (after time.Duration, code int, reason string) {
	start := time.Now()
	for b.Conn().Context().Err() == nil {
		b.Write(frame)
	}
	after = time.Since(start)
	code, reason = b.Closed()
	return after, code, reason
}

func TestInbound(t *testing.T) {
	few := wsx.Limit{PerSecond: 10, Burst: 20}
	const control = `{"type":"nothing that anybody knows"}`

	t.Run("lets a burst pass, and reads what is over it later", inbound(few, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		b := wsxtest.Open(t, hub, nil)
		start := time.Now()
		for range 19 { // the browser's hello was the first message
			b.Ask("ok", nil)
		}
		assert.Zero(t, time.Since(start))
		for range 40 {
			b.Ask("ok", nil)
		}
		assert.InDelta(t, 4.0, time.Since(start).Seconds(), 0.2)
		assert.Empty(t, ended.list())
	}))
	t.Run("closes a browser that keeps sending more for five seconds", inbound(few, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		b := wsxtest.Open(t, hub, nil)
		after, code, reason := flood(b, control)
		assert.Equal(t, 4029, code)
		assert.Equal(t, "too many requests", reason)
		assert.InDelta(t, 5.0, after.Seconds(), 0.2)
		require.Len(t, ended.list(), 1)
		assert.ErrorIs(t, ended.list()[0], wsx.ErrRate)
		assert.ErrorIs(t, context.Cause(b.Conn().Context()), wsx.ErrRate)
		assert.Equal(t, uint64(1), hub.Stats().Closed["4029"])
	}))
	t.Run("forgives excess that pauses", inbound(few, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		b := wsxtest.Open(t, hub, nil)
		for range 5 {
			for range 50 {
				b.Write(control)
			}
			pass(time.Minute)
		}
		b.Ask("ok", nil)
		assert.Empty(t, ended.list())
	}))
	t.Run("never minds what stays below", inbound(few, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		b := wsxtest.Open(t, hub, nil)
		for range 1000 {
			b.Ask("ok", nil)
			pass(100 * time.Millisecond)
		}
		assert.Empty(t, ended.list())
	}))
	t.Run("counts bytes too", inbound(wsx.Limit{PerSecond: -1, BytesPerSecond: 1000}, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		b := wsxtest.Open(t, hub, nil)
		start := time.Now()
		for range 5 {
			b.Write(`{"type":"` + strings.Repeat("x", 240) + `"}`)
		}
		b.Ask("ok", nil)
		assert.InDelta(t, 0.5, time.Since(start).Seconds(), 0.25, "a second's worth is saved up")
		_, code, _ := flood(b, `{"type":"`+strings.Repeat("x", 240)+`"}`)
		assert.Equal(t, 4029, code)
	}))
	t.Run("leaves all others alone", inbound(few, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		good, bad := wsxtest.Open(t, hub, nil), wsxtest.Open(t, hub, nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			flood(bad, control)
		}()
		for range 40 {
			start := time.Now()
			good.Ask("ok", nil)
			assert.Zero(t, time.Since(start))
			pass(200 * time.Millisecond)
		}
		<-done
		require.Len(t, ended.list(), 1)
		assert.ErrorIs(t, ended.list()[0], wsx.ErrRate)
		good.Ask("ok", nil)
	}))
	t.Run("does not take its own waiting for a browser that has died", inbound(wsx.Limit{PerSecond: 1.0 / 60, Burst: 2}, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		b := wsxtest.OpenMute(t, hub, nil) // in memory, an answer that is not read would block
		for range 3 {
			b.Write(control) // one too many: nothing is read for a minute, so no pong either
		}
		pass(59 * time.Second)
		assert.Empty(t, ended.list())
		pass(time.Minute)
		assert.Len(t, ended.list(), 1, "now it reads, and there is no pong")
	}))
	t.Run("has no bound where it is negative", inbound(wsx.Limit{PerSecond: -1, BytesPerSecond: -1}, func(t *testing.T, hub *wsx.Hub, ended *endings) {
		b := wsxtest.Open(t, hub, nil)
		start := time.Now()
		for range 2000 {
			b.Write(control)
		}
		b.Ask("ok", nil)
		assert.Zero(t, time.Since(start))
	}))
	t.Run("takes no number for a rate that is none", func(t *testing.T) {
		assert.PanicsWithValue(t, "wsx: Options.Inbound.PerSecond: not a number", func() {
			wsx.New(&wsx.Options{Inbound: wsx.Limit{PerSecond: math.NaN()}})
		})
	})
}
