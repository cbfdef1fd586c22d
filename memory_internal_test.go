package wsx

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/protocol"
)

// A nullTransport takes everything at once, so that a test sees the cost of the library alone.
type nullTransport struct {
	once sync.Once
	end  chan struct{}
}

func (t *nullTransport) read(*Connection) closeReason {
	<-t.end
	return closeReason{code: 1006, mode: closeAbort}
}
func (t *nullTransport) try(p []byte) (int, error) { return len(p), nil }
func (t *nullTransport) write([]byte) error        { return nil }
func (t *nullTransport) close(code int, _ string)  { t.abort() }
func (t *nullTransport) linger()                   {}
func (t *nullTransport) free()                     {}
func (t *nullTransport) abort()                    { t.once.Do(func() { close(t.end) }) }

// newNullHub returns a hub with n connections that have no network.
func newNullHub(t testing.TB, n int) (*Hub, []*Connection) {
	hub := New(&Options{Logger: slog.New(slog.DiscardHandler), PingInterval: -1})
	all := make([]*Connection, n)
	for i := range all {
		all[i] = connectNull(t, hub, fmt.Sprintf("user %d", i))
	}
	t.Cleanup(func() {
		_ = hub.Disconnect(nil) // Shutdown would lead them on, a hundred a second
		require.NoError(t, hub.Shutdown(context.Background()))
	})
	return hub, all
}

func connectNull(t testing.TB, hub *Hub, user string) *Connection {
	entry := limit.Slot{User: user}
	require.Equal(t, limit.Admitted, hub.admission.Enter(entry))
	c := hub.newConnection(context.Background(), Identity{User: user}, "192.0.2.1", entry)
	c.open()
	c.start(&nullTransport{end: make(chan struct{})})
	return c
}

// idle reports whether nothing waits for c.
func idle(c *Connection) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.out.writing && c.out.queue.bytes == 0
}

// allIdle returns once nothing waits for any of them.
func allIdle(t *testing.T, all []*Connection) {
	eventually(t, "nothing is being written", func() bool { return !slices.ContainsFunc(all, func(c *Connection) bool { return !idle(c) }) })
}

func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("everybody of %d", n), func(b *testing.B) {
			hub, _ := newNullHub(b, n)
			b.ReportAllocs()
			for b.Loop() {
				_ = hub.Broadcast("#a", "<li>hello</li>", Append)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/receiver")
		})
	}
	for _, n := range []int{10, 100, 10_000} {
		b.Run(fmt.Sprintf("a room of 10 among %d", n), func(b *testing.B) {
			hub, all := newNullHub(b, n)
			for _, c := range all[:10] {
				require.NoError(b, c.Join(context.Background(), "tea"))
			}
			room := Room("tea")
			b.ReportAllocs()
			for b.Loop() {
				_ = hub.Broadcast("#a", "<li>hello</li>", Append, room)
			}
		})
	}
}

func BenchmarkJoinAndLeave(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("a room of %d", n), func(b *testing.B) {
			_, all := newNullHub(b, n)
			for _, c := range all[1:] {
				require.NoError(b, c.Join(context.Background(), "tea"))
			}
			b.ReportAllocs()
			for b.Loop() {
				_ = all[0].Join(context.Background(), "tea")
				all[0].Leave("tea")
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{200, 1 << 10, 4 << 10} {
		b.Run(fmt.Sprintf("%d bytes", n), func(b *testing.B) {
			fragments := checked(b, Fragment{"#messages", Text(longText(n)), Append})
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				protocol.UpdateFrame("b_1_n", fragments, protocol.RoomPosition{}, false)
			}
		})
	}
}
