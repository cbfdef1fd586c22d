package wsx

import "sync"

// An entry is one message on its way to one connection, in the encoding that held when it was queued.
type entry struct {
	msg *message
	enc form
}

func (e entry) bytes() []byte { return e.msg.frame(e.enc) }

// A queue holds what waits for one browser, in order. It is nothing but a nil slice while nothing waits. Its user guards
// it and bounds it.
type queue struct {
	entries []entry
	head    int           // entries before it have been taken
	bytes   int64         // of what waits and of what was taken and not yet written
	small   *smallBacking // where entries begins while few wait
}

// A smallBacking is the first home of a queue. It is pooled, so that a broadcast to an idle connection allocates nothing.
type smallBacking [8]entry

var smallBackings = sync.Pool{New: func() any { return new(smallBacking) }}

func (q *queue) len() int { return len(q.entries) - q.head }

func (q *queue) push(e entry) {
	if q.entries == nil {
		q.small = smallBackings.Get().(*smallBacking)
		q.entries = q.small[:0]
	}
	if len(q.entries) == cap(q.entries) && q.head > len(q.entries)/2 {
		n := copy(q.entries, q.entries[q.head:]) // make room at the front rather than grow
		clear(q.entries[n:])
		q.entries, q.head = q.entries[:n], 0
	}
	q.entries = append(q.entries, e)
	q.bytes += int64(len(e.bytes()))
}

// take appends to batch the oldest entries that together have at most joinBytes, but at least one if any waits.
func (q *queue) take(batch []entry) []entry {
	size := 0
	for q.len() > 0 {
		e := q.entries[q.head]
		size += len(e.bytes())
		if size > joinBytes && len(batch) > 0 {
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
	if q.small != nil {
		clear(q.small[:])
		smallBackings.Put(q.small)
	}
	q.entries, q.small, q.head = nil, nil, 0
}
