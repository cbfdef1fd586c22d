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

// historyRoom returns the room whose history a message with these filters belongs to: that of the one Room filter at the top.
// "" is none. It returns ErrFilter for filters that name a room that remembers in a way that cannot be kept with the message.
func (h *Hub) historyRoom(to []Filter) (string, error) {
	if h.roomOptions.IsEmpty() {
		return "", nil
	}
	room := roomOf(to)
	if _, ok := h.hasHistory(room); room == "" || !ok {
		for _, f := range to {
			if name := f.namesHistoryRoom(h); name != "" {
				return "", fmt.Errorf("%w: the room %.64q remembers, so it is to be named alone, in one Room filter", ErrFilter, name)
			}
		}
		return "", nil
	}
	for _, f := range to {
		if f.rule != nil && f.rule.kind != byRoom && !f.replayable() {
			return "", fmt.Errorf("%w: the room %.64q remembers, so beside it may stand Except, User, Tag, Near and Not alone", ErrFilter, room)
		}
	}
	return room, nil
}

// publishInRoom numbers a message of a room that remembers, keeps it unless it is volatile, and queues it for the members, who
// all see one order.
func (h *Hub) publishInRoom(room string, m *message, to []Filter) {
	o, _ := h.hasHistory(room)
	mem := h.history.acquire(room, o.TTL)
	defer h.history.release(mem)
	wake := wakeList{writers: &h.writers}
	defer wake.flush()
	defer h.history.enforceLimit()

	mem.mu.Lock()
	defer mem.mu.Unlock()
	if m.room = room; !m.volatile && o.History > 0 {
		key := m.key
		m = h.roomMessage(m.fragments, m.batch, room, h.history.begin())
		defer h.history.done(m.offset)
		m.key = key
		h.history.keep(mem, m, withoutRoom(to), o)
	}
	p := h.plan(to)
	p.members(func(member *membership) bool {
		c := member.conn
		c.mu.Lock()
		defer c.mu.Unlock()
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
