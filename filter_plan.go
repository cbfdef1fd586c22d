package wsx

import "runtime"

// prefetchMembers is how many connections a broadcast reads ahead.
const prefetchMembers = 16

// A plan says which groups hold every connection that some filters can select, and which filters remain to be asked of those. It
// walks the smallest groups that the indexes offer.
type plan struct {
	walk    []*group // a connection may stand in several of them
	filters []Filter // empty if every connection in walk is selected
	pause   func()   // called before Where, which may take its time; may be nil
}

// plan returns how to find the connections that the filters select. Without a filter, these are all.
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
			p.filters = nil // standing in the group says it all
		}
	}
	return p
}

// groups appends to to the groups that together hold all that f can select, and returns their size. The boolean reports whether an
// index can tell.
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

// each calls do once, under the connection's lock, for every connection that the plan selects at that moment. The filters are asked
// only once about a connection in several groups.
func (p plan) each(do func(*Connection)) {
	p.members(func(m *membership) bool { return p.decide(m, do) })
}

// members calls do, with no lock held, for the memberships of the plan. It skips those of a connection that is decided.
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

// prefetch reads a byte that never changes from every line of memory that queueing is about to touch. The reads don't depend on each
// other, so the processor waits for all of them at once. Between the locks of one connection after the other, it would wait for each.
// In a broadcast to thousands, whose memory has left the caches, waiting is most of the work.
func prefetch(some []*membership) {
	var sum byte
	for _, m := range some {
		sum += m.conn.out.readAhead2 + m.conn.out.readAhead3
	}
	runtime.KeepAlive(sum)
}

// load returns the chunks of all groups as they are now.
func (p plan) load() [][][]*membership {
	all := make([][][]*membership, len(p.walk))
	for i, g := range p.walk {
		all[i] = g.Load()
	}
	return all
}

// decide calls do, under the connection's lock, if the plan selects m's connection. It asks Where with no lock held, and all other
// filters under the lock. It reports whether m decides: one that is over leaves that to another membership.
func (p plan) decide(m *membership, do func(*Connection)) (decided bool) {
	c := m.conn
	c.mu.Lock()
	chosen := p.matches(m, nil)
	if chosen == unknown {
		c.mu.Unlock()
		if p.pause != nil {
			p.pause()
		}
		said := make(map[*rule]bool)
		evaluateWhere(p.filters, c, said)
		c.mu.Lock()
		chosen = p.matches(m, said)
	}
	defer c.mu.Unlock()
	if chosen == yes {
		do(c)
	}
	return m.live || chosen == yes
}

// matches returns whether the plan selects m's connection, whose mu the caller holds.
func (p plan) matches(m *membership, said map[*rule]bool) matchResult {
	if !m.live && (len(p.walk) == 1 || m.conn.closeReason != nil) {
		return no // in one of several groups another membership may have taken its place meanwhile: the filters know
	}
	return matchAll(p.filters, m.conn, said)
}
