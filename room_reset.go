package wsx

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
)

// sendReset tells the browser to refetch what shows a room, because the history no longer has what
// it missed. The caller holds mu.
func (c *Connection) sendReset(m *membership) (wake bool) {
	c.setDelivery(m, deliveryLost)
	_, wake = c.enqueue(newControl(c.resetOf(m.group, c.hub.resetAfter(new(int64))).Payload()))
	return wake
}

// resetOf returns the reset of a room. It has a fresh ticket from now on for a browser without a
// ticket of its own: what it refetches will be newer. The caller holds mu.
func (c *Connection) resetOf(room string, after int64) protocol.Reset {
	now := protocol.RoomPosition{Room: room, Position: c.hub.history.position(c.hub.history.next())}
	return protocol.Reset{Gen: c.rooms.gen, Rooms: []string{room}, Fresh: []string{c.freshTicket(now)}, After: after}
}

// resetMembers makes all members of rooms with history refetch; nil means all such rooms.
func (h *Hub) resetMembers(rooms []string) {
	for c := range h.Connections() {
		for _, room := range c.Rooms() {
			if _, ok := h.hasHistory(room); !ok || rooms != nil && !slices.Contains(rooms, room) {
				continue
			}
			h.withHistory(c, room, func(hist *roomHistory) (wake bool) {
				m := c.rooms.find(room)
				switch {
				case c.closeReason != nil || m == nil || m.delivery == deliveryLost:
					return false
				case c.out.encoding&encodingFull == 0: // a plain client can't handle a reset
					m.deliveredThrough = max(m.deliveredThrough, hist.evictedThrough)
					return false
				}
				return c.sendReset(m)
			})
		}
	}
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

// resets spread refetches over time. After a restart or a long outage, all browsers need their page
// again.
type resets struct {
	// guarded by the mutex
	sync.Mutex
	busy time.Duration // the hub's time until which earlier refetches take
}

// resetAfter returns the milliseconds after which a browser refetches: the more browsers there are,
// the longer. *after is what an earlier reset of the same join was given, or 0. The same delay is
// used again, because the browser fetches the page once.
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
