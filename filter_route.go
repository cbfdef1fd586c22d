package wsx

import (
	"fmt"
	"math"
	"slices"

	"github.com/wsxgo/wsx/internal/nodewire"
)

// A destination is where a message with certain filters goes, besides the connections that match.
type destination struct {
	room    string // that the message belongs to, or ""
	history bool   // the room keeps it
}

// route checks the filters of a message and returns its destination. A room with history must be
// named alone, in a single Room filter at the top level.
//
// It returns ErrFilter for filters that a history can't store. A replay evaluates them later, so
// they must not depend on other rooms or on the program's code.
func (h *Hub) route(to []Filter) (destination, error) {
	if err := checkFilters(to); err != nil {
		return destination{}, err
	}
	if h.cluster != nil && !isLocal(to) {
		if hasWhere(to) {
			return destination{}, fmt.Errorf("%w: a Where can't reach the connections of other nodes; add Local(), or use filters that are data", ErrFilter)
		}
		if depth(to) > nodewire.MaxFilterDepth {
			return destination{}, fmt.Errorf("%w: filters in filters, more than %d deep", ErrFilter, nodewire.MaxFilterDepth)
		}
	}
	d := destination{room: roomOf(to)}
	if h.roomOptions.IsEmpty() {
		return d, nil
	}
	if d.room != "" {
		_, d.history = h.hasHistory(d.room)
	}
	for _, f := range to {
		if name := f.namesHistoryRoom(h); name != "" && !d.history {
			return d, fmt.Errorf("%w: the room %.64q has a history; name it alone, in a single Room filter", ErrFilter, name)
		}
		if d.history && f.rule != nil && f.rule.kind != byRoom && !f.replayable() {
			return d, fmt.Errorf("%w: the room %.64q has a history; combine it only with Except, User, Tag, Near and Not", ErrFilter, d.room)
		}
	}
	return d, nil
}

// roomOf returns the room that a message with these filters belongs to, or "". That is the name in
// the only Room filter at the top level, if it has just one.
func roomOf(filters []Filter) string {
	isRoom := func(f Filter) bool { return f.rule != nil && f.rule.kind == byRoom }
	i := slices.IndexFunc(filters, isRoom)
	if i < 0 || slices.IndexFunc(filters[i+1:], isRoom) >= 0 || len(filters[i].rule.names) != 1 {
		return ""
	}
	return filters[i].rule.names[0]
}

// namesHistoryRoom returns the first room with history that f names outside a Not, or "".
func (f Filter) namesHistoryRoom(h *Hub) string {
	if f.rule == nil || f.rule.kind == byNot {
		return ""
	}
	if f.rule.kind == byRoom {
		for _, name := range f.rule.names {
			if _, ok := h.hasHistory(name); ok {
				return name
			}
		}
	}
	for _, sub := range f.rule.of {
		if name := sub.namesHistoryRoom(h); name != "" {
			return name
		}
	}
	return ""
}

// replayable reports whether f can be evaluated when a message is replayed. A Where can't be kept,
// because it may refer to anything in the program.
func (f Filter) replayable() bool {
	if f.rule == nil {
		return true
	}
	switch f.rule.kind {
	case byExcept, byUser, byTag, byDistance:
		return true
	case byNot:
		sub := f.rule.of[0] // Not(Room) is evaluated by the rooms that the member is in then
		return sub.rule != nil && sub.rule.kind == byRoom || sub.replayable()
	}
	return false
}

// withoutRoom returns the filters except the one by room. A history belongs to its room, so it
// needn't keep that filter.
func withoutRoom(filters []Filter) (others []Filter) {
	for _, f := range filters {
		if f.rule == nil || f.rule.kind != byRoom {
			others = append(others, f)
		}
	}
	return others
}

// check returns an error that wraps ErrFilter or ErrRoom if f is invalid.
func (f Filter) check() error {
	if f.rule == nil {
		return nil
	}
	r := f.rule
	switch r.kind {
	case byRoom:
		for _, name := range r.names {
			if err := checkRoom(name); err != nil {
				return err
			}
		}
	case byDistance:
		if !validLocation(r.lat, r.lng) || !(r.km >= 0) || math.IsInf(r.km, 0) {
			return fmt.Errorf("%w: Near(%v, %v, %v): the latitude, longitude or distance is out of range", ErrFilter, r.lat, r.lng, r.km)
		}
	}
	for _, sub := range r.of {
		if err := sub.check(); err != nil {
			return err
		}
	}
	return nil
}

// checkFilters returns the error of the first invalid filter.
func checkFilters(filters []Filter) error {
	for _, f := range filters {
		if err := f.check(); err != nil {
			return err
		}
	}
	return nil
}
