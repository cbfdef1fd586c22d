package wsx

// send queues m, whoever the connection belongs to by now; false: it has ended.
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

// enqueue queues m; false: the connection has ended. It never waits. If it asks to wake the connection, the caller must
// give it to the hub's writers. The caller holds mu.
//
// A browser that does not keep up is dealt with in stages. What a newer message makes superfluous is dropped at once if a key
// promises it, and from a half full queue on by what the messages are. From then on what is volatile is dropped too. When
// the queue is full in spite of that, what waits of rooms that remember is dropped, to follow later. Otherwise the connection is
// closed, and the browser comes back to a fresh page.
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
	// A volatile message may take another one's place, but hardly more.
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
	if c.out.writing {
		return true, false
	}
	c.out.writing = true
	c.tasks.Add(1)
	return true, true
}

// fills reports that with size bytes more the queue would be over its bounds, or over that part of them.
func (c *Connection) fills(size, part int64) bool {
	o := &c.hub.opts
	return c.out.queue.bytes+size > o.QueueBytes/part || int64(c.out.queue.len()) >= int64(o.QueueFrames)/part
}

// shed makes space in a full queue: what waits of the room that remembers and of which most waits is dropped, and follows when the
// queue has drained. False: there is none. The caller holds mu.
func (c *Connection) shedBacklog() bool {
	if c.out.encoding&encodingFull == 0 {
		return false // it could not be told if that fails
	}
	waiting := make(map[string]int64)
	most := ""
	for i := range c.out.queue.len() {
		e := c.out.queue.waiting(i)
		if e.msg.offset == 0 || e.encoding&encodingFull == 0 {
			continue // what waits from before the hello has been told as part of the position since
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
	c.out.queue.dropAll(func(m *message) bool { return m.confirms }) // it would not be true any more
	m.deliveredThrough, m.toldThrough = first-1, first-1
	c.setDelivery(m, deliveryLagging)
	return true
}

// followsLater makes space for m by shedding. True: m belongs to a room that is behind now, and follows with the rest of it. The
// caller holds mu.
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
