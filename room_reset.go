package wsx

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
)

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
	return protocol.Reset{Gen: c.rooms.gen, Rooms: []string{room}, Fresh: []string{c.freshTicket(now)}, After: after}
}

// warnOfRooms logs that a page names more rooms than a connection can be in: once a minute, because each visitor's does.
func (h *Hub) warnOfRooms(rooms int) {
	now := int64(h.now())
	if last := h.warnedOfRooms.Load(); last != 0 && now-last < int64(time.Minute) || !h.warnedOfRooms.CompareAndSwap(last, now) {
		return
	}
	h.opts.Logger.Warn("wsx: a page has tickets for more rooms than Options.MaxRooms allows; those beyond it are not updated",
		"rooms", rooms, "MaxRooms", h.opts.MaxRooms)
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
