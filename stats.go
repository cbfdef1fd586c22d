package wsx

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
)

// Stats are the figures of one node. The counts only grow.
type Stats struct {
	Connections int // open now
	Users       int // logged in now, each once however many connections they have
	Rooms       int // with somebody in them now

	Frames uint64 // given to the network
	Bytes  uint64 // of these

	// Dropped counts messages that were queued, or would have been, and did not leave, by reason: "slow" (the queue was
	// full, and the connection was closed for it), "gone" (they waited when the connection was cut), "conflated" (a newer one
	// made them superfluous), "volatile" (they were marked so, and the queue was half full), "behind" (the
	// queue was full; they follow from the history of their room), "verb" (fragments
	// with a page's own swap style, to a client that cannot know it).
	Dropped map[string]uint64
	// Resets counts how often a browser was told to fetch a part of its page again, because it could not be proved that it would
	// miss nothing, or because its ticket was refused.
	Resets uint64
	// Closed counts ended connections by close code; "1005" is a browser that gave none, "1006" one that was lost.
	Closed map[string]uint64
}

// Stats returns the figures of now, with maps of the caller's own.
func (h *Hub) Stats() Stats {
	s := Stats{
		Connections: h.Count(),
		Users:       int(h.users.Size()),
		Rooms:       int(h.rooms.Size()),
		Frames:      h.counts.frames.Load(),
		Bytes:       h.counts.bytes.Load(),
		Resets:      h.counts.resets.Load(),
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

// An account is what a writer has sent and not yet told the hub, whose counters all writers share.
type account struct{ frames, bytes uint64 }

type counts struct {
	frames, bytes, resets atomic.Uint64

	mu      sync.Mutex // guards what follows; the last lock that anybody takes
	dropped map[string]uint64
	closed  map[string]uint64
}

func (n *counts) drop(reason string, messages int) {
	if messages == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dropped == nil {
		n.dropped = make(map[string]uint64)
	}
	n.dropped[reason] += uint64(messages)
}

func (n *counts) close(code int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed == nil {
		n.closed = make(map[string]uint64)
	}
	n.closed[strconv.Itoa(code)]++
}

// settle takes over what stands in the account.
func (c *counts) settle(a *account) {
	if a.frames > 0 {
		c.frames.Add(a.frames)
		c.bytes.Add(a.bytes)
		*a = account{}
	}
}
