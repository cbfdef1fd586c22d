package wsx

import (
	"sync"
	"sync/atomic"
	"time"
)

// pulseSlots is how many parts of PingInterval the connections are spread over.
const heartbeatSlots = 64

// A pulse pings connections and finds the dead ones, for all of a hub with one timer. The connections are spread over
// slots; each beat pings one slot and looks for the answers of another. The timer runs only while there are connections.
type heartbeat struct {
	// immutable
	hub         *Hub
	every       time.Duration // between beats; 0: no pings
	pongTimeout time.Duration // how long an answer may take; 0: for ever
	lag         int           // slots between the pinged one and the one that is looked at

	mu    sync.Mutex // guards what follows
	slots [heartbeatSlots][]*Connection
	next  int // where the next connection goes
	at    int // the next slot to ping
	count int
	timer *time.Timer
}

// A heart is one connection's part in this.
type liveness struct {
	silent      bool // immutable; pings are not answered, because something else tells whether the browser is there
	slot, place int  // guarded by pulse.mu; where it stands

	unanswered atomic.Int64 // the hub's clock when the ping was written; beingWritten; 0: nothing is awaited
	paused     atomic.Bool  // the reader does not read, so that silence means nothing
}

// alive says that something came from the browser.
func (h *liveness) alive() {
	if h.unanswered.Load() != 0 {
		h.unanswered.Store(0)
	}
}

// beingWritten stands for the time of a ping whose write has not returned: the answer may be here before that.
const beingWritten = -1

func (h *liveness) pinging() { h.unanswered.CompareAndSwap(0, beingWritten) }
func (h *liveness) pinged(now time.Duration) {
	h.unanswered.CompareAndSwap(beingWritten, max(int64(now), 1))
}

func (h *liveness) pause() { h.paused.Store(true) }

func (h *liveness) resume() {
	h.alive()
	h.paused.Store(false)
}

// dead reports that a ping was written and nothing has come since for so long.
func (h *liveness) dead(now, patient time.Duration) bool {
	at := h.unanswered.Load()
	return !h.silent && at > 0 && now-time.Duration(at) >= patient && !h.paused.Load()
}

func (p *heartbeat) init(h *Hub) {
	p.hub = h
	if h.opts.PingInterval < 0 {
		return
	}
	p.every = max(h.opts.PingInterval/heartbeatSlots, 1)
	if h.opts.PongTimeout > 0 {
		p.pongTimeout = h.opts.PongTimeout
		p.lag = int((p.pongTimeout+p.every-1)/p.every+1) % heartbeatSlots
	}
}

// add gives c a slot.
func (p *heartbeat) add(c *Connection) {
	if p.every == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c.liveness.slot, c.liveness.place = p.next, len(p.slots[p.next])
	p.slots[p.next] = append(p.slots[p.next], c)
	p.next = (p.next + 1) % heartbeatSlots
	if p.count++; p.count > 1 {
		return
	}
	// The first one is pinged after all the slots but its own have had their turn: after PingInterval.
	p.at = p.next
	p.timer = time.AfterFunc(p.every, p.beat)
}

func (p *heartbeat) remove(c *Connection) {
	if p.every == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	slot := p.slots[c.liveness.slot]
	last := slot[len(slot)-1]
	slot[c.liveness.place], last.liveness.place = last, c.liveness.place
	slot[len(slot)-1] = nil
	if p.slots[c.liveness.slot] = slot[:len(slot)-1]; len(slot) == 1 {
		p.slots[c.liveness.slot] = nil
	}
	if p.count--; p.count == 0 {
		p.timer.Stop()
	}
}

// beat pings the connections of one slot and ends those of another that owe an answer.
func (p *heartbeat) beat() {
	p.mu.Lock()
	if p.count == 0 {
		p.mu.Unlock()
		return
	}
	ping := append([]*Connection(nil), p.slots[p.at]...)
	var look []*Connection
	if p.pongTimeout > 0 {
		look = append(look, p.slots[(p.at+heartbeatSlots-p.lag)%heartbeatSlots]...)
	}
	p.at = (p.at + 1) % heartbeatSlots
	p.timer.Reset(p.every)
	p.mu.Unlock()

	now := p.hub.now()
	for _, c := range look {
		if c.liveness.dead(now, p.pongTimeout) {
			c.end(closeReason{cause: errNoPong, code: 1006, mode: closeAbort})
		}
	}
	if len(ping) > 0 {
		settled, other := pingMessage(p.hub.history.position(p.hub.history.queued())), pingMessage(p.hub.clock())
		settled.confirms = true
		for _, c := range ping {
			c.ping(settled, other)
		}
	}
}

// clock returns the node's time as browsers are told it that do not follow their rooms yet: opaque to them, and no proof of
// anything when it comes back.
func (h *Hub) clock() string { return "-" + h.history.position(h.history.next()) }
