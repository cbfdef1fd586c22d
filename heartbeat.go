package wsx

import (
	"sync"
	"sync/atomic"
	"time"
)

// heartbeatSlots is the number of parts of PingInterval that the connections are spread over.
const heartbeatSlots = 64

// A heartbeat pings the connections of a hub and closes the dead ones, with one timer for all. The
// connections are spread over slots, so that pings don't leave in bursts. Each beat pings one slot
// and checks the pongs of another. The timer runs only while there are connections.
type heartbeat struct {
	// immutable
	hub         *Hub
	every       time.Duration // between beats; 0 for no pings
	pongTimeout time.Duration // 0 for none
	lag         int           // slots between the one to ping and the one to check

	mu    sync.Mutex // guards what follows; taken after a connection's mu
	slots [heartbeatSlots][]*Connection
	next  int // the slot for the next connection
	at    int // the next slot to ping
	count int
	timer *time.Timer
}

// A liveness is the state of one connection in the heartbeat. Its reader and writer use it on every
// read and ping, so it has no lock.
type liveness struct {
	silent bool // immutable; the transport notices by other means whether the browser is there

	// guarded by heartbeat.mu
	slot, place int

	unanswered atomic.Int64 // when the ping was written, or beingWritten; 0 if no pong is due
	paused     atomic.Bool  // the reader doesn't read, so no pong can arrive
}

// alive records that the browser has sent something. Most reads only load the value, which leaves
// the cache line clean.
func (l *liveness) alive() {
	if l.unanswered.Load() != 0 {
		l.unanswered.Store(0)
	}
}

// beingWritten stands for the time of a ping whose write has not returned: the pong may arrive
// before that.
const beingWritten = -1

// pinging is called before a ping is written, and pinged after. A pong in between clears
// beingWritten, so that pinged doesn't wait for it again.
func (l *liveness) pinging() { l.unanswered.CompareAndSwap(0, beingWritten) }
func (l *liveness) pinged(now time.Duration) {
	l.unanswered.CompareAndSwap(beingWritten, max(int64(now), 1))
}

// pause suspends the check while the reader doesn't read. resume counts as a sign of life, because
// a pong may be waiting to be read.
func (l *liveness) pause() { l.paused.Store(true) }

func (l *liveness) resume() {
	l.alive()
	l.paused.Store(false)
}

// dead reports whether a ping was written at least timeout ago and nothing has arrived since.
func (l *liveness) dead(now, timeout time.Duration) bool {
	at := l.unanswered.Load()
	return !l.silent && at > 0 && now-time.Duration(at) >= timeout && !l.paused.Load()
}

func (b *heartbeat) init(h *Hub) {
	b.hub = h
	if h.opts.PingInterval < 0 {
		return
	}
	b.every = max(h.opts.PingInterval/heartbeatSlots, 1)
	if h.opts.PongTimeout > 0 {
		b.pongTimeout = h.opts.PongTimeout
		b.lag = int((b.pongTimeout+b.every-1)/b.every+1) % heartbeatSlots
	}
}

// add puts c into a slot. Successive connections get successive slots, which spreads them evenly.
func (b *heartbeat) add(c *Connection) {
	if b.every == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c.liveness.slot, c.liveness.place = b.next, len(b.slots[b.next])
	b.slots[b.next] = append(b.slots[b.next], c)
	b.next = (b.next + 1) % heartbeatSlots
	if b.count++; b.count > 1 {
		return
	}
	// The first connection's slot is the last in turn, so it is pinged after a full PingInterval.
	b.at = b.next
	b.timer = time.AfterFunc(b.every, b.beat)
}

// remove takes c out of its slot. The last connection of the slot takes its place, so the cost
// doesn't depend on the number of connections.
func (b *heartbeat) remove(c *Connection) {
	if b.every == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	slot := b.slots[c.liveness.slot]
	last := slot[len(slot)-1]
	slot[c.liveness.place], last.liveness.place = last, c.liveness.place
	slot[len(slot)-1] = nil
	if b.slots[c.liveness.slot] = slot[:len(slot)-1]; len(slot) == 1 {
		b.slots[c.liveness.slot] = nil
	}
	if b.count--; b.count == 0 {
		b.timer.Stop()
	}
}

// beat pings the connections of one slot and closes those of another whose pong is overdue. It
// copies both slots, because closing takes a connection's lock, and that comes before mu.
func (b *heartbeat) beat() {
	b.mu.Lock()
	if b.count == 0 {
		b.mu.Unlock()
		return
	}
	ping := append([]*Connection(nil), b.slots[b.at]...)
	var check []*Connection
	if b.pongTimeout > 0 {
		check = append(check, b.slots[(b.at+heartbeatSlots-b.lag)%heartbeatSlots]...)
	}
	b.at = (b.at + 1) % heartbeatSlots
	b.timer.Reset(b.every)
	b.mu.Unlock()

	now := b.hub.now()
	for _, c := range check {
		if c.liveness.dead(now, b.pongTimeout) {
			c.end(closeReason{cause: errNoPong, code: 1006, mode: closeAbort})
		}
	}
	if len(ping) > 0 {
		confirming, other := pingMessage(b.hub.history.position(b.hub.history.queued())), pingMessage(b.hub.clock())
		confirming.confirms = true
		for _, c := range ping {
			c.ping(confirming, other)
		}
	}
}

// clock returns the node's time for browsers that don't follow all their rooms. It is opaque to
// them, and confirms nothing when it comes back.
func (h *Hub) clock() string { return "-" + h.history.position(h.history.next()) }
