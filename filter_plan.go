package wsx

import "runtime"

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
