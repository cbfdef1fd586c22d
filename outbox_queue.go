package wsx

import (
	"slices"
	"sync"
)

// An entry is one message on its way to one connection, in the form that held when it was queued.
type entry struct {
	msg      *message
	encoding encoding
}

func (e entry) bytes() []byte { return e.msg.frame(e.encoding) }

// A queue holds what waits for one browser, in order. It keeps no memory but its first two places while nothing waits. Its
// user guards it and bounds it.
type queue struct {
	entries []entry
	head    int   // entries before it have been taken
	bytes   int64 // of what waits and of what was taken and not yet written
	first   [2]entry
	more    *backing // where entries has moved to; nil: it is in first, or beyond any backing
}

// A backing holds a queue that has outgrown its first places. It is pooled, so that bursts allocate nothing either.
type backing [128]entry

var backings = sync.Pool{New: func() any { return new(backing) }}

func (q *queue) len() int { return len(q.entries) - q.head }

func (q *queue) push(e entry) {
	if len(q.entries) == cap(q.entries) {
		q.grow()
	}
	q.entries = append(q.entries, e)
	q.bytes += int64(len(e.bytes()))
}

// grow makes room for one more, at the front if much of the queue has been taken.
func (q *queue) grow() {
	switch {
	case q.entries == nil:
		q.entries = q.first[:0]
	case q.head > len(q.entries)/2:
		n := copy(q.entries, q.entries[q.head:])
		clear(q.entries[n:])
		q.entries, q.head = q.entries[:n], 0
	case len(q.entries) == len(q.first):
		q.more = backings.Get().(*backing)
		n := copy(q.more[:], q.entries[q.head:])
		clear(q.first[:])
		q.entries, q.head = q.more[:n], 0
	}
}

// take appends to batch the oldest entries that together have at most maxWrite bytes, and at least one if any waits.
func (q *queue) take(batch []entry) []entry {
	size := 0
	for q.len() > 0 {
		e := q.entries[q.head]
		size += len(e.bytes())
		if size > maxWrite && len(batch) > 0 {
			break
		}
		batch = append(batch, e)
		q.entries[q.head] = entry{}
		q.head++
	}
	if q.len() == 0 {
		q.release()
	}
	return batch
}

// written says that bytes of what was taken have left.
func (q *queue) written(bytes int) { q.bytes -= int64(bytes) }

// supersede drops what m makes superfluous, and returns how many entries that were: the one of m's key, or, if the queue is
// filling up, the last one.
func (q *queue) supersede(m *message, filling bool) (dropped int) {
	for i := q.len() - 1; i >= 0; i-- {
		last := i == q.len()-1
		if m.key == "" && !(last && filling) {
			break
		}
		if supersedes(m, q.waiting(i).msg, last && filling) {
			q.drop(i)
			dropped++
		}
	}
	return dropped
}

// waiting returns the entry that is to be taken after i others.
func (q *queue) waiting(i int) entry { return q.entries[q.head+i] }

// dropAll drops what is superfluous, and returns how many entries that were.
func (q *queue) dropAll(superfluous func(*message) bool) (dropped int) {
	for i := q.len() - 1; i >= 0; i-- {
		if superfluous(q.waiting(i).msg) {
			q.drop(i)
			dropped++
		}
	}
	return dropped
}

// dropRoom drops what a room that remembers has sent in a form, with its positions, after a number. It returns the lowest number
// among that, and how many messages it was.
func (q *queue) dropRoom(room string, as encoding, began uint64) (first uint64, dropped int) {
	for i := q.len() - 1; i >= 0; i-- {
		e := q.waiting(i)
		if m := e.msg; m.offset > began && m.room == room && e.encoding&as == as {
			if first == 0 || m.offset < first {
				first = m.offset
			}
			if !m.control {
				dropped++
			}
			q.drop(i)
		}
	}
	return first, dropped
}

// drop takes out the entry that waits behind i others.
func (q *queue) drop(i int) {
	q.bytes -= int64(len(q.waiting(i).bytes()))
	q.entries = slices.Delete(q.entries, q.head+i, q.head+i+1)
	if q.len() == 0 {
		q.release()
	}
}

// clear throws away what waits and returns how many entries that were.
func (q *queue) clear() (dropped int) {
	for _, e := range q.entries[q.head:] {
		q.bytes -= int64(len(e.bytes()))
		dropped++
	}
	q.release()
	return dropped
}

func (q *queue) release() {
	q.first = [2]entry{}
	if q.more != nil {
		clear(q.more[:])
		backings.Put(q.more)
	}
	q.entries, q.more, q.head = nil, nil, 0
}

// supersedes reports whether a queued message gives way to a newer one, because a page that shows only the newer one ends up the
// same. Last says that nothing is queued after the older one. The newer one takes its place at the tail.
//
// With a key the program has promised as much. Without a key it holds for fragments that replace all that is inside one element,
// and only if nothing lies between them: any fragment in between may have its target inside what the older one shows. Dropping any
// older replacing fragment of the same target is the obvious rule, and it shows wrong pages.
func supersedes(newer, older *message, last bool) bool {
	if newer.room != older.room || newer.reply || older.reply || newer.volatile && !older.volatile {
		return false
	}
	if newer.key != "" && newer.key == older.key {
		return true
	}
	return last && newer.replacesInside() && older.replacesInside() && newer.fragments[0].Target == older.fragments[0].Target
}

// replacesInside reports whether m replaces all that is inside one element and does nothing else.
func (m *message) replacesInside() bool {
	return len(m.fragments) == 1 && m.fragments[0].ReplacesInside()
}
