package wsx

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// On a busy machine reads come late, by a little more than what they had to wait for. That is no pause of the browser's.
func TestThrottleEndsAFloodOnABusyMachine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttle := newThrottle(Limit{PerSecond: 10, Burst: 20, BytesPerSecond: -1}, 1000)
		start := time.Now()
		for i := 0; !throttle.wait(t.Context()); i++ {
			require.Less(t, i, 1000, "never ended")
			if i%7 == 0 {
				time.Sleep(110 * time.Millisecond)
			}
			throttle.message()
		}
		assert.InDelta(t, 5, time.Since(start).Seconds(), 1.5)
	})
}

// A message may come in any number of fragments, of no bytes too, and pings come between them: what never becomes a message is
// limited all the same, and whoever else is connected notices nothing.
func TestFloodsOfFramesThatAreNoMessages(t *testing.T) {
	t.Parallel()
	for name, frames := range map[string][]byte{
		"fragments of no bytes": masked(0x00, nil),
		"pings":                 masked(0x89, nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hub, addr := serveTCP(t, &Options{Inbound: Limit{BytesPerSecond: 16 << 10}})
			hub.On("ok", func(_ context.Context, r *Request) (*Response, error) { return r.ReplyTo("#a", "fine", Inner), nil })
			causes := endingsOf(hub)
			bad := dialRaw(t, addr)
			start := time.Now()
			var flooding sync.WaitGroup
			flooding.Go(func() {
				_, err := bad.Write(masked(0x01, nil)) // a message begins, and never ends
				for many := bytes.Repeat(frames, 1000); err == nil; {
					_, err = bad.Write(many)
				}
			})
			ended := func() bool { return len(causes.all()) > 0 }
			good := dialRaw(t, addr)
			for i := 0; !ended(); i++ {
				asked := time.Now()
				good.send(0x81, fmt.Sprintf(`{"id":"%d","handler":"ok"}`, i))
				require.Contains(t, string(good.next().payload), fmt.Sprintf(`{"id":"%d","target":"#a","html":"fine"`, i))
				require.Less(t, time.Since(asked), 4*time.Second)
				time.Sleep(50 * time.Millisecond) // below the limit
			}
			assert.ErrorIs(t, causes.all()[0], ErrRate)
			assert.GreaterOrEqual(t, time.Since(start), sustained)
			bad.Close()
			flooding.Wait()
			eventually(t, "only the good one is left", func() bool { return hub.Count() == 1 })
		})
	}
}
