package wsx

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
)

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
		c.lagging--
	}
	if s == deliveryLagging {
		c.lagging++
	}
	m.delivery = s
}

// announce tells the browser which rooms a handler has joined. It comes before the answer that shows them: whoever has the answer and
// is cut off would not know that there is something to come back to.
func (c *Connection) announceJoins() {
	c.mu.Lock()
	wake := false
	for _, m := range c.heldRooms {
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
	waiting := c.heldRooms
	c.heldRooms = nil
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
			if c.encoding&encodingFull != 0 {
				return c.sendReset(m) || wake
			}
			m.deliveredThrough = mem.evictedThrough // an original client has no positions, and nothing to do with a reset
		}
		return c.replay(mem, m) || wake
	})
}

// replay queues what is kept after m.at. The caller holds mu and mem.mu.
func (c *Connection) replay(mem *roomHistory, m *membership) (wake bool) {
	c.replaying = true
	defer func() { c.replaying = false }()
	for i := mem.after(m.deliveredThrough); i < mem.kept.Len(); i++ {
		offset := mem.kept.At(i).offset
		if matchAll(mem.kept.At(i).filters(), c, nil) == yes {
			msg := c.hub.keptMessage(mem, i)
			size := int64(len(msg.frame(c.encoding)))
			if c.queue.bytes > 0 && c.fills(size, 2) {
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
	c.setDelivery(m, deliveryLive)
	return wake
}

// breakOff tells the browser that what it has of a room cannot be brought up to date. The caller holds mu.
func (c *Connection) sendReset(m *membership) (wake bool) {
	c.setDelivery(m, deliveryLost)
	_, wake = c.enqueue(newControl(c.resetOf(m.group, c.hub.resetAfter(new(int64))).Payload()))
	return wake
}

// resetOf returns the word that a room is to be fetched again, with a ticket from now on for a browser that has no other: what it
// fetches is newer. The caller holds mu.
func (c *Connection) resetOf(room string, after int64) protocol.Reset {
	now := protocol.RoomPosition{Room: room, Position: c.hub.history.position(c.hub.history.next())}
	return protocol.Reset{Gen: c.gen, Rooms: []string{room}, Fresh: []string{c.freshTicket(now)}, After: after}
}

// Resets spread those browsers over time that have to fetch their page.
type resets struct {
	sync.Mutex
	busy time.Duration // guarded by the mutex; until when, by the hub's clock, the ones of before keep the program busy
}

// resetAfter returns after how many ms a browser is to fetch its page again: the more of them there are, the more they are
// spread. After is what it was told before in the same answer; 0: nothing yet.
func (h *Hub) resetAfter(after *int64) int64 {
	h.counts.resets.Add(1)
	if *after > 0 {
		return *after
	}
	h.resets.Lock()
	defer h.resets.Unlock()
	now := h.now()
	h.resets.busy = min(max(h.resets.busy, now)+resetPace, now+maxResetAfter)
	spread := h.resets.busy - now + 50*time.Millisecond
	*after = 1 + rand.Int64N(spread.Milliseconds())
	return *after
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

// shed makes space in a full queue: what waits of the room that remembers and of which most waits is dropped, and follows when the
// queue has drained. False: there is none. The caller holds mu.
func (c *Connection) shedBacklog() bool {
	if c.encoding&encodingFull == 0 {
		return false // it could not be told if that fails
	}
	waiting := make(map[string]int64)
	most := ""
	for i := range c.queue.len() {
		e := c.queue.waiting(i)
		if e.msg.offset == 0 || e.encoding&encodingFull == 0 {
			continue // what waits from before the hello has been told as part of the position since
		}
		room := e.msg.room
		if m := c.membership(room); m == nil || m.delivery != deliveryLive || e.msg.offset <= m.joinedAt {
			continue
		}
		if waiting[room] += int64(len(e.bytes())); waiting[room] > waiting[most] {
			most = room
		}
	}
	if most == "" {
		return false
	}
	m := c.membership(most)
	first, dropped := c.queue.dropRoom(most, encodingFull, m.joinedAt)
	c.hub.counts.drop(dropBehind, dropped)
	c.queue.dropAll(func(m *message) bool { return m.confirms }) // it would not be true any more
	m.deliveredThrough, m.toldThrough = first-1, first-1
	c.setDelivery(m, deliveryLagging)
	return true
}

// followsLater makes space for m by shedding. True: m belongs to a room that is behind now, and follows with the rest of it. The
// caller holds mu.
func (c *Connection) followsLater(m *message, size int64) bool {
	for c.fills(size, 1) && c.shedBacklog() {
	}
	if m.offset == 0 || c.encoding&encodingFull == 0 {
		return false
	}
	at := c.membership(m.room)
	if at.delivery == deliveryLive && c.fills(size, 1) {
		c.setDelivery(at, deliveryLagging)
	}
	return at.delivery == deliveryLagging
}

// mayCatchUp starts bringing up the rooms that are behind once most of the queue has left. The caller holds mu and works for
// the connection.
func (c *Connection) maybeCatchUp() {
	if c.lagging > 0 && !c.catching && c.closeReason == nil && c.queueHasSpace() {
		c.catching = true
		c.tasks.Add(1)
		go c.catchUpRooms()
	}
}

func (c *Connection) queueHasSpace() bool { return c.queue.bytes == 0 || !c.fills(0, 4) }

// catchUpRooms resumes the rooms that are behind while there is space. If it ends because there is none, whoever writes what
// waits starts it again.
func (c *Connection) catchUpRooms() {
	defer c.tasks.Done()
	for progress := true; ; {
		c.mu.Lock()
		var late []*membership
		before := make(map[*membership]uint64)
		if (progress || c.queue.bytes == 0) && c.closeReason == nil && c.queueHasSpace() {
			for _, m := range c.rooms {
				if m.delivery == deliveryLagging {
					late = append(late, m)
					before[m] = m.deliveredThrough
				}
			}
		}
		if len(late) == 0 {
			c.catching = false
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
	if c.gen == 0 || c.joining > 0 {
		return false // the rooms that it followed on an older connection may be yet to come
	}
	for _, m := range c.rooms {
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
	for _, r := range c.rooms {
		if r.delivery == deliveryLive && r.deliveredThrough > r.toldThrough {
			r.toldThrough = r.deliveredThrough
			_, idle := c.enqueue(positionMessage(r.group, r.deliveredThrough, c.hub.history.position(r.deliveredThrough)))
			wake = wake || idle
		}
	}
	m := other
	if c.caughtUp() && !c.fills(int64(len(settled.frame(c.encoding))), 1) { // a ping that makes a room fall behind would not be true
		m = settled
	}
	_, idle := c.enqueue(m)
	c.mu.Unlock()
	if wake || idle {
		c.hub.writers.wake(c)
	}
}
