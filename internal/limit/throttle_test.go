package limit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const grace = 5 * time.Second

// inBubble runs a subtest whose clock is its own.
func inBubble(t *testing.T, name string, do func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, do) })
}

// waited returns how long the throttle makes a browser wait.
func waited(t *testing.T, throttle *Throttle) time.Duration {
	begin := time.Now()
	require.False(t, throttle.Wait(t.Context()))
	return time.Since(begin).Round(time.Millisecond)
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	inBubble(t, "lets a burst of messages pass, then the rate", func(t *testing.T) {
		throttle := NewThrottle(Rates{PerSecond: 10, Burst: 3, BytesPerSecond: -1}, 1000, grace)
		for range 3 {
			throttle.Message()
			assert.Zero(t, waited(t, throttle))
		}
		throttle.Message()
		assert.Equal(t, 100*time.Millisecond, waited(t, throttle))
	})
	inBubble(t, "counts bytes, of which a message may always come at once", func(t *testing.T) {
		throttle := NewThrottle(Rates{PerSecond: -1, BytesPerSecond: 100}, 1000, grace)
		assert.Equal(t, 1000, throttle.MaxRead())
		throttle.Bytes(1000)
		assert.Zero(t, waited(t, throttle))
		throttle.Bytes(50)
		assert.Equal(t, 500*time.Millisecond, waited(t, throttle))
	})
	inBubble(t, "bounds nothing where a rate is negative", func(t *testing.T) {
		for _, rates := range []Rates{{PerSecond: -1, Burst: 1, BytesPerSecond: -1}, {PerSecond: 1, Burst: -1, BytesPerSecond: -1}} {
			throttle := NewThrottle(rates, 1000, grace)
			for range 1000 {
				throttle.Message()
				throttle.Bytes(1000)
			}
			assert.Zero(t, waited(t, throttle))
		}
	})
	inBubble(t, "stops waiting when the context ends", func(t *testing.T) {
		throttle := NewThrottle(Rates{PerSecond: 1, Burst: 1, BytesPerSecond: -1}, 1000, grace)
		throttle.Message()
		throttle.Message()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		begin := time.Now()
		assert.False(t, throttle.Wait(ctx))
		assert.Equal(t, 300*time.Millisecond, time.Since(begin))
	})
	inBubble(t, "waits no longer than asked", func(t *testing.T) {
		throttle := NewThrottle(Rates{PerSecond: 1, Burst: 1, BytesPerSecond: -1}, 1000, grace)
		for range 10 {
			throttle.Message()
		}
		begin := time.Now()
		throttle.WaitAtMost(2 * time.Second)
		assert.Equal(t, 2*time.Second, time.Since(begin))
	})
}

// On a busy machine reads come late, by a little more than what they had to wait for. That is not a pause of the browser's.
func TestThrottleEndsAFloodOnABusyMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttle := NewThrottle(Rates{PerSecond: 10, Burst: 20, BytesPerSecond: -1}, 1000, grace)
		start := time.Now()
		for i := 0; !throttle.Wait(t.Context()); i++ {
			require.Less(t, i, 1000, "never ended")
			if i%7 == 0 {
				time.Sleep(110 * time.Millisecond)
			}
			throttle.Message()
		}
		assert.InDelta(t, 5, time.Since(start).Seconds(), 1.5)
	})
}

func TestThrottleForgivesAfterAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttle := NewThrottle(Rates{PerSecond: 10, Burst: 20, BytesPerSecond: -1}, 1000, grace)
		for range 10 { // in all, much longer than the grace
			for range 50 {
				throttle.Message()
				require.False(t, throttle.Wait(t.Context()))
			}
			time.Sleep(time.Second)
			require.False(t, throttle.Wait(t.Context()))
		}
	})
}
