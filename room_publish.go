package wsx

import (
	"fmt"
)

// route checks the filters of a message and returns the room whose history keeps it, or "".
func (h *Hub) route(to []Filter) (room string, err error) {
	if err := checkFilters(to); err != nil {
		return "", err
	}
	return h.historyRoom(to)
}

// historyRoom returns the room whose history keeps a message with these filters: that of the only
// Room filter at the top level. It returns "" if no room with history is named.
//
// It returns ErrFilter for filters that a history can't store. A replay evaluates them later, so
// they must not depend on other rooms or on the program's code.
func (h *Hub) historyRoom(to []Filter) (string, error) {
	if h.roomOptions.IsEmpty() {
		return "", nil
	}
	room := roomOf(to)
	if _, ok := h.hasHistory(room); room == "" || !ok {
		for _, f := range to {
			if name := f.namesHistoryRoom(h); name != "" {
				return "", fmt.Errorf("%w: the room %.64q has a history; name it alone, in a single Room filter", ErrFilter, name)
			}
		}
		return "", nil
	}
	for _, f := range to {
		if f.rule != nil && f.rule.kind != byRoom && !f.replayable() {
			return "", fmt.Errorf("%w: the room %.64q has a history; combine it only with Except, User, Tag, Near and Not", ErrFilter, room)
		}
	}
	return room, nil
}

// publishInRoom queues a message for the members of a room with history. Unless it is volatile, the
// message gets a number and is kept. All of that happens under the lock of the history, so that all
// members see the same order.
func (h *Hub) publishInRoom(room string, m *message, to []Filter) {
	o, _ := h.hasHistory(room)
	hist := h.history.acquire(room, o.TTL)
	defer h.history.release(hist)
	wake := wakeList{writers: &h.writers}
	defer wake.flush() // runs after the room is unlocked
	defer h.history.enforceLimit()

	hist.mu.Lock()
	defer hist.mu.Unlock()
	if m.room = room; !m.volatile && o.History > 0 {
		key := m.key
		m = h.roomMessage(m.fragments, m.batch, room, h.history.begin())
		defer h.history.done(m.offset)
		m.key = key
		h.history.keep(hist, m, withoutRoom(to), o)
	}
	p := h.plan(to)
	p.members(func(member *membership) bool {
		c := member.conn
		c.mu.Lock()
		defer c.mu.Unlock()
		// The plan may have found c by its user, or a membership that has ended since.
		at := member
		if at == c.who.membership || !at.live {
			at = c.rooms.find(room)
		}
		chosen := p.matches(member, nil)
		switch {
		case at == nil || !at.live:
		case chosen == yes:
			if c.queueForMember(m, at) {
				wake.add(c)
			}
		case at.delivery == deliveryLive:
			at.deliveredThrough = max(at.deliveredThrough, m.offset)
		}
		return member.live || chosen == yes
	})
}
