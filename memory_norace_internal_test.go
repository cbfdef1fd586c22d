//go:build !race

package wsx

import (
	"context"
	"html/template"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The race detector allocates for itself and drops items of sync.Pool at random, so this file is for a run without it.

// allocsOfBroadcast returns the allocations of one broadcast to n connections, with those of the writers.
func allocsOfBroadcast(t *testing.T, n int, to ...Filter) float64 {
	hub, all := newNullHub(t, n)
	for _, c := range all {
		require.NoError(t, c.Join(context.Background(), "tea"))
	}
	return testing.AllocsPerRun(50, func() {
		_ = hub.Broadcast("#a", "<li>hello</li>", Append, to...)
		for _, c := range all {
			for !idle(c) {
				runtime.Gosched()
			}
		}
	})
}

func TestABroadcastAllocatesNothingPerRecipient(t *testing.T) {
	for name, to := range map[string][]Filter{
		"everybody":          nil,
		"a room":             {Room("tea")},
		"a room, but not me": {Room("tea"), Except(nil)},
		"not a user":         {Not(User("user 1"))},
	} {
		t.Run(name, func(t *testing.T) {
			few, many := allocsOfBroadcast(t, 10, to...), allocsOfBroadcast(t, 1000, to...)
			for range 2 { // a collection in the midst of it empties the pools, which costs the few most
				few = min(few, allocsOfBroadcast(t, 10, to...))
			}
			assert.Less(t, (many-few)/990, 0.02, "%v for 10 recipients, %v for 1,000", few, many)
			assert.Less(t, few, 12.0)
		})
	}
}

func TestARequestAllocatesLittle(t *testing.T) {
	hub, all := newNullHub(t, 1)
	hub.On("say", func(_ context.Context, r *Request) (*Response, error) { return r.Reply("<b>hi</b>"), nil })
	ask := []byte(`{"id":"req_1","handler":"say","target":"#a","trigger":"click","data":{"a":"b"},"swap":"innerHTML"}`)
	allocs := testing.AllocsPerRun(500, func() {
		before := hub.counts.frames.Load()
		all[0].receive(ask)
		for hub.counts.frames.Load() == before || !idle(all[0]) {
			runtime.Gosched()
		}
	})
	assert.LessOrEqual(t, allocs, 10.0, "from the frame that came to the frame that left")
}

func TestAnIdleConnectionIsSmall(t *testing.T) {
	hub := New(nil)
	server := httptest.NewServer(hub)
	defer server.Close()
	defer func() { assert.NoError(t, hub.Shutdown(context.Background())) }()
	addr := server.Listener.Addr().String()
	dialRaw(t, addr).Close() // what is made once

	const n = 500
	before, goroutines := inUse(), runtime.NumGoroutine()
	clients := make([]*rawClient, n)
	for i := range clients {
		clients[i] = dialRaw(t, addr)
		clients[i].r = nil // the client's own buffer
	}
	eventually(t, "the writers and workers are gone", func() bool { return runtime.NumGoroutine() <= goroutines+n+10 })
	perConnection := (inUse() - before) / n
	t.Logf("%d bytes of heap and stack for each connection, with the client's end of it", perConnection)
	assert.Less(t, perConnection, int64(12<<10))
	for _, c := range clients {
		c.Close()
	}
	eventually(t, "all are gone", func() bool { return hub.Count() == 0 })
}

// medianOf returns the middle of a few measurements: the runtime takes and gives back memory of its own meanwhile.
func medianOf(measure func() int64) int64 {
	var all []int64
	for range 5 {
		all = append(all, measure())
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func TestHistoryCostsLittleMoreThanItsFragments(t *testing.T) {
	const n = 256
	cost := medianOf(func() int64 {
		hub, all := newNullHub(t, 10)
		hub.ConfigureRooms("*", RoomOptions{History: n})
		for _, c := range all {
			require.NoError(t, c.Join(t.Context(), "tea"))
		}
		allIdle(t, all)
		before := onHeap()
		for i := range n {
			html := []byte(longText(1 << 10))
			copy(html, strconv.Itoa(i))
			publishIn(t, hub, "tea", template.HTML(html))
		}
		allIdle(t, all)
		defer runtime.KeepAlive(hub)
		return onHeap() - before
	})
	t.Logf("%d bytes for %d messages of 1 KiB", cost, n)
	assert.LessOrEqual(t, cost, int64(300<<10))
	assert.GreaterOrEqual(t, cost, int64(n<<10), "else it is not remembered")
}

func TestRoomsThatAreOnlyJoinedTakeNoHistory(t *testing.T) {
	const n = 10_000
	cost := func(o RoomOptions) func() int64 {
		return func() int64 {
			hub, all := newNullHub(t, 1)
			hub.opts.MaxRooms = -1
			hub.ConfigureRooms("*", o)
			c := all[0]
			allIdle(t, all)
			before := onHeap()
			for i := range n {
				c.mu.Lock()
				c.rooms.memberships = nil // it would look through all of them for each
				c.mu.Unlock()
				require.NoError(t, c.Join(t.Context(), strconv.Itoa(i)))
			}
			allIdle(t, all)
			defer runtime.KeepAlive(hub)
			return onHeap() - before
		}
	}
	forgets, remembers := medianOf(cost(RoomOptions{})), medianOf(cost(RoomOptions{History: 1000}))
	t.Logf("%d and %d bytes for %d rooms", forgets, remembers, n)
	assert.Less(t, (remembers-forgets)/n, int64(8), "bytes for each")
}

// inUse returns the bytes of heap and stacks after a garbage collection.
func inUse() int64 {
	heap := onHeap()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return heap + int64(m.StackInuse)
}

// onHeap returns the bytes of the heap after a garbage collection, with the pools emptied.
func onHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
