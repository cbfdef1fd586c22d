package wsx

// publishInRoom queues a message for the members of its room, which has a history. Unless it is
// volatile, the message gets a number and is kept. All of that happens under the lock of the
// history, so that all members see the same order. number is that of the log, or 0 without a broker.
func (h *Hub) publishInRoom(m *message, to []Filter, number uint64) {
	room := m.room
	o, _ := h.hasHistory(room)
	hist := h.history.acquire(room, o.TTL)
	defer h.history.release(hist)
	wake := wakeList{writers: &h.writers}
	defer wake.flush() // runs after the room is unlocked
	defer h.history.enforceLimit()

	hist.mu.Lock()
	defer hist.mu.Unlock()
	if !m.volatile && o.History > 0 {
		key := m.key
		if number == 0 {
			number = h.history.begin()
			defer h.history.done(number)
		}
		m = h.roomMessage(m.fragments, m.batch, room, number)
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
