// Package index has sets of members that are read without a lock, and finds them by name. See docs/adr/0003-copy-on-write-index.md.
package index

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A Place is where a member stands in its [Group]. The type of a member embeds one. A member stands in one group at a time.
type Place struct {
	chunk int // guarded by the group's mu
}

func (p *Place) place() *Place { return p }

// A Member is a pointer to a struct that embeds a [Place].
type Member interface {
	comparable
	place() *Place
}

// chunkSize bounds what one Add or Remove copies.
const chunkSize = 256

// A Group is a set of members that is read without a lock: an immutable slice of immutable chunks. All chunks are full except the
// last. Add and Remove replace one or two chunks and the short slice that holds them. The zero value is an empty group.
type Group[M Member] struct {
	chunks atomic.Pointer[[][]M]
	size   atomic.Int64

	// guarded by mu, which also orders writers
	mu   sync.Mutex
	dead bool // the group was empty and has left its index
}

// Load returns the members as they are now. The chunks must not be changed.
func (g *Group[M]) Load() [][]M {
	if p := g.chunks.Load(); p != nil {
		return *p
	}
	return nil
}

// Size returns how many members there are.
func (g *Group[M]) Size() int64 { return g.size.Load() }

// Add puts m into the group.
func (g *Group[M]) Add(m M) { g.add(m) }

// Remove takes m, which must be in the group, out of it.
func (g *Group[M]) Remove(m M) { g.remove(m, false) }

// add reports whether it has put m into the group: a dead group takes no members.
func (g *Group[M]) add(m M) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return false
	}
	old := g.Load()
	last := len(old) - 1
	if last < 0 || len(old[last]) == chunkSize {
		m.place().chunk = len(old)
		g.store(appendCopy(old, []M{m}))
	} else {
		m.place().chunk = last
		chunks := slices.Clone(old)
		chunks[last] = appendCopy(old[last], m)
		g.store(chunks)
	}
	g.size.Add(1)
	return true
}

// remove takes m out of the group. The last member of all fills its place. It reports whether the group has died of it, which
// mayDie allows.
func (g *Group[M]) remove(m M, mayDie bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	chunks := slices.Clone(g.Load())
	last := len(chunks) - 1
	filler := chunks[last][len(chunks[last])-1]
	if filler != m {
		at := m.place().chunk
		hole := slices.Clone(chunks[at])
		hole[slices.Index(hole, m)] = filler
		chunks[at] = hole
		filler.place().chunk = at
	}
	rest := slices.Clone(chunks[last][:len(chunks[last])-1])
	if len(rest) == 0 {
		chunks[last] = nil
		chunks = chunks[:last]
	} else {
		chunks[last] = rest
	}
	g.store(chunks)
	g.dead = g.size.Add(-1) == 0 && mayDie
	return g.dead
}

func (g *Group[M]) store(chunks [][]M) { g.chunks.Store(&chunks) }

// appendCopy returns a copy of s with one more element and no spare capacity: groups are many and live long.
func appendCopy[T any](s []T, one T) []T {
	longer := make([]T, len(s)+1)
	longer[copy(longer, s)] = one
	return longer
}

// An Index finds groups by name without a lock. A group leaves it with its last member. The zero value is an empty index.
type Index[M Member] struct {
	groups sync.Map // string → *Group[M]
	size   atomic.Int64
}

// Size returns how many groups there are.
func (x *Index[M]) Size() int64 { return x.size.Load() }

// Find returns the group of a name, or nil.
func (x *Index[M]) Find(name string) *Group[M] {
	if g, ok := x.groups.Load(name); ok {
		return g.(*Group[M])
	}
	return nil
}

// Add puts m into the group of a name.
func (x *Index[M]) Add(name string, m M) {
	for {
		g := x.Find(name)
		if g == nil {
			fresh, loaded := x.groups.LoadOrStore(name, new(Group[M]))
			if g = fresh.(*Group[M]); !loaded {
				x.size.Add(1)
			}
		}
		if g.add(m) {
			return
		}
		x.forget(name, g) // it died after Find, and the goroutine that emptied it may not have come to this yet
	}
}

// Remove takes m, which must be in the group of that name, out of it.
func (x *Index[M]) Remove(name string, m M) {
	if g := x.Find(name); g != nil && g.remove(m, true) {
		x.forget(name, g)
	}
}

func (x *Index[M]) forget(name string, g *Group[M]) {
	if x.groups.CompareAndDelete(name, g) {
		x.size.Add(-1)
	}
}
