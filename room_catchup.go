package wsx

// inHistory calls do with the publish lock of a room that remembers, and the lock of c. It wakes c if do says so.
func (h *Hub) withHistory(c *Connection, room string, do func(*roomHistory) (wake bool)) {
	o, _ := h.hasHistory(room)
	mem := h.history.acquire(room, o.TTL)
	defer h.history.release(mem)
	if do := func() bool {
		mem.mu.Lock()
		defer mem.mu.Unlock()
		c.mu.Lock()
		defer c.mu.Unlock()
		return do(mem)
	}; do() {
		h.writers.wake(c)
	}
}

// flow sets the stream of a membership. The caller holds mu.
func (c *Connection) setDelivery(m *membership, s delivery) {
	if m.delivery == deliveryLagging {
		c.rooms.lagging--
	}
	if s == deliveryLagging {
		c.rooms.lagging++
	}
	m.delivery = s
}

// announce tells the browser which rooms a handler has joined. It comes before the answer that shows them: whoever has the answer and
// is cut off would not know that there is something to come back to.
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

// release lets the rooms flow that a handler or hook has joined.
func (c *Connection) releaseHeld() {
	c.mu.Lock()
	waiting := c.rooms.held
	c.rooms.held = nil
	c.mu.Unlock()
	for _, m := range waiting {
		c.hub.catchUp(m, deliveryHeld)
	}
}

// bringUp queues what a membership has missed that was held, or is behind, as far as there is space, and lets it flow. If it is
// neither any more, somebody else sees to it.
func (h *Hub) catchUp(m *membership, was delivery) {
	c := m.conn
	h.withHistory(c, m.group, func(mem *roomHistory) (wake bool) {
		if c.closeReason != nil || !m.live || m.delivery != was {
			return false
		}
		if !m.browserKnows {
			wake = c.sendJoined(m)
		}
		if !mem.complete(m.deliveredThrough, 0) {
			if c.out.encoding&encodingFull != 0 {
				return c.sendReset(m) || wake
			}
			m.deliveredThrough = mem.evictedThrough // an original client has no positions, and nothing to do with a reset
		}
		return c.replay(mem, m) || wake
	})
}

// replay queues what is kept after m.at. The caller holds mu and mem.mu.
func (c *Connection) replay(mem *roomHistory, m *membership) (wake bool) {
	c.rooms.replaying = true
	defer func() { c.rooms.replaying = false }()
	for i := mem.after(m.deliveredThrough); i < mem.kept.Len(); i++ {
		offset := mem.kept.At(i).offset
		wake = c.tellStarts(m, offset-1) || wake
		if matchAll(mem.kept.At(i).filters(), c, nil) == yes {
			msg := c.hub.keptMessage(mem, i)
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

// pass queues a message of a room that remembers for one of its members, unless the member is to get it later. The caller holds
// the publish lock and mu.
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

// mayCatchUp starts bringing up the rooms that are behind once most of the queue has left. The caller holds mu and works for
// the connection.
func (c *Connection) maybeCatchUp() {
	if c.rooms.lagging > 0 && !c.rooms.catching && c.closeReason == nil && c.queueHasSpace() {
		c.rooms.catching = true
		c.tasks.Add(1)
		go c.catchUpRooms()
	}
}

func (c *Connection) queueHasSpace() bool { return c.out.queue.bytes == 0 || !c.fills(0, 4) }

// catchUpRooms resumes the rooms that are behind while there is space. If it ends because there is none, whoever writes what
// waits starts it again.
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

// settled reports that the browser follows all its rooms: when a ping comes, it has seen everything up to then. The caller holds mu.
func (c *Connection) caughtUp() bool {
	if c.rooms.gen == 0 || c.rooms.joining > 0 {
		return false // the rooms that it followed on an older connection may be yet to come
	}
	for _, m := range c.rooms.memberships {
		if m.delivery != deliveryLive {
			return false
		}
	}
	return true
}

// ping queues a ping: one that says how far the browser has come, if that is so, and with it the positions that it would not learn
// from updates.
func (c *Connection) ping(settled, other *message) {
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
	if c.caughtUp() && !c.fills(int64(len(settled.frame(c.out.encoding))), 1) { // a ping that makes a room fall behind would not be true
		m = settled
	}
	_, idle := c.enqueue(m)
	c.mu.Unlock()
	if wake || idle {
		c.hub.writers.wake(c)
	}
}
