package wsx

import (
	"context"
	"html/template"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/limit"
)

// stalledConnection returns a connection whose writer is stuck: what is queued for it waits until taken by hand.
func stalledConnection(t testing.TB, opts *Options) (*Hub, *Connection) {
	hub := New(opts)
	require.Equal(t, limit.Admitted, hub.admission.Enter(limit.Slot{}))
	c := hub.newConnection(context.Background(), Identity{}, "192.0.2.1", limit.Slot{})
	c.open() // and never started: its writer counts as working
	c.mu.Lock()
	c.out.queue.take(nil) // the greeting
	c.out.queue.bytes = 0
	c.mu.Unlock()
	return hub, c
}

// takeAll returns what waits for c, as a writer that gets going again does.
func takeAll(c *Connection) (all []*message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.out.queue.len() > 0 {
		for _, e := range c.out.queue.take(nil) {
			all = append(all, e.msg)
			c.out.queue.written(len(e.bytes()))
		}
	}
	return all
}

func htmlOf(messages []*message) string {
	var all []string
	for _, m := range messages {
		all = append(all, string(m.fragments[0].HTML))
	}
	return strings.Join(all, " ")
}

func TestSlowBrowsersInStages(t *testing.T) {
	publish := func(t *testing.T, hub *Hub, m Message, html template.HTML, swap Swap) {
		m.Fragments = []Fragment{{"#a", html, swap}}
		require.NoError(t, hub.Publish(t.Context(), m))
	}
	t.Run("a key replaces its predecessor at once", func(t *testing.T) {
		hub, c := stalledConnection(t, nil)
		publish(t, hub, Message{Key: "k"}, "1", Append)
		publish(t, hub, Message{}, "2", Append)
		publish(t, hub, Message{Key: "k"}, "3", Append)
		publish(t, hub, Message{Key: "other"}, "4", Append)
		assert.Equal(t, "2 3 4", htmlOf(takeAll(c)))
		assert.Equal(t, map[string]uint64{"conflated": 1}, hub.Stats().Dropped)
	})
	t.Run("not what the writer has taken already", func(t *testing.T) {
		hub, c := stalledConnection(t, nil)
		publish(t, hub, Message{Key: "k"}, "1", Append)
		assert.Equal(t, "1", htmlOf(takeAll(c)))
		publish(t, hub, Message{Key: "k"}, "2", Append)
		assert.Equal(t, "2", htmlOf(takeAll(c)))
		assert.Empty(t, hub.Stats().Dropped)
	})
	t.Run("what repeats itself is left out only when the queue is half full", func(t *testing.T) {
		hub, c := stalledConnection(t, &Options{QueueFrames: 8})
		for _, html := range []template.HTML{"1", "2", "3", "4", "5", "6"} {
			publish(t, hub, Message{}, html, Inner)
		}
		assert.Equal(t, "5 6", htmlOf(takeAll(c)), "at the fifth, all four before it were superfluous")
		assert.Equal(t, map[string]uint64{"conflated": 4}, hub.Stats().Dropped)
	})
	t.Run("volatile messages are the next to go", func(t *testing.T) {
		hub, c := stalledConnection(t, &Options{QueueFrames: 6})
		publish(t, hub, Message{Volatile: true}, "v1", Append)
		publish(t, hub, Message{}, "1", Append)
		publish(t, hub, Message{}, "2", Append)
		publish(t, hub, Message{Volatile: true}, "v2", Append)
		for _, html := range []template.HTML{"3", "4", "5", "6"} {
			publish(t, hub, Message{}, html, Append)
		}
		assert.Equal(t, "1 2 3 4 5 6", htmlOf(takeAll(c)))
		assert.Equal(t, map[string]uint64{"volatile": 2}, hub.Stats().Dropped)
		assert.Equal(t, 1, hub.Count())
	})
	t.Run("a volatile message may take the place of another", func(t *testing.T) {
		hub, c := stalledConnection(t, &Options{QueueFrames: 4})
		publish(t, hub, Message{}, "1", Append)
		publish(t, hub, Message{Key: "cursor", Volatile: true}, "c1", Append)
		publish(t, hub, Message{Key: "cursor", Volatile: true}, "c2", Append)
		assert.Equal(t, "1 c2", htmlOf(takeAll(c)))
		assert.Equal(t, map[string]uint64{"conflated": 1}, hub.Stats().Dropped)
	})
	t.Run("then it is closed, and nothing is lost silently", func(t *testing.T) {
		hub, c := stalledConnection(t, &Options{QueueFrames: 4})
		for range 5 {
			publish(t, hub, Message{}, "x", Append)
		}
		assert.Zero(t, hub.Count())
		assert.ErrorIs(t, context.Cause(c.Context()), ErrSlow)
		assert.Equal(t, map[string]uint64{"slow": 1, "gone": 4}, hub.Stats().Dropped)
	})
	t.Run("replies are not left out", func(t *testing.T) {
		hub, c := stalledConnection(t, &Options{QueueFrames: 4})
		for range 3 {
			m, err := hub.replyMessage("1", []Fragment{{"#a", "reply", Inner}})
			require.NoError(t, err)
			require.True(t, c.send(m))
		}
		assert.Equal(t, "reply reply reply", htmlOf(takeAll(c)))
	})
	t.Run("another room's message stays", func(t *testing.T) {
		hub, c := stalledConnection(t, &Options{QueueFrames: 4})
		require.NoError(t, c.Join(t.Context(), "tea"))
		for range 2 {
			require.NoError(t, hub.Broadcast("#a", "room", Inner, Room("tea")))
			require.NoError(t, hub.Broadcast("#a", "all", Inner))
		}
		assert.Equal(t, "room all room all", htmlOf(takeAll(c)))
	})
}

// A browser that stalls now and then ends up with the page of one that keeps up, or is closed: whatever the schedule, and
// however small its queue.
func TestStallsChangeNoPage(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	closed, conflated := 0, 0
	for round := range 1000 {
		random := rand.New(rand.NewPCG(seed, uint64(round)))
		hub, c := stalledConnection(t, &Options{QueueFrames: 10 + random.IntN(30), QueueBytes: 4 << 10 << random.IntN(4)})
		c.out.encoding = encodingFull
		got, want := newPage(), newPage()
		for n := range 60 {
			m := someMessage(random, n)
			m.volatile = false // what is volatile may be missing
			shown(want, m)
			hub.plan(nil).each(func(c *Connection) { c.enqueue(m) })
			if random.IntN(20) == 0 {
				for _, m := range takeAll(c) {
					shown(got, m)
				}
			}
		}
		conflated += int(hub.Stats().Dropped["conflated"])
		if hub.Count() == 0 {
			closed++
			require.ErrorIs(t, context.Cause(c.Context()), ErrSlow)
			continue
		}
		for _, m := range takeAll(c) {
			shown(got, m)
		}
		require.Equal(t, want.inside(), got.inside(), "round %d", round)
	}
	t.Logf("%d of 1,000 were closed, %d messages conflated", closed, conflated)
	assert.NotZero(t, closed, "else nothing was tested")
	assert.Less(t, closed, 900)
	assert.NotZero(t, conflated)
}

func BenchmarkEnqueue(b *testing.B) {
	_, c := stalledConnection(b, &Options{QueueBytes: 1 << 40, QueueFrames: 1 << 40})
	m := updateOf("b_1", []Fragment{{"#a", "<li>hello</li>", Append}})
	b.ReportAllocs()
	for b.Loop() {
		c.mu.Lock()
		c.enqueue(m)
		if c.out.queue.len() == 128 {
			c.out.queue.clear()
		}
		c.mu.Unlock()
	}
}

func BenchmarkConflate(b *testing.B) {
	for name, m := range map[string]*message{
		"by key among 128": {key: "k", fragments: checked(b, Fragment{"#a", "x", Inner}), sameBytes: true},
		"of the last":      {fragments: checked(b, Fragment{"#a", "x", Inner}), sameBytes: true},
	} {
		b.Run(name, func(b *testing.B) {
			var q queue
			other := updateOf("b_1", []Fragment{{"#b", "<li>hello</li>", Append}})
			q.push(newEntry(m, encodingFull))
			for range 127 {
				q.push(newEntry(other, encodingFull))
			}
			b.ReportAllocs()
			for b.Loop() {
				q.supersede(m, true)
				q.push(newEntry(m, encodingFull))
			}
		})
	}
}

func BenchmarkPlan(b *testing.B) {
	hub, c := stalledConnection(b, nil)
	for _, room := range []string{"tea", "coffee"} {
		require.NoError(b, c.Join(b.Context(), room))
	}
	for name, filters := range map[string][]Filter{
		"everybody":             nil,
		"a room":                {Room("tea")},
		"a room, a tag, not me": {Room("tea"), Tag("role", "admin"), Except(c)},
		"two rooms":             {Any(Room("tea"), Room("coffee"))},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				hub.plan(filters)
			}
		})
	}
}
