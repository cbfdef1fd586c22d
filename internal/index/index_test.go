package index

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A person is a member. It has a size, so that no two are at one address.
type person struct {
	name string
	Place
}

// membersOf returns the members that a reader of g meets. It fails if a reader would meet one twice, or the chunks are not as
// promised.
func membersOf(t testing.TB, g *Group[*person]) map[*person]bool {
	t.Helper()
	found := make(map[*person]bool)
	chunks := g.Load()
	for i, chunk := range chunks {
		if i < len(chunks)-1 {
			require.Len(t, chunk, chunkSize, "chunk %d of %d: all but the last are full", i, len(chunks))
		}
		require.NotEmpty(t, chunk, "chunk %d of %d", i, len(chunks))
		for _, m := range chunk {
			require.False(t, found[m], "a member stands in the group twice")
			found[m] = true
			require.Equal(t, i, m.chunk, "a member knows its chunk")
		}
	}
	require.EqualValues(t, len(found), g.Size())
	return found
}

func TestGroupAgainstAModel(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var g Group[*person]
	var model []*person
	grow := 0.9 // up over several chunks, down to nothing, and up again
	for round := range 12_000 {
		switch {
		case len(model) > 5*chunkSize+1:
			grow = 0.1
		case len(model) == 0:
			grow = 0.9
		}
		if random.Float64() < grow || len(model) == 0 {
			m := new(person)
			require.True(t, g.add(m))
			model = append(model, m)
		} else {
			i := random.IntN(len(model))
			require.False(t, g.remove(model[i], false), "a group that may not die does not")
			model[i] = model[len(model)-1]
			model = model[:len(model)-1]
		}
		if round%50 == 0 || len(model)%chunkSize < 2 {
			found := membersOf(t, &g)
			require.Len(t, found, len(model), "round %d", round)
			for _, m := range model {
				require.True(t, found[m], "round %d: a member is missing", round)
			}
		}
	}
}

func TestGroupSnapshotsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	var g Group[*person]
	all := make([]*person, 2*chunkSize+3)
	for i := range all {
		all[i] = new(person)
		g.add(all[i])
	}
	snapshot := g.Load()
	for _, m := range all {
		g.remove(m, true)
	}
	g.add(new(person))
	var seen []*person
	for _, chunk := range snapshot {
		seen = append(seen, chunk...)
	}
	assert.Equal(t, all, seen)
}

func TestIndex(t *testing.T) {
	t.Parallel()
	t.Run("an empty group leaves it", func(t *testing.T) {
		t.Parallel()
		var x Index[*person]
		a, b := &person{name: "a"}, &person{name: "a"}
		x.Add(a.name, a)
		x.Add(b.name, b)
		assert.EqualValues(t, 1, x.Size())
		x.Remove(a.name, a)
		assert.NotNil(t, x.Find("a"), "b is still there")
		x.Remove(b.name, b)
		assert.Nil(t, x.Find("a"))
		assert.Zero(t, x.Size())
	})
	t.Run("a group of the same name may come again", func(t *testing.T) {
		t.Parallel()
		var x Index[*person]
		for range 3 {
			m := &person{name: "a"}
			x.Add(m.name, m)
			require.NotNil(t, x.Find("a"))
			assert.Len(t, membersOf(t, x.Find("a")), 1)
			x.Remove(m.name, m)
		}
		assert.Zero(t, x.Size())
	})
	t.Run("a dead group that is still found is replaced", func(t *testing.T) {
		t.Parallel()
		// The moment between a group's death and its leaving, as another goroutine may meet it.
		var x Index[*person]
		first := &person{name: "a"}
		x.Add(first.name, first)
		died := x.Find("a")
		require.True(t, died.remove(first, true))
		second := &person{name: "a"}
		x.Add(second.name, second)
		require.NotSame(t, died, x.Find("a"))
		assert.True(t, membersOf(t, x.Find("a"))[second])
		assert.EqualValues(t, 1, x.Size())
		x.forget("a", died) // the goroutine that emptied it comes late
		assert.True(t, membersOf(t, x.Find("a"))[second], "and takes no other group away")
		assert.EqualValues(t, 1, x.Size())
	})
}

func TestIndexUnderConcurrency(t *testing.T) {
	t.Parallel()
	// Few members in few groups: nearly every removal kills a group that another goroutine adds to.
	const goroutines, rounds, names = 8, 3_000, 2
	var x Index[*person]
	var lost atomic.Int64
	var workers, readers sync.WaitGroup
	stop := make(chan struct{})
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			for name := range names {
				if g := x.Find(fmt.Sprint(name)); g != nil {
					twice := make(map[*person]bool)
					for _, chunk := range g.Load() {
						for _, m := range chunk {
							assert.False(t, twice[m], "a snapshot has a member twice")
							twice[m] = true
						}
					}
				}
			}
			runtime.Gosched()
		}
	})
	for range goroutines {
		workers.Go(func() {
			for i := range rounds {
				m := &person{name: fmt.Sprint(i % names)}
				x.Add(m.name, m)
				if !holds(x.Find(m.name), m) {
					lost.Add(1)
				}
				x.Remove(m.name, m)
				if holds(x.Find(m.name), m) {
					lost.Add(1)
				}
			}
		})
	}
	workers.Wait()
	close(stop)
	readers.Wait()
	assert.Zero(t, lost.Load(), "members that were added and not found, or removed and found")
	assert.Zero(t, x.Size())
	for name := range names {
		assert.Nil(t, x.Find(fmt.Sprint(name)))
	}
}

func TestGroupUnderConcurrency(t *testing.T) {
	t.Parallel()
	// Removals fill holes with members of other goroutines, over several chunks.
	const goroutines, each = 4, 2 * chunkSize
	var g Group[*person]
	stay := make([]*person, chunkSize+7)
	for i := range stay {
		stay[i] = new(person)
		g.add(stay[i])
	}
	var workers sync.WaitGroup
	for worker := range goroutines {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 0))
			var mine []*person
			for range each {
				mine = append(mine, new(person))
				g.add(mine[len(mine)-1])
				if random.IntN(3) == 0 {
					i := random.IntN(len(mine))
					g.remove(mine[i], false)
					mine[i] = mine[len(mine)-1]
					mine = mine[:len(mine)-1]
				}
			}
			for _, m := range mine {
				g.remove(m, false)
			}
		})
	}
	for range 200 { // every reader meets those that stay, exactly once
		met := make(map[*person]int)
		for _, chunk := range g.Load() {
			for _, m := range chunk {
				met[m]++
			}
		}
		for _, m := range stay {
			require.Equal(t, 1, met[m])
		}
	}
	workers.Wait()
	assert.Len(t, membersOf(t, &g), len(stay))
}

// holds reports whether m stands in g, which may be nil.
func holds(g *Group[*person], m *person) bool {
	if g == nil {
		return false
	}
	for _, chunk := range g.Load() {
		for _, one := range chunk {
			if one == m {
				return true
			}
		}
	}
	return false
}
