package wsx

import (
	"slices"
	"sync"
)

// send queues m and wakes a writer if need be. The boolean reports whether the connection was open.
func (c *Connection) send(m *message) bool {
	ok, wake := c.lockAndEnqueue(m)
	if wake {
		c.hub.writers.wake(c)
	}
	return ok
}

func (c *Connection) lockAndEnqueue(m *message) (ok, wake bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.enqueue(m)
}

// enqueue queues m without waiting. ok reports whether the connection is still open, even if m was
// dropped. If wake is true, the caller must pass the connection to the hub's writers once it has
// released its locks. The caller holds mu.
//
// A browser that doesn't keep up is dealt with in stages. A message that a newer one supersedes is
// dropped: by key at any time, by content once the queue is half full. From then on volatile
// messages are dropped, too. If the queue is full all the same, the backlog of rooms with history
// is dropped and follows later from the history. As a last resort the connection is closed, and the
// browser reconnects and refetches its page.
func (c *Connection) enqueue(m *message) (ok, wake bool) {
	if c.closeReason != nil || c.out.closeSent {
		return false, false
	}
	e := newEntry(m, c.out.encoding)
	size := int64(e.size)
	if m.verbs > 0 && c.out.encoding&encodingFull == 0 {
		c.hub.counts.drop(dropVerb, m.verbs)
	}
	if size == 0 {
		return true, false
	}
	filling := c.fills(size, 2)
	before := c.out.queue.bytes
	superseded := 0
	if c.out.queue.len() > 0 && (m.key != "" || filling) {
		superseded = c.out.queue.supersede(m, filling)
		c.hub.counts.drop(dropConflated, superseded)
	}
	// A volatile message may replace another one, but may hardly be larger.
	if filling && m.volatile && (superseded == 0 || c.out.queue.bytes+size > before+volatileSlack) && c.fills(size, 2) {
		c.hub.counts.drop(dropVolatile, 1)
		return true, false
	}
	if filling && c.fills(size, 1) {
		c.hub.counts.drop(dropVolatile, c.out.queue.dropAll(func(m *message) bool { return m.volatile }))
		if c.fills(size, 1) && c.followsLater(m, size) {
			return true, false
		}
		if c.fills(size, 1) {
			c.hub.counts.drop(dropSlow, 1)
			c.endLocked(closeReason{cause: ErrSlow, code: 4008, mode: closeDiscard})
			return false, false
		}
	}
	c.out.queue.push(e)
	if c.out.writing { // the writer takes it before it stops
		return true, false
	}
	c.out.writing = true
	c.tasks.Add(1)
	return true, true
}

// fills reports whether size more bytes would exceed the bounds of the queue, divided by part.
func (c *Connection) fills(size, part int64) bool {
	o := &c.hub.opts
	return c.out.queue.bytes+size > o.QueueBytes/part || int64(c.out.queue.len()) >= int64(o.QueueFrames)/part
}

// shedBacklog makes space in a full queue. It drops the backlog of the room with history that takes
// most of it; the backlog follows once the queue has emptied. The boolean reports whether there was
// such a room. The caller holds mu.
func (c *Connection) shedBacklog() bool {
	if c.out.encoding&encodingFull == 0 {
		// A plain client has no reset, which is needed if the history is evicted meanwhile.
		return false
	}
	waiting := make(map[string]int64)
	most := ""
	for i := range c.out.queue.len() {
		e := c.out.queue.waiting(i)
		if e.msg.offset == 0 || e.encoding&encodingFull == 0 {
			continue // hello has since announced a position that includes what was queued before it
		}
		room := e.msg.room
		if m := c.rooms.find(room); m == nil || m.delivery != deliveryLive || e.msg.offset <= m.joinedAt {
			continue
		}
		if waiting[room] += int64(e.size); waiting[room] > waiting[most] {
			most = room
		}
	}
	if most == "" {
		return false
	}
	m := c.rooms.find(most)
	first, dropped := c.out.queue.dropRoom(most, encodingFull, m.joinedAt)
	c.hub.counts.drop(dropBehind, dropped)
	// A ping that confirms the position would no longer be true.
	c.out.queue.dropAll(func(m *message) bool { return m.confirms })
	m.deliveredThrough, m.toldThrough = first-1, first-1
	c.setDelivery(m, deliveryLagging)
	return true
}

// followsLater makes space for m by shedding backlog. It reports whether the room of m lags now, so
// that m follows with the rest of its backlog. The caller holds mu.
func (c *Connection) followsLater(m *message, size int64) bool {
	for c.fills(size, 1) && c.shedBacklog() {
	}
	if m.offset == 0 || c.out.encoding&encodingFull == 0 {
		return false
	}
	at := c.rooms.find(m.room)
	if at.delivery == deliveryLive && c.fills(size, 1) {
		c.setDelivery(at, deliveryLagging)
	}
	return at.delivery == deliveryLagging
}

// An entry is a message on its way to one connection, in the encoding that the connection had when
// it was queued.
type entry struct {
	msg      *message
	size     uint32 // of its bytes
	encoding encoding
}

func newEntry(m *message, as encoding) entry {
	return entry{m, uint32(len(m.frame(as))), as}
}

func (e entry) bytes() []byte { return e.msg.frame(e.encoding) }

// A queue holds what waits for one browser, in order. An empty queue keeps no memory except its
// first two places, because most connections are idle. The connection's mu guards it, and enqueue
// bounds it.
type queue struct {
	entries []entry
	head    int   // the entries before it have been taken
	bytes   int64 // of the entries that wait or are being written
	first   [2]entry
	more    *backing // what entries has moved to; nil while first is enough
}

// A backing holds the entries of a queue that has outgrown its first places. Backings are pooled,
// so that bursts don't allocate either.
type backing [128]entry

var backings = sync.Pool{New: func() any { return new(backing) }}

func (q *queue) len() int { return len(q.entries) - q.head }

// push appends e. The caller has checked the bounds.
func (q *queue) push(e entry) {
	if len(q.entries) == cap(q.entries) {
		q.grow()
	}
	q.entries = append(q.entries, e)
	q.bytes += int64(e.size)
}

// grow makes room for one more entry. If more than half of the entries have been taken it moves the
// others to the front. Otherwise a queue that is never empty would grow forever.
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

// take moves the oldest entries to buffer, up to maxWrite bytes together but at least one. They
// count in bytes until written is called.
func (q *queue) take(buffer []entry) []entry {
	size := 0
	for q.len() > 0 {
		e := q.entries[q.head]
		size += int(e.size)
		if size > maxWrite && len(buffer) > 0 {
			break
		}
		buffer = append(buffer, e)
		q.entries[q.head] = entry{}
		q.head++
	}
	if q.len() == 0 {
		q.release()
	}
	return buffer
}

// written subtracts the bytes of taken entries that have left.
func (q *queue) written(bytes int) { q.bytes -= int64(bytes) }

// supersede drops the entries that m makes superfluous and returns their number. With a key these
// are the entries of the same key; if the queue is filling up, it may also be the last entry.
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

// waiting returns the entry that is taken after i others.
func (q *queue) waiting(i int) entry { return q.entries[q.head+i] }

// dropAll drops the entries whose message is superfluous and returns their number.
func (q *queue) dropAll(superfluous func(*message) bool) (dropped int) {
	for i := q.len() - 1; i >= 0; i-- {
		if superfluous(q.waiting(i).msg) {
			q.drop(i)
			dropped++
		}
	}
	return dropped
}

// dropRoom drops the messages and positions of a room with history that are newer than began and
// were queued in an encoding that includes as. It returns the lowest number among them, and how
// many messages there were.
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

// drop removes the entry that waits behind i others.
func (q *queue) drop(i int) {
	q.bytes -= int64(q.waiting(i).size)
	q.entries = slices.Delete(q.entries, q.head+i, q.head+i+1)
	if q.len() == 0 {
		q.release()
	}
}

// clear drops all entries that wait and returns their number.
func (q *queue) clear() (dropped int) {
	for _, e := range q.entries[q.head:] {
		q.bytes -= int64(e.size)
		dropped++
	}
	q.release()
	return dropped
}

// release returns the backing to its pool. It clears the entries first, so that the pool doesn't
// keep messages alive.
func (q *queue) release() {
	q.first = [2]entry{}
	if q.more != nil {
		clear(q.more[:])
		backings.Put(q.more)
	}
	q.entries, q.more, q.head = nil, nil, 0
}

// supersedes reports whether a queued message may be dropped for a newer one: a page that shows
// only the newer one must end up the same. The newer one goes to the tail of the queue. last means
// that nothing is queued after the older one.
//
// With a key the program has promised that. Without a key it holds for fragments that replace the
// content of one element, and only if nothing lies between them. Dropping any older replacing
// fragment of the same target is the obvious rule, but it shows wrong pages: a fragment in between
// may have its target inside what the older one shows.
func supersedes(newer, older *message, last bool) bool {
	if newer.room != older.room || newer.reply || older.reply || newer.volatile && !older.volatile {
		return false
	}
	if newer.key != "" && newer.key == older.key {
		return true
	}
	return last && newer.replacesInside() && older.replacesInside() && newer.fragments[0].Target == older.fragments[0].Target
}

// replacesInside reports whether m replaces the content of one element and does nothing else.
func (m *message) replacesInside() bool {
	return len(m.fragments) == 1 && m.fragments[0].ReplacesInside()
}
