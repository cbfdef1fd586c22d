package wsx

import (
	"slices"
	"time"
)

// An admittance is what becomes of one join of a browser.
type admittance struct {
	frame   *joinFrame
	number  uint64   // of the join: pings from then on vouch for its rooms
	tickets []ticket // in the order of the frame; without places: refused
	rooms   []string // of all of them, each once
	members []*membership
	joined  []roomPos
	severed []string
}

// serveJoin lets the browser into the rooms that it has tickets for. Each starts where the browser says that it has come to, or
// where its page was rendered. Only the worker calls it.
func (c *Connection) serveJoin(frame *joinFrame) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.joining--
	}()
	if c.hasJoined {
		frame.clock = "" // what it has heard since then this side knows better; it may have left the rooms meanwhile
	}
	c.hasJoined = true
	a := &admittance{frame: frame, number: c.hub.history.next(), tickets: make([]ticket, len(frame.tickets))}
	allowed := make(map[string]bool)
	for i, text := range frame.tickets {
		t, err := c.openTicket(text, allowed)
		if err != nil {
			c.hub.opts.Logger.Debug("wsx: refused a ticket", "connection", c.id, "user", cutText(c.User(), maxLogName), "error", err)
			continue
		}
		a.tickets[i] = t
		for _, p := range t.places {
			if !slices.Contains(a.rooms, p.room) {
				a.rooms = append(a.rooms, p.room)
			}
		}
	}
	for _, room := range a.rooms {
		c.admit(a, room)
	}
	if c.sendAnswers(a) {
		c.hub.writers.wake(c)
	}
	for _, m := range a.members {
		c.hub.bringUp(m, held)
	}
}

// openTicket returns what a ticket says, if it is good and for this user, and the program lets this user in now. Allowed
// remembers what the program said.
func (c *Connection) openTicket(text string, allowed map[string]bool) (ticket, error) {
	t, err := openTicket(text, c.hub.opts.Secrets, time.Now())
	if err != nil {
		return t, err
	}
	if t.user != "" && t.user != c.User() {
		return t, ErrTicket
	}
	for _, p := range t.places {
		may, asked := allowed[p.room]
		if !asked {
			if err = c.authorize(c.ctx, p.room); err != nil {
				c.hub.opts.Logger.Debug("wsx: RoomOptions.Authorize refused", "connection", c.id, "room", cutText(p.room, maxLogName), "error", err)
			}
			may = err == nil
			allowed[p.room] = may
		}
		if !may {
			return t, ErrTicket
		}
	}
	return t, nil
}

// admit makes the connection a member of a room and holds its messages back.
func (c *Connection) admit(a *admittance, room string) {
	from, known := c.hub.startOf(a, room)
	heard := c.hub.heard(a, room)
	_, remembers := c.hub.remembers(room)
	c.hub.inHistory(c, room, func(mem *memory) bool {
		from = c.unsent(room, from)
		known = known && mem.complete(from, heard)
		m, err := c.memberFor(room, !remembers || known)
		if m == nil && err == nil && c.ending == nil {
			a.severed = append(a.severed, room)
			return false
		}
		if m == nil {
			if err != nil {
				a.severed = append(a.severed, room)
				c.hub.opts.Logger.Debug("wsx: a browser cannot join", "connection", c.id, "room", cutText(room, maxLogName), "error", err)
			}
			return false
		}
		_, dropped := c.queue.dropRoom(room, plainText, 0) // the browser ignores it until it is told that it has joined
		c.hub.counts.drop(dropBehind, dropped)
		switch {
		case !remembers:
			m.at = c.hub.history.next()
		case !known:
			c.flow(m, severed)
			a.severed = append(a.severed, room)
			return false
		default:
			m.at, m.began = max(from, heard, mem.trimmed), 0
			c.flow(m, held)
			a.members = append(a.members, m)
		}
		m.joined, m.told = true, m.at
		a.joined = append(a.joined, roomPos{room, c.hub.history.position(m.at)})
		return false
	})
}

// unsent returns from, or a lower number if the connection is about to send what follows that: other parts of the page wait for it,
// whatever the ticket of a new one says. The caller holds mu.
func (c *Connection) unsent(room string, from uint64) uint64 {
	m := c.membership(room)
	switch {
	case m == nil || !m.joined || m.stream == severed:
		return from
	case m.stream != flowing:
		from = min(from, m.at)
	}
	for i := range c.queue.len() {
		if e := c.queue.waiting(i).msg; e.room == room && e.offset > m.began {
			from = min(from, e.offset-1)
		}
	}
	return from
}

// memberFor returns the membership in a room, or nil; a new one only if that is wanted. The caller holds mu.
func (c *Connection) memberFor(room string, wanted bool) (*membership, error) {
	if m := c.membership(room); m != nil || !wanted {
		return m, nil
	}
	return c.tryJoin(room)
}

// startOf returns the number of the message after which a room's messages are wanted; false: the browser's position is none of
// this process.
func (h *Hub) startOf(a *admittance, room string) (from uint64, known bool) {
	from, known = ^uint64(0), true
	applied, ok := h.history.parse(a.frame.positions[room])
	if !ok {
		applied = 0
	}
	isPage := a.fromPage(room)
	for _, t := range a.tickets {
		for _, p := range t.places {
			if p.room != room {
				continue
			}
			n, ok := h.history.parse(p.position)
			// What its page shows may be newer than what it has applied, and the other way round. A ticket is no right to what was before it.
			// A part of the page that has only just come has not applied what others have.
			if p.since != "" || isPage {
				n = max(n, applied)
			}
			from, known = min(from, n), known && ok
		}
	}
	return from, known
}

// heard returns up to where a browser has heard everything of a room, by the clock that a ping told it: if it followed the room then.
func (h *Hub) heard(a *admittance, room string) uint64 {
	clock, ok := h.history.parse(a.frame.clock)
	if _, followed := a.frame.positions[room]; !ok || !followed {
		return 0
	}
	for _, t := range a.tickets {
		for _, p := range t.places {
			if since, ok := h.history.parse(p.since); p.room == room && (!ok || since >= clock) {
				return 0
			}
		}
	}
	return clock
}

// sendAnswers tells the browser which rooms it has joined, and what it has to fetch again.
func (c *Connection) sendAnswers(a *admittance) (wake bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending != nil {
		return false // its memberships have ended with it, which is not a reason to fetch anything
	}
	for _, m := range a.members {
		if !m.live { // the program let it leave meanwhile: what it is told of the room since then stands
			a.joined = slices.DeleteFunc(a.joined, func(p roomPos) bool { return p.room == m.group })
			a.severed = append(a.severed, m.group)
			if again := c.membership(m.group); again != nil {
				_, dropped := c.queue.dropRoom(m.group, plainText, 0)
				c.hub.counts.drop(dropBehind, dropped)
				c.flow(again, severed)
			}
		}
	}
	send := func(m *message) {
		_, idle := c.enqueue(m)
		wake = wake || idle
	}
	after := int64(0) // one for all: it is one page that is fetched
	for i, t := range a.tickets {
		if len(t.places) == 0 {
			send(reset{gen: a.frame.gen, refused: i, after: c.hub.resetAfter(&after)}.message())
		}
	}
	for _, room := range a.severed {
		r := c.resetOf(room, c.hub.resetAfter(&after))
		r.gen, r.tickets = a.frame.gen, a.naming(room)
		if a.fromPage(room) {
			r.fresh = nil // the page will have another one
		}
		send(r.message())
	}
	if len(a.joined) > 0 || len(a.tickets) == 0 {
		send(a.answer(c.hub.opts.Secrets[0], time.Now(), c.hub.history.position).message())
	}
	return wake
}

// naming returns the indices of the tickets that name a room.
func (a *admittance) naming(room string) (indices []int) {
	for i, t := range a.tickets {
		if slices.ContainsFunc(t.places, func(p ticketPlace) bool { return p.room == room }) {
			indices = append(indices, i)
		}
	}
	return indices
}

// fromPage reports that the tickets that name a room are all as a page had them.
func (a *admittance) fromPage(room string) bool {
	for _, t := range a.tickets {
		if slices.ContainsFunc(t.places, func(p ticketPlace) bool { return p.room == room && p.since != "" }) {
			return false
		}
	}
	return true
}

// answer returns what was joined, with fresh tickets: they say what the old ones did, from now on, and where the room starts now.
func (a *admittance) answer(secret []byte, now time.Time, position func(uint64) string) joined {
	j := joined{gen: a.frame.gen, places: a.joined}
	since := position(a.number)
	for _, t := range a.tickets {
		fresh := ticket{user: t.user, expires: now.Add(ticketTime)}
		rooms := []string{}
		for _, p := range t.places {
			rooms = append(rooms, p.room)
			if i := slices.IndexFunc(a.joined, func(at roomPos) bool { return at.room == p.room }); i >= 0 {
				p = ticketPlace{a.joined[i], since}
			}
			fresh.places = append(fresh.places, p)
		}
		text := ""
		if len(rooms) > 0 {
			text = fresh.seal(secret)
		}
		j.tickets, j.each = append(j.tickets, text), append(j.each, rooms)
	}
	return j
}

// serveLeave lets the connection leave rooms because the browser says so.
func (c *Connection) serveLeave(frame *joinFrame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, room := range frame.rooms {
		c.leave(room)
	}
}

// control queues a join or leave for the worker: it has its turn among the requests.
func (c *Connection) control(kind string, size int, frame joinFrame) {
	c.mu.Lock()
	if c.form&full == 0 {
		c.mu.Unlock()
		return // an original client has no such frames, and could not be answered
	}
	c.gen = max(c.gen, frame.gen, 1)
	if kind == "join" {
		c.joining++
	}
	c.mu.Unlock()
	c.await(&task{size: size, Context: c.ctx, joining: &frame, control: kind, Request: Request{Conn: c}})
}
