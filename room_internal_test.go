package wsx

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

// membersOf returns whom a reader of g meets, and fails if it would meet somebody twice or the chunks are not as promised.
func membersOf(t testing.TB, g *group) map[*membership]bool {
	t.Helper()
	found := make(map[*membership]bool)
	chunks := g.load()
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
	require.EqualValues(t, len(found), g.size.Load())
	return found
}

func TestGroupAgainstAModel(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var g group
	var model []*membership
	grow := 0.9 // up over several chunks, down to nothing, and up again
	for round := range 12_000 {
		switch {
		case len(model) > 5*chunkSize+1:
			grow = 0.1
		case len(model) == 0:
			grow = 0.9
		}
		if random.Float64() < grow || len(model) == 0 {
			m := new(membership)
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
	var g group
	all := make([]*membership, 2*chunkSize+3)
	for i := range all {
		all[i] = new(membership)
		g.add(all[i])
	}
	snapshot := g.load()
	for _, m := range all {
		g.remove(m, true)
	}
	g.add(new(membership))
	var seen []*membership
	for _, chunk := range snapshot {
		seen = append(seen, chunk...)
	}
	assert.Equal(t, all, seen)
}

func TestIndex(t *testing.T) {
	t.Parallel()
	t.Run("an empty group leaves it", func(t *testing.T) {
		t.Parallel()
		var x index
		a, b := &membership{group: "a"}, &membership{group: "a"}
		x.add(a)
		x.add(b)
		assert.EqualValues(t, 1, x.size.Load())
		x.remove(a)
		assert.NotNil(t, x.find("a"), "b is still there")
		x.remove(b)
		assert.Nil(t, x.find("a"))
		assert.Zero(t, x.size.Load())
	})
	t.Run("a group of the same name may come again", func(t *testing.T) {
		t.Parallel()
		var x index
		for range 3 {
			m := &membership{group: "a"}
			x.add(m)
			require.NotNil(t, x.find("a"))
			assert.Len(t, membersOf(t, x.find("a")), 1)
			x.remove(m)
		}
		assert.Zero(t, x.size.Load())
	})
	t.Run("a dead group that is still found is replaced", func(t *testing.T) {
		t.Parallel()
		// The moment between a group's death and its leaving, as another goroutine may meet it.
		var x index
		first := &membership{group: "a"}
		x.add(first)
		died := x.find("a")
		require.True(t, died.remove(first, true))
		second := &membership{group: "a"}
		x.add(second)
		require.NotSame(t, died, x.find("a"))
		assert.True(t, membersOf(t, x.find("a"))[second])
		assert.EqualValues(t, 1, x.size.Load())
		x.forget("a", died) // the killer comes late
		assert.True(t, membersOf(t, x.find("a"))[second], "and takes nobody else's group away")
		assert.EqualValues(t, 1, x.size.Load())
	})
}

func TestIndexUnderConcurrency(t *testing.T) {
	t.Parallel()
	// Few members in few groups: nearly every removal kills a group that somebody else is adding to.
	const goroutines, rounds, names = 8, 3_000, 2
	var x index
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
				if g := x.find(fmt.Sprint(name)); g != nil {
					twice := make(map[*membership]bool)
					for _, chunk := range g.load() {
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
				m := &membership{group: fmt.Sprint(i % names)}
				x.add(m)
				if !holds(x.find(m.group), m) {
					lost.Add(1)
				}
				x.remove(m)
				if holds(x.find(m.group), m) {
					lost.Add(1)
				}
			}
		})
	}
	workers.Wait()
	close(stop)
	readers.Wait()
	assert.Zero(t, lost.Load(), "members that were added and not found, or removed and found")
	assert.Zero(t, x.size.Load())
	for name := range names {
		assert.Nil(t, x.find(fmt.Sprint(name)))
	}
}

func TestGroupUnderConcurrency(t *testing.T) {
	t.Parallel()
	// Removals fill holes with members of other goroutines, over several chunks.
	const goroutines, each = 4, 2 * chunkSize
	var g group
	stay := make([]*membership, chunkSize+7)
	for i := range stay {
		stay[i] = new(membership)
		g.add(stay[i])
	}
	var workers sync.WaitGroup
	for worker := range goroutines {
		workers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 0))
			var mine []*membership
			for range each {
				mine = append(mine, new(membership))
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
	for range 200 { // whoever stays is met by every reader, exactly once
		met := make(map[*membership]int)
		for _, chunk := range g.load() {
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

// holds reports that m stands in g, which may be nil.
func holds(g *group, m *membership) bool {
	if g == nil {
		return false
	}
	for _, chunk := range g.load() {
		for _, one := range chunk {
			if one == m {
				return true
			}
		}
	}
	return false
}
