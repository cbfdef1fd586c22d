package wsx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// audienceKey returns a text that is equal for filters with equal content, so that their audience
// is evaluated once. Equal audiences with different filters may differ in key; that costs time
// only. Two calls of Where never have the same key.
func audienceKey(filters []Filter) string {
	var b strings.Builder
	for _, f := range filters {
		f.writeKey(&b)
	}
	return b.String()
}

func (f Filter) writeKey(b *strings.Builder) {
	if f.rule == nil {
		b.WriteString("()")
		return
	}
	r := f.rule
	b.WriteByte('(')
	b.WriteString(strconv.Itoa(int(r.kind)))
	switch r.kind {
	case byWhere:
		fmt.Fprintf(b, "%p", r) // functions can't be compared
	case byDistance:
		fmt.Fprintf(b, " %v %v %v", r.lat, r.lng, r.km)
	case byTag:
		b.WriteString(strconv.Quote(r.key))
	}
	for _, name := range r.names {
		b.WriteString(strconv.Quote(name))
	}
	for _, sub := range r.of {
		sub.writeKey(b)
	}
	b.WriteByte(')')
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
