package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"strconv"
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

// batching runs a test of a Batcher in fake time, with a browser of ann. A bubble cannot end while a goroutine is left in it.
func batching(opts wsx.BatcherOptions, do func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser)) func(*testing.T) {
	return func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			do(t, hub, wsx.NewBatcher(hub, opts), wsxtest.Open(t, hub, user("ann")))
		})
	}
}

func appendTo(t *testing.T, b wsx.Broadcaster, text string, to ...wsx.Filter) {
	require.NoError(t, b.Broadcast("#a", template.HTML(text), wsx.Append, to...))
}

// tooMuch makes b flush more than the queue of one connection holds, because each byte is escaped.
func tooMuch(t *testing.T, b *wsx.Batcher) {
	for range 4 {
		appendTo(t, b, strings.Repeat("\x01", 85_000))
	}
}

func TestBatcher(t *testing.T) {
	t.Run("sends what comes within the window in one frame", batching(wsx.BatcherOptions{}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		synctest.Wait() // the greeting has been counted
		before := hub.Stats().Frames
		appendTo(t, b, "1")
		pass(49 * time.Millisecond)
		appendTo(t, b, "2")
		appendTo(t, b, "for bob", wsx.User("bob"))
		assert.Empty(t, received(ann))
		pass(time.Millisecond)
		assert.Equal(t, []string{"1", "2"}, received(ann))
		assert.Equal(t, uint64(1), hub.Stats().Frames-before)
		appendTo(t, b, "3")
		pass(49 * time.Millisecond)
		assert.Empty(t, received(ann), "a new window begins with the next one")
		pass(time.Millisecond)
		assert.Equal(t, []string{"3"}, received(ann))
	}))
	t.Run("sends MaxFragments at once", batching(wsx.BatcherOptions{Window: time.Hour, MaxFragments: 3}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		for i := range 7 {
			appendTo(t, b, strconv.Itoa(i))
		}
		assert.Equal(t, []string{"0", "1", "2", "3", "4", "5"}, received(ann))
		pass(time.Hour)
		assert.Equal(t, []string{"6"}, received(ann))
	}))
	t.Run("does not wait with what is large", batching(wsx.BatcherOptions{Window: time.Hour}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		appendTo(t, b, strings.Repeat("x", 200<<10))
		assert.Empty(t, received(ann))
		appendTo(t, b, strings.Repeat("y", 100<<10))
		assert.Len(t, received(ann), 2)
	}))
	t.Run("leaves out what the next one replaces", batching(wsx.BatcherOptions{}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		for _, f := range []wsx.Fragment{
			{Target: "#price", HTML: "1"}, {Target: "#price", HTML: "2"}, {Target: "#time", HTML: "3"},
			{Target: "#price", HTML: "4"}, {Target: "#price", HTML: "5"},
		} {
			require.NoError(t, b.Broadcast(f.Target, f.HTML, f.Swap))
		}
		require.NoError(t, b.Broadcast("#price", "6", "", wsx.User("ann")))
		require.NoError(t, b.Flush())
		assert.Equal(t, []string{"2", "3", "5", "6"}, received(ann))
	}))
	t.Run("Flush sends now, Close for the last time", batching(wsx.BatcherOptions{Window: time.Hour}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		appendTo(t, b, "1")
		require.NoError(t, b.Flush())
		assert.Equal(t, []string{"1"}, received(ann))
		appendTo(t, b, "2")
		require.NoError(t, b.Close(t.Context()))
		assert.Equal(t, []string{"2"}, received(ann))
		assert.ErrorIs(t, b.Broadcast("#a", "3", wsx.Append), wsx.ErrClosed)
		assert.NoError(t, b.Close(t.Context()))
		pass(2 * time.Hour)
		assert.Empty(t, received(ann))
	}))
	t.Run("says at once what cannot be sent", batching(wsx.BatcherOptions{}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		assert.ErrorIs(t, b.Broadcast("", "x", wsx.Inner), wsx.ErrTarget)
		assert.ErrorIs(t, b.Broadcast("#a", "x", "sideways"), wsx.ErrSwap)
		assert.ErrorIs(t, b.Broadcast("#a", "x", wsx.Inner, wsx.Near(91, 0, 1)), wsx.ErrFilter)
		assert.ErrorIs(t, b.Broadcast("#a", template.HTML(strings.Repeat("x", 1<<20)), wsx.Inner), wsx.ErrTooLarge)
		require.NoError(t, b.Close(t.Context()))
		assert.Empty(t, received(ann))
	}))
	t.Run("tells the next caller that the hub was shut down meanwhile", batching(wsx.BatcherOptions{}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		appendTo(t, b, "1")
		require.NoError(t, hub.Shutdown(t.Context()))
		assert.ErrorIs(t, b.Broadcast("#a", "2", wsx.Append), wsx.ErrClosed)
		pass(time.Second)
		assert.ErrorIs(t, b.Close(t.Context()), wsx.ErrClosed)
		assert.NoError(t, b.Close(t.Context()), "once is enough")
	}))
	t.Run("sends what came during a flush that took longer than the window", batching(wsx.BatcherOptions{}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		slow := wsx.Where(func(*wsx.Connection) bool { time.Sleep(time.Second); return true })
		appendTo(t, b, "1", slow)
		pass(500 * time.Millisecond)
		appendTo(t, b, "2")
		pass(time.Hour)
		assert.Equal(t, []string{"1", "2"}, received(ann))
	}))
	t.Run("Close waits no longer than it may for a flush, and tells all that was lost", batching(wsx.BatcherOptions{}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		tooMuch(t, b)
		pass(time.Second)
		appendTo(t, b, "1", wsx.Where(func(*wsx.Connection) bool {
			appendTo(t, b, "2")
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := b.Close(ctx)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorContains(t, err, "1 broadcasts were dropped")
			assert.ErrorIs(t, err, wsx.ErrTooLarge, "of the flush before")
			assert.EqualError(t, b.Close(ctx), "wsx: close batcher: a flush is still in progress: context deadline exceeded")
			return true
		}))
		pass(time.Hour)
		assert.Equal(t, []string{"1"}, received(ann))
		assert.NoError(t, b.Close(t.Context()))
	}))
	t.Run("keeps few errors for a program that never flushes", batching(wsx.BatcherOptions{}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		for range 100 {
			tooMuch(t, b)
			pass(time.Second)
		}
		err := b.Flush()
		assert.ErrorIs(t, err, wsx.ErrTooLarge)
		assert.Equal(t, 16, strings.Count(err.Error(), "too large"))
		assert.ErrorContains(t, err, "84 more flushes failed")
		assert.NoError(t, b.Flush())
	}))
	t.Run("a Where may broadcast", batching(wsx.BatcherOptions{MaxFragments: 1}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		appendTo(t, b, "1", wsx.Where(func(*wsx.Connection) bool {
			assert.NoError(t, b.Broadcast("#a", "2", wsx.Append))
			return true
		}))
		require.NoError(t, b.Flush())
		assert.Equal(t, []string{"1", "2"}, received(ann))
	}))
	t.Run("a Where that panics ends neither the program nor the batcher", func(t *testing.T) {
		var log bytes.Buffer
		bubble(t, &wsx.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, func(t *testing.T, hub *wsx.Hub) {
			b := wsx.NewBatcher(hub, wsx.BatcherOptions{})
			ann := wsxtest.Open(t, hub, nil)
			boom := wsx.Where(func(*wsx.Connection) bool { panic("boom") })
			appendTo(t, b, "1", boom)
			pass(time.Second)
			assert.Contains(t, log.String(), "boom")
			appendTo(t, b, "2", boom)
			assert.PanicsWithValue(t, "boom", func() { _ = b.Flush() }, "that caller is the program")
			appendTo(t, b, "3")
			require.NoError(t, b.Close(t.Context()))
			assert.Equal(t, []string{"3"}, received(ann))
		})
	})
	t.Run("options that cannot work panic", func(t *testing.T) {
		hub := newHub(t, nil)
		assert.PanicsWithValue(t, "wsx: BatcherOptions.Window: must not be negative", func() { wsx.NewBatcher(hub, wsx.BatcherOptions{Window: -1}) })
		assert.PanicsWithValue(t, "wsx: BatcherOptions.MaxFragments: must not be negative", func() { wsx.NewBatcher(hub, wsx.BatcherOptions{MaxFragments: -1}) })
	})
}

// What each of many goroutines broadcasts arrives complete and in order, whichever of them flushes.
func TestBatcherUnderConcurrency(t *testing.T) {
	batching(wsx.BatcherOptions{Window: time.Millisecond, MaxFragments: 7}, func(t *testing.T, hub *wsx.Hub, b *wsx.Batcher, ann *wsxtest.Browser) {
		const writers, each = 8, 300
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for n := range each {
					assert.NoError(t, b.Broadcast("#a", template.HTML(fmt.Sprint(w, " ", n)), wsx.Append))
					switch n % 50 {
					case 20:
						assert.NoError(t, b.Flush())
					case 40:
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		all.Wait()
		require.NoError(t, b.Close(t.Context()))
		next := make([]int, writers)
		for _, text := range received(ann) {
			var w, n int
			_, err := fmt.Sscan(text, &w, &n)
			require.NoError(t, err)
			require.Equal(t, next[w], n, "of writer %d", w)
			next[w]++
		}
		for w := range writers {
			assert.Equal(t, each, next[w])
		}
	})(t)
}

var (
	_ wsx.Broadcaster = (*wsx.Hub)(nil)
	_ wsx.Broadcaster = (*wsx.Batcher)(nil)
	_ wsx.Broadcaster = (*wsx.RateLimiter)(nil)
)
