package wsx

import "runtime"

// aheadMembers is how many connections a broadcast reads ahead.
const prefetchMembers = 16

// A plan says which groups hold every connection that some filters can select, and which filters remain to be asked of
// those. It walks the smallest groups that the indexes offer.
type plan struct {
	walk    []*group // a connection may stand in several of them
	filters []Filter // empty: whoever stands in walk is meant
	pause   func()   // called before Where, which may take its time; may be nil
}

// plan returns how to find what the filters select. No filter selects everybody.
func (h *Hub) plan(filters []Filter) plan {
	p := plan{walk: []*group{&h.all}, filters: filters}
	best := h.all.size.Load()
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

// groups appends the groups that together hold all that f can select; false: no index knows.
func (h *Hub) groups(f Filter, to []*group) (groups []*group, size int64, ok bool) {
	var in *index
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
		if g := in.find(name); g != nil {
			to = append(to, g)
			size += g.size.Load()
		}
	}
	return to, size, true
}

// each calls do, under the connection's lock, for every connection that the plan means at that moment, once. Who stands in
// several groups is asked about only once too.
func (p plan) each(do func(*Connection)) {
	p.members(func(m *membership) bool { return p.decide(m, do) })
}

// members calls do, with no lock held, for the memberships of the plan, until one of a connection has decided about it.
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

// warm reads what never changes of every line of memory that queueing is about to touch. The reads do not depend on each other,
// so the processor waits for all of them at once; between the locks of one connection after the other, it would wait for each.
// In a broadcast to thousands, whose memory has left the caches since the one before, waiting is most of the work.
func prefetch(some []*membership) {
	var sum byte
	for _, m := range some {
		sum += m.conn.readAhead2 + m.conn.readAhead3
	}
	runtime.KeepAlive(sum)
}

// load returns the chunks of all groups as they are now.
func (p plan) load() [][][]*membership {
	all := make([][][]*membership, len(p.walk))
	for i, g := range p.walk {
		all[i] = g.load()
	}
	return all
}

// decide calls do if the plan means m's connection. It asks Where with no lock held, and everything else under the
// connection's lock, which do is called under too. False: the membership is over, so that another one has to decide.
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

// matches answers the plan for m, whose connection's mu the caller holds.
func (p plan) matches(m *membership, said map[*rule]bool) matchResult {
	if !m.live && (len(p.walk) == 1 || m.conn.closeReason != nil) {
		return no // in one of several groups another membership may have taken its place meanwhile: the filters know
	}
	return matchAll(p.filters, m.conn, said)
}
