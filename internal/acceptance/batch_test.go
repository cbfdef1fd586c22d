package acceptance

import (
	"context"
	"fmt"
	"html/template"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestFlush(t *testing.T) {
	t.Run("gives each connection what its filters select, in the order of Add", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann, bob := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob"))
			require.NoError(t, bob.Conn().Join(t.Context(), "tea"))
			var b wsx.Batch
			b.Add("#a", "1 all", wsx.Inner)
			b.Add("#a", "2 tea", wsx.Append, wsx.Room("tea"))
			b.Add("#a", "3 ann", wsx.Outer, wsx.User("ann"))
			b.Add("#a", "4 all", "")
			b.Add("#a", "5 nobody", wsx.Inner, wsx.Filter{})
			assert.Equal(t, 5, b.Len())
			require.NoError(t, hub.Flush(&b))
			assert.Zero(t, b.Len())
			assert.Equal(t, []string{"1 all", "3 ann", "4 all"}, received(ann))
			assert.Equal(t, []string{"1 all", "2 tea", "4 all"}, received(bob))
			require.NoError(t, hub.Flush(&b))
			assert.Empty(t, received(ann), "what was flushed is gone")
		})
	})
	t.Run("keeps its place between broadcasts", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann := wsxtest.Open(t, hub, nil)
			var b wsx.Batch
			b.Add("#a", "2", wsx.Inner)
			b.Add("#a", "3", wsx.Inner)
			require.NoError(t, hub.Broadcast("#a", "1", wsx.Inner))
			require.NoError(t, hub.Flush(&b))
			require.NoError(t, hub.Broadcast("#a", "4", wsx.Inner))
			assert.Equal(t, []string{"1", "2", "3", "4"}, received(ann))
		})
	})
	t.Run("sends nothing to anybody if one item cannot be sent, and names every such item", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann := wsxtest.Open(t, hub, nil)
			var b wsx.Batch
			b.Add("#a", "fine", wsx.Inner)
			b.Add("", "no target", wsx.Inner)
			b.Add("#a", "no swap", "sideways")
			b.Add("#a", "no such place", wsx.Inner, wsx.Near(91, 0, 1))
			b.Add("#a", "no room", wsx.Inner, wsx.Room(""))
			b.Add("#a", template.HTML(strings.Repeat("x", 1<<20)), wsx.Inner)
			err := hub.Flush(&b)
			for _, want := range []error{wsx.ErrTarget, wsx.ErrSwap, wsx.ErrFilter, wsx.ErrRoom, wsx.ErrTooLarge} {
				assert.ErrorIs(t, err, want)
			}
			assert.Zero(t, b.Len(), "a batch is used up, so that one bad item does not spoil the next one")
			assert.Empty(t, received(ann))
		})
	})
	t.Run("of nothing is nothing", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann := wsxtest.Open(t, hub, nil)
			assert.NoError(t, hub.Flush(nil))
			assert.NoError(t, hub.Flush(new(wsx.Batch)))
			assert.Empty(t, received(ann))
		})
	})
	t.Run("after Shutdown is ErrClosed", func(t *testing.T) {
		hub := newHub(t, nil)
		require.NoError(t, hub.Shutdown(context.Background()))
		var b wsx.Batch
		b.Add("#a", "x", wsx.Inner)
		assert.ErrorIs(t, hub.Flush(&b), wsx.ErrClosed)
	})
	t.Run("does not look at the caller's filters again", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann := wsxtest.Open(t, hub, user("ann"))
			to := []wsx.Filter{wsx.User("ann")}
			var b wsx.Batch
			b.Add("#a", "for ann", wsx.Inner, to...)
			to[0] = wsx.User("bob")
			require.NoError(t, hub.Flush(&b))
			assert.Equal(t, []string{"for ann"}, received(ann))
		})
	})
	t.Run("splits what is too large for one frame, between items", func(t *testing.T) {
		bubble(t, &wsx.Options{QueueBytes: 64 << 10}, func(t *testing.T, hub *wsx.Hub) {
			ann := wsxtest.Open(t, hub, nil)
			var b wsx.Batch
			var want []string
			for i := range 5 {
				html := strings.Repeat(strconv.Itoa(i), 10<<10)
				b.Add("#a", template.HTML(html), wsx.Append)
				want = append(want, html)
			}
			synctest.Wait() // the greeting has been counted
			before := hub.Stats().Frames
			require.NoError(t, hub.Flush(&b))
			assert.Equal(t, want, received(ann))
			assert.Equal(t, uint64(2), hub.Stats().Frames-before, "three of 10 KiB fit into half of 64 KiB")
		})
	})
	t.Run("asks Where once for each connection that the other filters leave", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann, bob := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob"))
			require.NoError(t, ann.Conn().Join(t.Context(), "tea"))
			var asked []string
			where := wsx.Where(func(c *wsx.Connection) bool {
				asked = append(asked, c.User()) // takes the connection's lock, as it may
				return true
			})
			var b wsx.Batch
			b.Add("#a", "1", wsx.Inner, wsx.Room("tea"), where)
			b.Add("#a", "2", wsx.Inner, wsx.User("ann"), where)
			b.Add("#a", "3", wsx.Inner, wsx.Room("tea"), where)
			b.Add("#a", "4", wsx.Inner)
			require.NoError(t, hub.Flush(&b))
			assert.Equal(t, []string{"ann"}, asked)
			assert.Equal(t, []string{"1", "2", "3", "4"}, received(ann))
			assert.Equal(t, []string{"4"}, received(bob))
		})
	})
	t.Run("leaves a panic of Where to its caller, and the hub usable", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann := wsxtest.Open(t, hub, nil)
			var b wsx.Batch
			b.Add("#a", "1", wsx.Inner, wsx.Where(func(*wsx.Connection) bool { panic("boom") }))
			assert.PanicsWithValue(t, "boom", func() { _ = hub.Flush(&b) })
			require.NoError(t, hub.Broadcast("#a", "2", wsx.Inner))
			assert.Equal(t, []string{"2"}, received(ann))
		})
	})
	t.Run("misses those who have gone", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann := wsxtest.Open(t, hub, user("ann"))
			require.NoError(t, ann.Conn().Join(t.Context(), "tea"))
			var b wsx.Batch
			b.Add("#a", "tea", wsx.Inner, wsx.Room("tea"))
			b.Add("#a", "ann", wsx.Inner, wsx.User("ann"))
			ann.Conn().Leave("tea")
			require.NoError(t, hub.Flush(&b))
			assert.Equal(t, []string{"ann"}, received(ann))
			ann.Conn().Close(nil)
			b.Add("#a", "late", wsx.Inner)
			require.NoError(t, hub.Flush(&b))
			assert.Empty(t, received(ann))
		})
	})
}

// TestFlushAgainstAModel compares batches of random fragments and filters with a naive evaluation of them. It takes the
// seed of a run to repeat from WSX_SEED.
func TestFlushAgainstAModel(t *testing.T) {
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("WSX_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("WSX_SEED=%d", seed)
	bubble(t, &wsx.Options{Authenticate: asUser, QueueBytes: 256 << 10}, func(t *testing.T, hub *wsx.Hub) {
		m := &model{t: t, random: rand.New(rand.NewPCG(seed, 1)), hub: hub}
		for range 5 {
			m.open()
		}
		for n := range 300 {
			for range 1 + m.random.IntN(3) {
				m.change()
			}
			m.flush(n)
			if m.look(); n%20 == 19 {
				m.open()
			}
		}
	})
}

// flush sends a batch, and notes what each person must receive.
func (m *model) flush(n int) {
	var audiences [][]choice
	for range 1 + m.random.IntN(4) {
		audiences = append(audiences, some(m.random, 3, func(int) choice { return m.choose(2) }))
	}
	var b wsx.Batch
	for i := range m.random.IntN(30) {
		to := pick(m.random, audiences)
		var filters []wsx.Filter
		for _, c := range to {
			filters = append(filters, c.filter)
		}
		text := fmt.Sprint(n, "/", i)
		if m.random.IntN(40) == 0 {
			text += strings.Repeat("x", 50_000) // so that some batches are split
		}
		b.Add("#a", template.HTML(text), wsx.Append, filters...)
		for _, p := range m.people {
			if p.open && !slices.ContainsFunc(to, func(c choice) bool { return c.nothing || !c.selects(p) }) {
				p.want = append(p.want, text)
			}
		}
	}
	require.NoError(m.t, m.hub.Flush(&b))
}
