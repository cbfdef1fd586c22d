package wsx

// withHistory calls do with the locks of a room's history and of c, in this order. While it runs,
// nothing is published in the room, so do sees the history and the queue of c in the same state. It
// wakes c if do returns true.
func (h *Hub) withHistory(c *Connection, room string, do func(*roomHistory) (wake bool)) {
	o, _ := h.hasHistory(room)
	hist := h.history.acquire(room, o.TTL)
	defer h.history.release(hist)
	if do := func() bool {
		hist.mu.Lock()
		defer hist.mu.Unlock()
		c.mu.Lock()
		defer c.mu.Unlock()
		return do(hist)
	}; do() {
		h.writers.wake(c)
	}
}

// setDelivery sets the delivery of a membership and counts the lagging ones. The caller holds mu.
func (c *Connection) setDelivery(m *membership, s delivery) {
	if m.delivery == deliveryLagging {
		c.rooms.lagging--
	}
	if s == deliveryLagging {
		c.rooms.lagging++
	}
	m.delivery = s
}

// announceJoins tells the browser which rooms a handler has joined. It precedes the reply that
// shows them: a browser that has the reply and loses the connection must know what to come back
// for.
func (c *Connection) announceJoins() {
	c.mu.Lock()
	wake := false
	for _, m := range c.rooms.held {
		if c.closeReason == nil && m.live && !m.browserKnows {
			wake = c.sendJoined(m) || wake
		}
	}
	c.mu.Unlock()
	if wake {
		c.hub.writers.wake(c)
	}
}

// releaseHeld lets the rooms that a handler or hook has joined catch up. It unlocks mu first,
// because a room's lock is taken before a connection's.
func (c *Connection) releaseHeld() {
	c.mu.Lock()
	waiting := c.rooms.held
	c.rooms.held = nil
	c.mu.Unlock()
	for _, m := range waiting {
		c.hub.catchUp(m, deliveryHeld)
	}
}

// catchUp queues what a membership has missed, as far as there is space, and makes it live. It does
// nothing unless the delivery is still was: otherwise another goroutine has taken care of the
// membership.
func (h *Hub) catchUp(m *membership, was delivery) {
	c := m.conn
	h.withHistory(c, m.group, func(hist *roomHistory) (wake bool) {
		if c.closeReason != nil || !m.live || m.delivery != was {
			return false
		}
		if !m.browserKnows {
			wake = c.sendJoined(m)
		}
		if !hist.complete(m.deliveredThrough, 0) {
			if c.out.encoding&encodingFull != 0 {
				return c.sendReset(m) || wake
			}
			m.deliveredThrough = hist.evictedThrough // a plain client can't handle a reset
		}
		return c.replay(hist, m) || wake
	})
}

// replay queues the history after m.deliveredThrough. If the queue gets half full, m lags and
// continues later. The caller holds mu and hist.mu.
func (c *Connection) replay(hist *roomHistory, m *membership) (wake bool) {
	c.rooms.replaying = true
	defer func() { c.rooms.replaying = false }()
	for i := hist.after(m.deliveredThrough); i < hist.kept.Len(); i++ {
		offset := hist.kept.At(i).offset
		wake = c.tellStarts(m, offset-1) || wake
		if matchAll(hist.kept.At(i).filters(), c, nil) == yes {
			msg := c.hub.keptMessage(hist, i)
			size := int64(len(msg.frame(c.out.encoding)))
			if c.out.queue.bytes > 0 && c.fills(size, 2) {
				c.setDelivery(m, deliveryLagging)
				return wake
			}
			_, idle := c.enqueue(msg)
			if wake = wake || idle; c.closeReason != nil {
				return wake
			}
			m.toldThrough = offset
		}
		m.deliveredThrough = offset
	}
	wake = c.tellStarts(m, ^uint64(0)) || wake
	c.setDelivery(m, deliveryLive)
	return wake
}

// tellStarts queues the positions up to a number at which parts of the page start: what comes after them is for those too. The caller
// holds mu.
func (c *Connection) tellStarts(m *membership, through uint64) (wake bool) {
	for len(m.untold) > 0 && m.untold[0] <= through {
		n := m.untold[0]
		m.untold = m.untold[1:]
		m.toldThrough = max(m.toldThrough, n)
		_, idle := c.enqueue(positionMessage(m.group, n, c.hub.history.position(n)))
		wake = wake || idle
	}
	return wake
}

// queueForMember queues a message of a room with history for a member. If the member isn't live,
// catchUp sends it from the history later, unless it is volatile. The caller holds mu and the lock
// of the room's history.
func (c *Connection) queueForMember(m *message, at *membership) (wake bool) {
	if at.delivery != deliveryLive {
		if m.volatile {
			c.hub.counts.drop(dropVolatile, 1)
		}
		return false
	}
	_, wake = c.enqueue(m)
	if at.delivery == deliveryLive && m.offset > 0 {
		at.deliveredThrough, at.toldThrough = m.offset, m.offset
	}
	return wake
}

// maybeCatchUp lets lagging rooms catch up once most of the queue has left. It starts a goroutine,
// because catching up takes the locks of rooms before mu. The caller holds mu and writes for the
// connection.
func (c *Connection) maybeCatchUp() {
	if !c.rooms.catching && c.closeReason == nil && c.queueHasSpace() {
		c.rooms.catching = true
		c.tasks.Add(1)
		go c.catchUpRooms()
	}
}

// queueHasSpace reports whether at most a quarter of the queue is used. Waiting for that much space
// lets a catch-up queue many messages at once.
func (c *Connection) queueHasSpace() bool { return c.out.queue.bytes == 0 || !c.fills(0, 4) }

// catchUpRooms lets lagging rooms catch up while the queue has space and there is progress. If it
// ends for lack of space, the writer that makes space starts it again.
func (c *Connection) catchUpRooms() {
	defer c.tasks.Done()
	for progress := true; ; {
		c.mu.Lock()
		var late []*membership
		before := make(map[*membership]uint64)
		if (progress || c.out.queue.bytes == 0) && c.closeReason == nil && c.queueHasSpace() {
			for _, m := range c.rooms.memberships {
				if m.delivery == deliveryLagging {
					late = append(late, m)
					before[m] = m.deliveredThrough
				}
			}
		}
		if len(late) == 0 {
			c.rooms.catching = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		for _, m := range late {
			c.hub.catchUp(m, deliveryLagging)
		}
		c.mu.Lock()
		progress = false
		for _, m := range late {
			progress = progress || m.delivery != deliveryLagging || m.deliveredThrough != before[m]
		}
		c.mu.Unlock()
	}
}

// caughtUp reports whether the browser gets everything of all its rooms, so that a ping may confirm
// it. The caller holds mu.
func (c *Connection) caughtUp() bool {
	if c.rooms.gen == 0 || c.rooms.joining > 0 {
		return false // the rooms of an older connection may not have been joined yet
	}
	for _, m := range c.rooms.memberships {
		if m.delivery != deliveryLive {
			return false
		}
	}
	return true
}

// ping queues confirming if the browser gets everything, and other if not. The positions that no
// update carries come first.
func (c *Connection) ping(confirming, other *message) {
	c.mu.Lock()
	wake := false
	for _, r := range c.rooms.memberships {
		if r.delivery == deliveryLive && r.deliveredThrough > r.toldThrough {
			r.toldThrough = r.deliveredThrough
			_, idle := c.enqueue(positionMessage(r.group, r.deliveredThrough, c.hub.history.position(r.deliveredThrough)))
			wake = wake || idle
		}
	}
	m := other
	// A confirming ping that makes a room lag would be false.
	if c.caughtUp() && !c.fills(int64(len(confirming.frame(c.out.encoding))), 1) {
		m = confirming
	}
	_, idle := c.enqueue(m)
	c.mu.Unlock()
	if wake || idle {
		c.hub.writers.wake(c)
	}
}
