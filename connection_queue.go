package wsx

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
	e := entry{m, c.out.encoding}
	size := int64(len(e.bytes()))
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
		if waiting[room] += int64(len(e.bytes())); waiting[room] > waiting[most] {
			most = room
		}
	}
	if most == "" {
		return false
	}
	m := c.rooms.find(most)
	first, dropped := c.out.queue.dropRoom(most, encodingFull, m.joinedAt)
	c.hub.counts.drop(dropBehind, dropped)
	// A confirming ping would not be true any more.
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
