package wsx

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A message may come in any number of fragments, even empty ones, with pings between them. What never becomes a message is limited
// too, and other connections notice nothing.
func TestFloodsOfFramesThatAreNotMessages(t *testing.T) {
	if testing.Short() {
		t.Skip("waits 10 s")
	}
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
			assert.GreaterOrEqual(t, time.Since(start), excessGrace)
			bad.Close()
			flooding.Wait()
			eventually(t, "only the good one is left", func() bool { return hub.Count() == 1 })
		})
	}
}
