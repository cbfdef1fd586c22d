package acceptance

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// drains begins a Shutdown; what it returns, and after how long, comes over the channel.
func drains(hub *wsx.Hub, ctx context.Context) <-chan drained {
	done := make(chan drained, 1)
	go func() {
		start := time.Now()
		err := hub.Shutdown(ctx)
		done <- drained{err, time.Since(start)}
	}()
	synctest.Wait()
	return done
}

type drained struct {
	err  error
	took time.Duration
}

// polling begins a chain of polls, or is a single request.
func polling(method string) *http.Request {
	r := httptest.NewRequest(method, "/ws", strings.NewReader(""))
	r.Header.Set("Accept", "application/json")
	return r
}

func openAll(t *testing.T, hub *wsx.Hub, n int) (all []*wsxtest.Browser) {
	for range n {
		all = append(all, wsxtest.Open(t, hub, nil))
	}
	return all
}

func TestShutdownLeadsBrowsersOn(t *testing.T) {
	inBubble(t, "a hundred a second, the last one when the time is over", func(t *testing.T) {
		hub := newHub(t, nil)
		all := openAll(t, hub, 101)
		done := drains(hub, t.Context())
		time.Sleep(499 * time.Millisecond)
		synctest.Wait()
		assert.Equal(t, 101, hub.Count(), "each has half of the time")
		time.Sleep(251 * time.Millisecond)
		synctest.Wait()
		assert.Equal(t, 50, hub.Count())
		assert.Equal(t, drained{nil, time.Second}, <-done)
		for _, b := range all {
			code, _ := b.Closed()
			assert.Equal(t, 1012, code)
		}
	})
	inBubble(t, "a single one is closed at once", func(t *testing.T) {
		hub := newHub(t, nil)
		b := wsxtest.Open(t, hub, nil)
		assert.Equal(t, drained{}, <-drains(hub, t.Context()))
		code, _ := b.Closed()
		assert.Equal(t, 1012, code)
	})
	inBubble(t, "who has left is not waited for", func(t *testing.T) {
		hub := newHub(t, nil)
		all := openAll(t, hub, 101)
		done := drains(hub, t.Context())
		time.Sleep(100 * time.Millisecond)
		for _, b := range all {
			b.Close()
		}
		assert.Equal(t, drained{nil, 100 * time.Millisecond}, <-done)
	})
	inBubble(t, "who has not left yet hears and asks", func(t *testing.T) {
		hub := newHub(t, nil)
		hub.On("name", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.ReplyTo("#name", "Ada", wsx.Inner), nil
		})
		all := openAll(t, hub, 3)
		done := drains(hub, t.Context())
		require.NoError(t, hub.Broadcast("#a", "still here", wsx.Inner))
		assert.EqualValues(t, "still here", all[2].Next().HTML)
		assert.EqualValues(t, "Ada", all[2].Ask("name", nil)[0].HTML)
		assert.NoError(t, (<-done).err)
		assert.ErrorIs(t, hub.Broadcast("#a", "", wsx.Inner), wsx.ErrClosed)
	})
	inBubble(t, "nobody new is let in meanwhile", func(t *testing.T) {
		hub := newHub(t, nil)
		openAll(t, hub, 3)
		done := drains(hub, t.Context())
		for _, kind := range []string{"GET", "POST"} {
			w := httptest.NewRecorder()
			hub.ServeHTTP(w, polling(kind))
			assert.Equal(t, http.StatusServiceUnavailable, w.Code)
		}
		assert.NoError(t, (<-done).err)
	})
	inBubble(t, "the window ends it, and everybody who is left is closed", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{ShutdownTimeout: 100 * time.Millisecond})
		all := openAll(t, hub, 101)
		got := <-drains(hub, t.Context())
		assert.NoError(t, got.err)
		assert.LessOrEqual(t, got.took, 100*time.Millisecond)
		for _, b := range all {
			code, _ := b.Closed()
			assert.Equal(t, 1012, code)
		}
	})
	inBubble(t, "a context that ends too soon does so, and is the error", func(t *testing.T) {
		hub := newHub(t, nil)
		all := openAll(t, hub, 101)
		ctx, cancel := context.WithCancel(t.Context())
		done := drains(hub, ctx)
		cancel()
		assert.Equal(t, drained{context.Canceled, 0}, <-done)
		for _, b := range all {
			code, _ := b.Closed()
			assert.Equal(t, 1012, code)
		}
	})
}

func TestShutdownTellsBrowsersWhenToGo(t *testing.T) {
	inBubble(t, "each at a time of its own, if it is told", func(t *testing.T) {
		hub := newHub(t, nil)
		plain := dialPipe(t, hub)
		full := make([]*socket, 4)
		for i := range full {
			full[i] = dialPipe(t, hub)
			full[i].send(`{"type":"hello","v":1,"page":"p"}`)
		}
		synctest.Wait()
		done := drains(hub, t.Context())
		var after []int
		for _, s := range full {
			var frame struct {
				Type  string
				After int
			}
			require.NoError(t, json.Unmarshal([]byte(s.next()), &frame))
			require.Equal(t, "reconnect", frame.Type)
			after = append(after, frame.After)
		}
		assert.Subset(t, []int{0, 5, 10, 15, 20}, after)
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(after))), 4)
		frames, end := plain.closed()
		assert.Empty(t, frames)
		assert.EqualValues(t, 1012, end.Code)
		assert.NoError(t, (<-done).err)
	})
}
