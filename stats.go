package wsx

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
)

// Stats are the figures of one node. Connections, Users and Rooms are current; all other counts
// never decrease. More fields may be added.
type Stats struct {
	Connections int // open now
	Users       int // logged in now; several connections of a user count once
	Rooms       int // with at least one member now

	Frames uint64 // passed to the network
	Bytes  uint64 // of these frames

	// Dropped counts messages that were not sent, by reason:
	//
	//   - "slow": the queue was full, so the connection was closed
	//   - "gone": the message was queued when the connection was cut
	//   - "conflated": a newer message made it superfluous
	//   - "volatile": it was volatile, and the queue was half full
	//   - "behind": the queue was full; the message follows from the room's history
	//   - "verb": fragments that a plain client can't show, such as a page's own verbs
	Dropped map[string]uint64
	// Resets counts how often a browser had to refetch a part of its page. That happens if the hub
	// can't prove that the browser misses nothing, or refuses its ticket.
	Resets uint64
	// Closed counts ended connections by close code (RFC 6455, section 7.4). "1005" is a close
	// frame without a code, "1006" a connection lost without a close frame.
	Closed map[string]uint64
	// Broker has the figures about Options.Broker. It is zero without one.
	Broker BrokerStats
}

// Stats returns the current figures. The maps are copies and never nil. After Shutdown the counts
// remain.
func (h *Hub) Stats() Stats {
	s := Stats{
		Connections: h.Count(),
		Users:       int(h.users.Size()),
		Rooms:       int(h.rooms.Size()),
		Frames:      h.counts.frames.Load(),
		Bytes:       h.counts.bytes.Load(),
		Resets:      h.counts.resets.Load(),
		Broker:      h.cluster.stats(),
	}
	h.counts.mu.Lock()
	defer h.counts.mu.Unlock()
	s.Dropped, s.Closed = maps.Clone(h.counts.dropped), maps.Clone(h.counts.closed)
	if s.Dropped == nil {
		s.Dropped = map[string]uint64{}
	}
	if s.Closed == nil {
		s.Closed = map[string]uint64{}
	}
	return s
}

// The reasons in Stats.Dropped.
const (
	dropSlow = "slow"
	dropGone = "gone"
	dropVerb = "verb"

	dropConflated = "conflated"
	dropVolatile  = "volatile"
	dropBehind    = "behind"
)

// An account holds what one writer has sent since its last settle. Writers count locally and settle
// once per turn, so that they don't contend for the hub's counters with every frame.
type account struct{ frames, bytes uint64 }

// counts are the hub's counters behind Stats.
type counts struct {
	frames, bytes, resets atomic.Uint64

	// guarded by mu, the innermost lock: it is taken with any other lock held
	mu      sync.Mutex
	dropped map[string]uint64
	closed  map[string]uint64
}

// drop counts dropped messages. The map is created when first needed, since most hubs never drop
// anything.
func (c *counts) drop(reason string, messages int) {
	if messages == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dropped == nil {
		c.dropped = make(map[string]uint64)
	}
	c.dropped[reason] += uint64(messages)
}

// close counts a connection that ended with code.
func (c *counts) close(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed == nil {
		c.closed = make(map[string]uint64)
	}
	c.closed[strconv.Itoa(code)]++
}

// settle adds a to the counters and empties it.
func (c *counts) settle(a *account) {
	if a.frames > 0 {
		c.frames.Add(a.frames)
		c.bytes.Add(a.bytes)
		*a = account{}
	}
}
