package wsx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// audienceKey returns a text that is equal for filters that say the same in the same words, so that what they select need
// be found out but once. Two calls of Where are never the same.
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
		fmt.Fprintf(b, "%p", r)
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

// roomOf returns the room that a message with these filters belongs to: that of the one Room filter at the top, if it
// names one room; "" is none.
func roomOf(filters []Filter) string {
	isRoom := func(f Filter) bool { return f.rule != nil && f.rule.kind == byRoom }
	i := slices.IndexFunc(filters, isRoom)
	if i < 0 || slices.IndexFunc(filters[i+1:], isRoom) >= 0 || len(filters[i].rule.names) != 1 {
		return ""
	}
	return filters[i].rule.names[0]
}

// remembering returns a room that remembers and that f selects, "" if there is none.
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

// keepable reports that f can be asked again when a message is replayed.
func (f Filter) replayable() bool {
	if f.rule == nil {
		return true
	}
	switch f.rule.kind {
	case byExcept, byUser, byTag, byDistance:
		return true
	case byNot:
		sub := f.rule.of[0]
		return sub.rule != nil && sub.rule.kind == byRoom || sub.replayable()
	}
	return false
}

// besidesRoom returns a copy of the filters without that of the room; nil if there are no others.
func withoutRoom(filters []Filter) (others []Filter) {
	for _, f := range filters {
		if f.rule == nil || f.rule.kind != byRoom {
			others = append(others, f)
		}
	}
	return others
}
