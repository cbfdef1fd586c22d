package wsx

import (
	"fmt"
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
