package wsx

import (
	"fmt"
	"html/template"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// entryOf returns an entry with at least that many bytes.
func entryOf(html int) entry {
	return newEntry(updateOf("b", []Fragment{{"#a", template.HTML(strings.Repeat("x", html)), Inner}}), encodingFull)
}

func push(q *queue, entries ...entry) {
	for _, e := range entries {
		q.push(e)
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	t.Run("is nothing while nothing waits", func(t *testing.T) {
		t.Parallel()
		var q queue
		push(&q, entryOf(1), entryOf(2))
		taken := q.take(nil)
		assert.Nil(t, q.entries)
		assert.Nil(t, q.more)
		for _, e := range taken {
			q.written(len(e.bytes()))
		}
		assert.Equal(t, queue{}, q)
	})
	t.Run("gives back what it got, in order", func(t *testing.T) {
		t.Parallel()
		var q queue
		a, b, c := entryOf(1), entryOf(2), entryOf(3)
		push(&q, a, b, c)
		assert.Equal(t, 3, q.len())
		assert.Equal(t, []entry{a, b, c}, q.take(nil))
		assert.Zero(t, q.len())
		assert.Empty(t, q.take(nil))
	})
}

func TestQueueJoins(t *testing.T) {
	t.Parallel()
	t.Run("no more than maxWrite", func(t *testing.T) {
		t.Parallel()
		var q queue
		a, b, c := entryOf(maxWrite/2), entryOf(maxWrite/4), entryOf(maxWrite/2)
		push(&q, a, b, c)
		assert.Equal(t, []entry{a, b}, q.take(nil))
		assert.Equal(t, []entry{c}, q.take(nil))
	})
	t.Run("exactly maxWrite", func(t *testing.T) {
		t.Parallel()
		var q queue
		a := entryOf(maxWrite / 2)
		rest := maxWrite - len(a.bytes())
		b := entryOf(rest - len(entryOf(rest).bytes()) + rest)
		require.Equal(t, maxWrite, len(a.bytes())+len(b.bytes()))
		push(&q, a, b, entryOf(0))
		assert.Equal(t, []entry{a, b}, q.take(nil))
	})
	t.Run("one, however large it is", func(t *testing.T) {
		t.Parallel()
		var q queue
		a, b := entryOf(3*maxWrite), entryOf(1)
		push(&q, a, b)
		assert.Equal(t, []entry{a}, q.take(nil))
		assert.Equal(t, []entry{b}, q.take(nil))
	})
}

func TestQueueKeepsAccount(t *testing.T) {
	t.Parallel()
	t.Run("counts the bytes until they are written", func(t *testing.T) {
		t.Parallel()
		var q queue
		a, b := entryOf(maxWrite), entryOf(100)
		push(&q, a, b)
		all := int64(len(a.bytes()) + len(b.bytes()))
		assert.Equal(t, all, q.bytes)
		q.take(nil)
		assert.Equal(t, all, q.bytes, "taken is not written")
		q.written(len(a.bytes()))
		assert.EqualValues(t, len(b.bytes()), q.bytes)
	})
	t.Run("cleared, it keeps count of what a writer still holds", func(t *testing.T) {
		t.Parallel()
		var q queue
		a, b, c := entryOf(maxWrite), entryOf(1), entryOf(2)
		push(&q, a, b, c)
		q.take(nil)
		assert.Equal(t, 2, q.clear())
		assert.Zero(t, q.len())
		assert.EqualValues(t, len(a.bytes()), q.bytes)
		assert.Zero(t, q.clear())
	})
	t.Run("does not grow when there is room at its front", func(t *testing.T) {
		t.Parallel()
		var q queue
		half := entryOf(maxWrite - 200)
		for range len(backing{}) {
			q.push(half)
		}
		for range 1_000 {
			q.take(nil)
			q.push(half)
		}
		assert.LessOrEqual(t, cap(q.entries), 4*len(backing{}))
	})
}

// It is not parallel to others: it looks into a backing that anybody may take from the pool.
func TestQueueKeepsNothingAliveThatHasLeft(t *testing.T) {
	var q queue
	for range 30 {
		q.push(entryOf(maxWrite / 2))
	}
	q.take(nil)
	for i, e := range q.entries[:q.head] {
		assert.Nil(t, e.msg, "entry %d", i)
	}
	more := q.more
	q.clear()
	assert.Equal(t, backing{}, *more, "the backing goes back to the pool clean")
}

func TestQueueAgainstAModel(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	sizes := []entry{entryOf(0), entryOf(700), entryOf(maxWrite / 3), entryOf(2 * maxWrite)}
	var q queue
	var model []entry
	inFlight := 0
	for round := range 20_000 {
		switch do := random.IntN(100); {
		case do == 0:
			require.Equal(t, len(model), q.clear())
			model = nil
		case do < 30:
			taken := q.take(nil)
			require.True(t, slices.Equal(model[:len(taken)], taken), "round %d: the oldest come first", round)
			require.Equal(t, len(model) == 0, len(taken) == 0)
			model = model[len(taken):]
			for _, e := range taken {
				inFlight += len(e.bytes())
			}
		case do < 50:
			q.written(inFlight)
			inFlight = 0
		default:
			e := sizes[random.IntN(len(sizes))]
			q.push(e)
			model = append(model, e)
		}
		want := int64(inFlight)
		for _, e := range model {
			want += int64(len(e.bytes()))
		}
		require.Equal(t, want, q.bytes, "round %d", round)
		require.Equal(t, len(model), q.len(), "round %d", round)
		require.Equal(t, len(model) == 0, q.entries == nil, "round %d", round)
	}
}

func TestDroppingFromAQueueThatIsHalfTaken(t *testing.T) {
	keyed := func(key string, volatile bool) entry {
		e := entryOf(10)
		e.msg.key, e.msg.volatile = key, volatile
		return e
	}
	for name, drop := range map[string]func(*queue) int{
		"by key":   func(q *queue) int { return q.supersede(&message{key: "k"}, true) },
		"volatile": func(q *queue) int { return q.dropAll(func(m *message) bool { return m.volatile }) },
	} {
		for others := range 3 {
			t.Run(fmt.Sprintf("%s, %d others", name, others), func(t *testing.T) {
				var q queue
				push(&q, entryOf(maxWrite))
				for range others {
					push(&q, keyed("other", false))
				}
				push(&q, keyed("k", name == "volatile"))
				q.written(len(q.take(nil)[0].bytes()))
				assert.Equal(t, 1, drop(&q))
				assert.Equal(t, others, q.len())
				for _, e := range q.take(nil) {
					assert.Equal(t, "other", e.msg.key)
					q.written(len(e.bytes()))
				}
				assert.Equal(t, queue{}, q)
			})
		}
	}
}
