package wsx

import (
	"runtime"
	"slices"
)

// prefetchMembers is how many connections a broadcast reads ahead.
const prefetchMembers = 16

// A plan says how to find the connections that filters select: which groups to walk, and which
// filters to evaluate for their members. It walks the smallest groups that the indexes offer.
type plan struct {
	walk    []*group // a connection may be in several of them
	filters []Filter // empty if walk contains exactly the selected connections
	pause   func()   // called before a Where, which may be slow; may be nil
}

// plan returns how to find the connections that match the filters or, without filters, all
// connections.
func (h *Hub) plan(filters []Filter) plan {
	p := plan{walk: []*group{&h.all}, filters: filters}
	best := h.all.Size()
	for _, f := range filters {
		if f.empty() {
			return plan{}
		}
		groups, size, ok := h.groups(f, nil)
		if !ok || size > best {
			continue
		}
		best, p.walk = size, groups
		if p.filters = filters; len(filters) == 1 && f.rule.kind != byAny && len(groups) == 1 {
			p.filters = nil // the members of the group are exactly the matches
		}
	}
	return p
}

// groups appends to to the groups that together contain every match of f, and returns them with
// their size. The boolean reports whether the indexes can answer f.
func (h *Hub) groups(f Filter, to []*group) (groups []*group, size int64, ok bool) {
	var in *groupIndex
	switch f.rule.kind {
	case byRoom:
		in = &h.rooms
	case byUser:
		in = &h.users
	case byAny:
		for _, sub := range f.rule.of {
			if sub.empty() {
				continue
			}
			var n int64
			if to, n, ok = h.groups(sub, to); !ok {
				return nil, 0, false
			}
			size += n
		}
		return to, size, true
	default:
		return nil, 0, false
	}
	for _, name := range f.rule.names {
		if g := in.Find(name); g != nil {
			to = append(to, g)
			size += g.Size()
		}
	}
	return to, size, true
}

// each calls do once, under the connection's lock, for every connection that the plan selects at
// that moment. The filters are evaluated only once for a connection that is in several groups.
func (p plan) each(do func(*Connection)) {
	p.members(func(m *membership) bool { return p.decide(m, do) })
}

// members calls do, with no lock held, for the memberships in the plan. Once do has decided a
// connection, it skips its other memberships.
func (p plan) members(do func(*membership) (decided bool)) {
	var seen map[*Connection]struct{}
	if len(p.walk) > 1 {
		seen = make(map[*Connection]struct{})
	}
	for _, chunks := range p.load() {
		for _, chunk := range chunks {
			for i, m := range chunk {
				if i%prefetchMembers == 0 {
					prefetch(chunk[i:min(i+prefetchMembers, len(chunk))])
				}
				if _, twice := seen[m.conn]; twice {
					continue
				}
				if do(m) && seen != nil {
					seen[m.conn] = struct{}{}
				}
			}
		}
	}
}

// prefetch reads a byte that never changes from each cache line that enqueue is about to touch.
// These reads don't depend on each other, so the processor waits for all of them at once. Reading
// them between the locks of successive connections, it would wait for each. In a broadcast to
// thousands of connections, which have left the caches, waiting is most of the work.
func prefetch(some []*membership) {
	var sum byte
	for _, m := range some {
		sum += m.conn.out.readAhead2 + m.conn.out.readAhead3
	}
	runtime.KeepAlive(sum)
}

// load returns the chunks of all groups at this moment.
func (p plan) load() [][][]*membership {
	all := make([][][]*membership, len(p.walk))
	for i, g := range p.walk {
		all[i] = g.Load()
	}
	return all
}

// decide calls do, under the connection's lock, if the plan selects m's connection. A Where is
// called with the lock released; all filters are then evaluated again, because they may have
// changed.
//
// It reports whether the connection is decided. A membership that has ended doesn't decide, because
// the connection may have a newer one in another group.
func (p plan) decide(m *membership, do func(*Connection)) (decided bool) {
	c := m.conn
	c.mu.Lock()
	chosen := p.matches(m, nil)
	if chosen == unknown {
		c.mu.Unlock()
		if p.pause != nil {
			p.pause()
		}
		results := make(map[*rule]bool)
		evaluateWhere(p.filters, c, results)
		c.mu.Lock()
		chosen = p.matches(m, results)
	}
	defer c.mu.Unlock()
	if chosen == yes {
		do(c)
	}
	return m.live || chosen == yes
}

// matches evaluates the plan for m's connection. The caller holds the connection's mu.
func (p plan) matches(m *membership, results map[*rule]bool) matchResult {
	if !m.live && (len(p.walk) == 1 || m.conn.closeReason != nil) {
		// With several groups, the connection may have moved from one to another meanwhile. Then
		// only the filters can tell whether it still matches.
		return no
	}
	return matchAll(p.filters, m.conn, results)
}

// empty reports whether f names nothing.
func (f Filter) empty() bool {
	if f.rule == nil {
		return true
	}
	switch r := f.rule; r.kind {
	case byRoom, byUser:
		return len(r.names) == 0
	case byTag: // no tag has the value ""
		return r.key == "" || len(r.names) > 0 && !slices.ContainsFunc(r.names, func(v string) bool { return v != "" })
	case byNot:
		return r.of[0].empty()
	case byAny:
		return !slices.ContainsFunc(r.of, func(f Filter) bool { return !f.empty() })
	}
	return false
}

// A matchResult says whether a filter matches a connection. unknown means that a Where decides it
// and has not been called yet. The order makes Any a maximum, all filters of a call a minimum, and
// Not a subtraction.
type matchResult int8

const (
	no matchResult = iota
	unknown
	yes
)

func matchOf(b bool) matchResult {
	if b {
		return yes
	}
	return no
}

// matches evaluates f for c. It never calls a Where, because the caller holds c.mu; it takes the
// result from results instead, and returns unknown if there is none.
func (f Filter) matches(c *Connection, results map[*rule]bool) matchResult {
	if f.empty() {
		return no
	}
	r := f.rule
	switch r.kind {
	case byRoom:
		return matchOf(slices.ContainsFunc(r.names, c.inRoom))
	case byUser:
		return matchOf(slices.Contains(r.names, c.who.user))
	case byTag:
		value, set := c.who.tags[r.key]
		return matchOf(set && (len(r.names) == 0 || slices.Contains(r.names, value)))
	case byExcept:
		return matchOf(!slices.Contains(r.names, c.id) && !(c.rooms.replaying && c.who.page != "" && slices.Contains(r.pages, c.who.page)))
	case byDistance:
		return matchOf(c.who.location != nil && distance(r.lat, r.lng, c.who.location.lat, c.who.location.lng) <= r.km)
	case byNot:
		return yes - r.of[0].matches(c, results)
	case byAny:
		best := no
		for _, sub := range r.of {
			best = max(best, sub.matches(c, results))
		}
		return best
	case byWhere:
		if result, called := results[r]; called {
			return matchOf(result)
		}
		return unknown
	}
	if r.kind == byOtherNode {
		return no
	}
	return yes // byNode: the hub holds only connections of this node
}

// matchAll evaluates several filters, all of which must match. The caller holds c.mu.
func matchAll(filters []Filter, c *Connection, results map[*rule]bool) matchResult {
	worst := yes
	for _, f := range filters {
		worst = min(worst, f.matches(c, results))
		if worst == no {
			break
		}
	}
	return worst
}

// evaluateWhere calls every Where in filters for c, unless results has it. No lock is held, because
// a Where is the program's code.
func evaluateWhere(filters []Filter, c *Connection, results map[*rule]bool) {
	for _, f := range filters {
		if f.rule == nil {
			continue
		}
		if _, called := results[f.rule]; !called && f.rule.kind == byWhere {
			results[f.rule] = f.rule.match(c)
		}
		evaluateWhere(f.rule.of, c, results)
	}
}
