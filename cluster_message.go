package wsx

import (
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/nodewire"
	"github.com/wsxgo/wsx/internal/protocol"
)

// messageOf returns m as it travels.
func (n *cluster) messageOf(id string, m *message, d destination, to []Filter) nodewire.Message {
	e := nodewire.Message{
		Key: m.key, Batch: m.batch, Volatile: m.volatile,
		Fragments: fragmentsOf(m.fragments), Filters: n.filtersOf(to),
	}
	if d.history && !m.volatile {
		e.Room = d.room
	} else {
		e.ID = id
	}
	return e
}

// applyMessage delivers a message of the log to the members here. It reports whether it understood
// the message.
func (n *cluster) applyMessage(e *nodewire.Message, number uint64) bool {
	fragments, ok := readFragments(e.Fragments)
	to, known := n.readFilters(e.Filters)
	if !ok || !known || e.Room == "" {
		return false
	}
	m := newUpdate("", fragments)
	m.key, m.batch, m.room = e.Key, e.Batch, e.Room
	if _, hasHistory := n.hub.hasHistory(e.Room); hasHistory {
		n.hub.publishInRoom(m, to, number)
		return true
	}
	// This node has other options for the room: its members get the message, and no position.
	m = newUpdate(n.hub.newUpdateID(), fragments)
	m.key, m.batch = e.Key, e.Batch
	n.hub.deliverTo(m, destination{}, to)
	return true
}

// applyNotes delivers messages that are not in the log. Several are those of one batch.
func (n *cluster) applyNotes(messages []nodewire.Message) {
	var batch []batchItem
	for i := range messages {
		e := &messages[i]
		fragments, ok := readFragments(e.Fragments)
		to, known := n.readFilters(e.Filters)
		if !ok || !known {
			n.counts.unreadable.Add(1)
			continue
		}
		if e.Batch {
			batch = append(batch, batchItem{to: to, checked: fragments, destination: destination{room: roomOf(to)}})
			continue
		}
		if e.ID != "" && !n.hub.published.first(e.ID, time.Now()) {
			continue
		}
		m := newUpdate(n.hub.newUpdateID(), fragments)
		m.key, m.volatile = e.Key, e.Volatile
		d := destination{room: roomOf(to)}
		_, d.history = n.hub.hasHistory(d.room)
		d.history = d.history && m.volatile
		n.hub.deliverTo(m, d, to)
	}
	if len(batch) > 0 {
		f := n.hub.newFlush(batch)
		f.deliver()
	}
}

func fragmentsOf(fragments []protocol.Fragment) []nodewire.Fragment {
	all := make([]nodewire.Fragment, len(fragments))
	for i, f := range fragments {
		all[i] = nodewire.Fragment{Target: f.Target, HTML: f.HTML, Swap: f.Swap}
	}
	return all
}

// readFragments checks fragments again, so that what the rest of the package relies on holds.
func readFragments(fragments []nodewire.Fragment) ([]protocol.Fragment, bool) {
	checked := make([]protocol.Fragment, len(fragments))
	for i, f := range fragments {
		var err error
		if checked[i], err = protocol.Check(f.Target, f.HTML, f.Swap); err != nil {
			return nil, false
		}
	}
	return checked, len(checked) > 0
}

// filtersOf returns filters as they travel. A Local inside another filter stays the one of this
// node.
func (n *cluster) filtersOf(filters []Filter) []nodewire.Filter {
	var all []nodewire.Filter
	for _, f := range filters {
		if f.rule == nil {
			all = append(all, nodewire.Filter{})
			continue
		}
		r := f.rule
		e := nodewire.Filter{Kind: uint8(r.kind), Names: r.names, Pages: r.pages, Key: r.key, Numbers: [3]float64{r.lat, r.lng, r.km}, Of: n.filtersOf(r.of)}
		if r.kind == byNode {
			e.Names = []string{n.hub.node}
		}
		all = append(all, e)
	}
	return all
}

// readFilters is the reverse of filtersOf. The boolean reports whether all of them are known and
// valid.
func (n *cluster) readFilters(filters []nodewire.Filter) (all []Filter, ok bool) {
	for _, e := range filters {
		if e.Kind == 0 {
			all = append(all, Filter{})
			continue
		}
		r := &rule{kind: filterKind(e.Kind), names: e.Names, pages: e.Pages, key: e.Key, lat: e.Numbers[0], lng: e.Numbers[1], km: e.Numbers[2]}
		if r.of, ok = n.readFilters(e.Of); !ok {
			return nil, false
		}
		switch r.kind {
		case byRoom, byUser, byTag, byExcept, byDistance, byAny:
		case byNot:
			if len(r.of) != 1 {
				return nil, false
			}
		case byNode:
			if !slices.Contains(r.names, n.hub.node) {
				r.kind = byOtherNode
			}
		default: // a Where can't travel
			return nil, false
		}
		f := Filter{r}
		if f.check() != nil {
			return nil, false
		}
		all = append(all, f)
	}
	return all, true
}

// isLocal reports whether a message with these filters is for this node only.
func isLocal(filters []Filter) bool {
	return slices.ContainsFunc(filters, func(f Filter) bool { return f.rule != nil && f.rule.kind == byNode })
}

// depth returns how deep filters are in filters.
func depth(filters []Filter) (deepest int) {
	for _, f := range filters {
		if f.rule != nil {
			deepest = max(deepest, 1+depth(f.rule.of))
		}
	}
	return deepest
}

// hasWhere reports whether any of the filters, or of those inside, is a Where.
func hasWhere(filters []Filter) bool {
	return slices.ContainsFunc(filters, func(f Filter) bool {
		return f.rule != nil && (f.rule.kind == byWhere || hasWhere(f.rule.of))
	})
}
