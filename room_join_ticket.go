package wsx

import (
	"errors"
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
	"github.com/wsxgo/wsx/internal/ticket"
)

// A joinResult is what becomes of one join of a browser.
type joinResult struct {
	frame   *protocol.Join
	number  uint64          // of the join: pings from then on vouch for its rooms
	tickets []ticket.Ticket // in the order of the frame; one without places was refused
	rooms   []string        // of all of them, each once
	members []*membership
	joined  []protocol.RoomPosition
	sent    []protocol.RoomPosition // up to where these had been sent before
	starts  []ticketStart
	lost    []string
	full    []string // rooms that are one too many
}

// A ticketStart is the number after which one ticket of a join wants the messages of a room.
type ticketStart struct {
	ticket  int
	room    string
	after   uint64
	isLater bool // the replay of the room begins before it, and tells the position when it gets there
}

// serveJoin lets the browser into the rooms that it has tickets for. Each starts where the browser says that it has come to, or
// where its page was rendered. Only the worker calls it.
func (c *Connection) serveJoin(frame *protocol.Join) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.rooms.joining--
	}()
	if c.rooms.clockIsOver {
		frame.Clock = "" // what it has heard since then this side knows better; it may have left the rooms meanwhile
	}
	c.rooms.clockIsOver = frame.Clock == ""
	a := &joinResult{frame: frame, number: c.hub.history.next(), tickets: make([]ticket.Ticket, len(frame.Tickets))}
	allowed := make(map[string]bool)
	for i, text := range frame.Tickets {
		t, err := c.openTicket(text, allowed)
		if err != nil {
			c.hub.opts.Logger.Debug("wsx: refused a ticket", "connection", c.id, "user", textcut.Truncate(c.User(), maxLogName), "error", err)
			continue
		}
		a.tickets[i] = t
		for _, p := range t.Places {
			if !slices.Contains(a.rooms, p.Room) {
				a.rooms = append(a.rooms, p.Room)
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
		c.hub.catchUp(m, deliveryHeld)
	}
}

// openTicket returns the ticket of a text, if it is valid, for this user, and the program lets this user in now. Otherwise it
// returns ErrTicket. allowed holds, by room, what the program has answered before.
func (c *Connection) openTicket(text string, allowed map[string]bool) (ticket.Ticket, error) {
	t, ok := ticket.Open(text, c.hub.opts.Secrets, time.Now())
	if !ok || t.User != "" && t.User != c.User() {
		return ticket.Ticket{}, ErrTicket
	}
	for _, p := range t.Places {
		may, asked := allowed[p.Room]
		if !asked {
			err := c.authorize(c.ctx, p.Room)
			if err != nil {
				c.hub.opts.Logger.Debug("wsx: RoomOptions.Authorize refused", "connection", c.id, "room", textcut.Truncate(p.Room, maxLogName), "error", err)
			}
			may = err == nil
			allowed[p.Room] = may
		}
		if !may {
			return ticket.Ticket{}, ErrTicket
		}
	}
	return t, nil
}

// admit makes the connection a member of a room and holds its messages back.
func (c *Connection) admit(a *joinResult, room string) {
	from, known := c.hub.startOf(a, room)
	heard := c.hub.heard(a, room)
	_, remembers := c.hub.hasHistory(room)
	c.hub.withHistory(c, room, func(mem *roomHistory) bool {
		from = c.unsent(room, from)
		known = known && mem.complete(from, heard)
		sent, isFollowed := c.sentThrough(room)
		m, err := c.memberFor(room, !remembers || known)
		if m == nil && err == nil && c.closeReason == nil {
			a.lost = append(a.lost, room)
			return false
		}
		if m == nil {
			if errors.Is(err, ErrRoom) {
				a.full = append(a.full, room)
			} else if err != nil {
				a.lost = append(a.lost, room)
				c.hub.opts.Logger.Debug("wsx: a browser cannot join", "connection", c.id, "room", textcut.Truncate(room, maxLogName), "error", err)
			}
			return false
		}
		_, dropped := c.out.queue.dropRoom(room, encodingPlain, 0) // the browser ignores it until it is told that it has joined
		c.hub.counts.drop(dropBehind, dropped)
		switch {
		case !remembers:
			m.deliveredThrough = c.hub.history.next()
		case !known:
			c.setDelivery(m, deliveryLost)
			a.lost = append(a.lost, room)
			return false
		default:
			m.deliveredThrough, m.joinedAt = max(from, heard, mem.evictedThrough), 0
			if unsent := c.unsent(room, ^uint64(0)); unsent == ^uint64(0) {
				m.starts = nil // it has been told of them all
			}
			if a.frame.Starts && isFollowed && sent > m.deliveredThrough {
				m.starts = append(m.starts, sent)
				a.sent = append(a.sent, protocol.RoomPosition{Room: room, Position: c.hub.history.position(sent)})
			}
			if a.frame.Starts {
				m.starts = a.startsAfter(m.starts, room, m.deliveredThrough)
			}
			m.untold = m.starts
			c.setDelivery(m, deliveryHeld)
			a.members = append(a.members, m)
		}
		m.browserKnows, m.toldThrough = true, m.deliveredThrough
		a.joined = append(a.joined, protocol.RoomPosition{Room: room, Position: c.hub.history.position(m.deliveredThrough)})
		return false
	})
}

// unsent returns from, or a lower number if the connection is about to send what follows that: other parts of the page wait for it,
// whatever the ticket of a new one says. The caller holds mu.
func (c *Connection) unsent(room string, from uint64) uint64 {
	m := c.rooms.find(room)
	switch {
	case m == nil || !m.browserKnows || m.delivery == deliveryLost:
		return from
	case m.delivery != deliveryLive:
		from = min(from, m.deliveredThrough)
	}
	for i := range c.out.queue.len() {
		if e := c.out.queue.waiting(i).msg; e.room == room && e.offset > m.joinedAt {
			from = min(from, e.offset-1)
		}
	}
	return from
}

// sentThrough returns the number up to which the browser has been sent a room on this connection, as far as it knows; false: it
// has not been following the room. The caller holds mu.
func (c *Connection) sentThrough(room string) (through uint64, ok bool) {
	m := c.rooms.find(room)
	if m == nil || !m.browserKnows || m.delivery == deliveryLost {
		return 0, false
	}
	return c.unsent(room, m.deliveredThrough), true
}

// memberFor returns the membership in a room, or nil; a new one only if that is wanted. The caller holds mu.
func (c *Connection) memberFor(room string, wanted bool) (*membership, error) {
	if m := c.rooms.find(room); m != nil || !wanted {
		return m, nil
	}
	return c.addMembership(room, "")
}

// startOf returns the number of the message after which a room's messages are wanted; false: the browser's position is none of
// this process.
func (h *Hub) startOf(a *joinResult, room string) (from uint64, known bool) {
	from, known = ^uint64(0), true
	applied, ok := h.history.parse(a.frame.Positions[room])
	if !ok {
		applied = 0
	}
	isPage := a.fromPage(room)
	for i, t := range a.tickets {
		for _, p := range t.Places {
			if p.Room != room {
				continue
			}
			n, ok := h.history.parse(p.Position)
			// What its page shows may be newer than what it has applied, and the other way round. A ticket is no right to what was before it.
			// A part of the page that has only just come has not applied what others have.
			if p.Since != "" || isPage {
				n = max(n, applied)
			}
			from, known = min(from, n), known && ok
			a.starts = append(a.starts, ticketStart{ticket: i, room: room, after: n})
		}
	}
	return from, known
}

// heard returns up to where a browser has heard everything of a room, by the clock that a ping told it: if it followed the room then.
func (h *Hub) heard(a *joinResult, room string) uint64 {
	clock, ok := h.history.parse(a.frame.Clock)
	if _, followed := a.frame.Positions[room]; !ok || !followed {
		return 0
	}
	for _, t := range a.tickets {
		for _, p := range t.Places {
			if since, ok := h.history.parse(p.Since); p.Room == room && (!ok || since >= clock) {
				return 0
			}
		}
	}
	return clock
}

// sendAnswers tells the browser which rooms it has joined, and what it has to fetch again.
func (c *Connection) sendAnswers(a *joinResult) (wake bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeReason != nil {
		return false // its memberships have ended with it, which is not a reason to refetch anything
	}
	for _, m := range a.members {
		if !m.live { // the program let it leave meanwhile: what it is told of the room since then stands
			a.joined = slices.DeleteFunc(a.joined, func(p protocol.RoomPosition) bool { return p.Room == m.group })
			a.lost = append(a.lost, m.group)
			if again := c.rooms.find(m.group); again != nil {
				_, dropped := c.out.queue.dropRoom(m.group, encodingPlain, 0)
				c.hub.counts.drop(dropBehind, dropped)
				c.setDelivery(again, deliveryLost)
			}
		}
	}
	send := func(m *message) {
		_, idle := c.enqueue(m)
		wake = wake || idle
	}
	after := int64(0) // one for all: it is one page that is fetched
	for i, t := range a.tickets {
		if len(t.Places) == 0 {
			send(newControl(protocol.Reset{Gen: a.frame.Gen, Refused: i, After: c.hub.resetAfter(&after)}.Payload()))
		}
	}
	for _, room := range a.lost {
		r := c.resetOf(room, c.hub.resetAfter(&after))
		r.Gen, r.Tickets = a.frame.Gen, a.naming(room)
		if a.fromPage(room) {
			r.Fresh = nil // the page will have another one
		}
		send(newControl(r.Payload()))
	}
	if len(a.full) > 0 {
		c.hub.warnOfRooms(len(a.rooms))
	}
	for _, room := range a.full {
		send(newControl(protocol.Reset{Gen: a.frame.Gen, Rooms: []string{room}, Tickets: a.naming(room), Limit: c.hub.opts.MaxRooms}.Payload()))
	}
	if len(a.joined) > 0 || len(a.tickets) == 0 {
		send(newControl(a.joinedFrame(c.hub.opts.Secrets[0], time.Now(), c.hub.history.position).Payload()))
	}
	return wake
}

// naming returns the indices of the tickets that name a room.
func (a *joinResult) naming(room string) (indices []int) {
	for i, t := range a.tickets {
		if slices.ContainsFunc(t.Places, func(p ticket.Place) bool { return p.Room == room }) {
			indices = append(indices, i)
		}
	}
	return indices
}

// fromPage reports whether all tickets that name a room come from a page, and none from an earlier join.
func (a *joinResult) fromPage(room string) bool {
	for _, t := range a.tickets {
		if slices.ContainsFunc(t.Places, func(p ticket.Place) bool { return p.Room == room && p.Since != "" }) {
			return false
		}
	}
	return true
}

// startsAfter adds the numbers after which the tickets that name a room want its messages, and returns those greater than from.
func (a *joinResult) startsAfter(numbers []uint64, room string, from uint64) []uint64 {
	for i, start := range a.starts {
		if start.room == room && start.after > from {
			a.starts[i].isLater = true
			numbers = append(numbers, start.after)
		}
	}
	numbers = slices.DeleteFunc(numbers, func(n uint64) bool { return n <= from })
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// joinedFrame returns what was joined, with fresh tickets. They name the rooms of the old ones and where each starts now.
func (a *joinResult) joinedFrame(secret []byte, now time.Time, position func(uint64) string) protocol.Joined {
	j := protocol.Joined{Gen: a.frame.Gen, Positions: a.joined, Sent: a.sent}
	since := position(a.number)
	for _, t := range a.tickets {
		fresh := ticket.Ticket{User: t.User, Expires: now.Add(ticketTime)}
		rooms := []string{}
		for _, p := range t.Places {
			rooms = append(rooms, p.Room)
			if i := slices.IndexFunc(a.joined, func(at protocol.RoomPosition) bool { return at.Room == p.Room }); i >= 0 {
				p.Position, p.Since = a.joined[i].Position, since
			}
			fresh.Places = append(fresh.Places, p)
		}
		text := ""
		if len(rooms) > 0 {
			text = fresh.Seal(secret)
		}
		j.Tickets, j.Each = append(j.Tickets, text), append(j.Each, rooms)
	}
	j.Starts = a.startPositions(j.Each, position)
	return j
}

// startPositions returns where the rooms of each ticket start, in the order of each; nil if that is where the rooms start.
func (a *joinResult) startPositions(each [][]string, position func(uint64) string) [][]string {
	if !slices.ContainsFunc(a.starts, func(start ticketStart) bool { return start.isLater }) {
		return nil
	}
	all := make([][]string, len(each))
	for i, rooms := range each {
		for _, room := range rooms {
			text := ""
			if at := slices.IndexFunc(a.joined, func(at protocol.RoomPosition) bool { return at.Room == room }); at >= 0 {
				text = a.joined[at].Position
			}
			for _, start := range a.starts {
				if start.ticket == i && start.room == room && start.isLater {
					text = position(start.after)
				}
			}
			all[i] = append(all[i], text)
		}
	}
	return all
}

// serveLeave lets the connection leave rooms because the browser says so.
func (c *Connection) serveLeave(frame *protocol.Join) {
	c.rooms.clockIsOver = true
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, room := range frame.Rooms {
		c.leave(room)
	}
}

// control queues a join or leave for the worker: it has its turn among the requests.
func (c *Connection) enqueueControl(kind string, size int, frame protocol.Join) {
	c.mu.Lock()
	if c.out.encoding&encodingFull == 0 {
		c.mu.Unlock()
		return // an original client has no such frames, and could not be answered
	}
	c.rooms.gen = max(c.rooms.gen, frame.Gen, 1)
	if kind == "join" {
		c.rooms.joining++
	}
	c.mu.Unlock()
	c.enqueueTask(&task{size: size, Context: c.ctx, joining: &frame, control: kind, Request: Request{Conn: c}})
}
