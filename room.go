package wsx

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/protocol"
)

// A membership is a connection's place in a group: everybody, one room or one user. A broadcast that has read it from
// the group asks under the connection's lock whether it is still live, so nothing reaches an audience that was left.
type membership struct {
	// immutable
	conn  *Connection
	group string // the room's or the user's name
	gen   uint64 // which of the connection's joins made it

	// guarded by conn.mu
	live             bool
	present          bool // for presence, as the user that the connection has
	delivery         delivery
	deliveredThrough uint64 // the newest message of a room that remembers that was queued, or passed over; the others are to follow
	joinedAt         uint64 // the number at which the program made it join; what was queued before is of an older membership
	toldThrough      uint64 // the newest that the browser learns of from what is queued
	browserKnows     bool   // the browser knows that it is in the room

	// guarded by the group's mu
	chunk int // where in the group it stands
}

// A stream says whether a member of a room that remembers is sent its messages as they come.
type delivery uint8

const (
	deliveryLive    delivery = iota
	deliveryHeld             // until what must come first is queued; then what it missed follows
	deliveryLagging          // the browser is slow: what it missed follows when the queue has drained
	deliveryLost             // what it missed is gone: nothing comes until the browser joins again
)

// chunkSize bounds what one join or leave copies.
const chunkSize = 256

// A group is a set of memberships that is read without a lock: an immutable slice of immutable chunks, all of them full
// but the last. A join or leave replaces one or two chunks and the short slice that holds them.
type group struct {
	chunks atomic.Pointer[[][]*membership]
	size   atomic.Int64

	mu   sync.Mutex // one writer at a time; taken after a connection's mu
	dead bool       // guarded by mu: the group was empty and has left its index
}

// load returns the members as they are now. The chunks must not be changed.
func (g *group) load() [][]*membership {
	if p := g.chunks.Load(); p != nil {
		return *p
	}
	return nil
}

// add puts m into the group; false: the group is dead.
func (g *group) add(m *membership) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead {
		return false
	}
	old := g.load()
	last := len(old) - 1
	if last < 0 || len(old[last]) == chunkSize {
		m.chunk = len(old)
		g.store(appendCopy(old, []*membership{m}))
	} else {
		m.chunk = last
		chunks := slices.Clone(old)
		chunks[last] = appendCopy(old[last], m)
		g.store(chunks)
	}
	g.size.Add(1)
	return true
}

// remove takes m out of the group: the last member of all fills its place. It reports whether the group died of it.
func (g *group) remove(m *membership, mayDie bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	chunks := slices.Clone(g.load())
	last := len(chunks) - 1
	filler := chunks[last][len(chunks[last])-1]
	if filler != m {
		hole := slices.Clone(chunks[m.chunk])
		hole[slices.Index(hole, m)] = filler
		chunks[m.chunk] = hole
		filler.chunk = m.chunk
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

// with returns a copy of s with one more at its end, and no more room than that: groups are long-lived and many.
func appendCopy[T any](s []T, one T) []T {
	longer := make([]T, len(s)+1)
	longer[copy(longer, s)] = one
	return longer
}

func (g *group) store(chunks [][]*membership) { g.chunks.Store(&chunks) }

// An index finds the group of a name without a lock. A group leaves it when its last member does.
type index struct {
	groups sync.Map // string → *group
	size   atomic.Int64
}

// find returns the group of name, or nil.
func (x *index) find(name string) *group {
	if g, ok := x.groups.Load(name); ok {
		return g.(*group)
	}
	return nil
}

func (x *index) add(m *membership) {
	for {
		g := x.find(m.group)
		if g == nil {
			fresh, loaded := x.groups.LoadOrStore(m.group, new(group))
			if g = fresh.(*group); !loaded {
				x.size.Add(1)
			}
		}
		if g.add(m) {
			return
		}
		x.forget(m.group, g) // it died between find and add, and whoever killed it may not have come to this yet
	}
}

func (x *index) remove(m *membership) {
	if g := x.find(m.group); g != nil && g.remove(m, true) {
		x.forget(m.group, g)
	}
}

func (x *index) forget(name string, g *group) {
	if x.groups.CompareAndDelete(name, g) {
		x.size.Add(-1)
	}
}

// checkRoom returns an error that wraps ErrRoom unless name can be a room's.
func checkRoom(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: the name is empty", ErrRoom)
	case len(name) > protocol.MaxRoomName:
		return fmt.Errorf("%w: a name of %d bytes, %d are allowed", ErrRoom, len(name), protocol.MaxRoomName)
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: the name is not valid UTF-8", ErrRoom)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%w: the name %.64q is not printable", ErrRoom, name)
		}
	}
	return nil
}
