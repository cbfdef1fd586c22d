package wsx

import (
	"errors"
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
	"github.com/wsxgo/wsx/internal/ticket"
)

// A joinResult collects the outcome of one join of a browser. The worker owns it.
type joinResult struct {
	frame   *protocol.Join
	number  uint64                  // when the join began; later pings confirm its rooms
	tickets []ticket.Ticket         // in the order of the frame; a refused one has no places
	rooms   []string                // of all tickets, without duplicates
	members []*membership           // held until the joined frame is queued
	joined  []protocol.RoomPosition // where each starts
	lost    []string                // rooms that the browser must refetch
	sent    []protocol.RoomPosition // up to where these had been sent before
	starts  []ticketStart
	full    []string // rooms beyond Options.MaxRooms
}

// A ticketStart is the number after which one ticket of a join wants the messages of a room.
type ticketStart struct {
	ticket  int
	room    string
	after   uint64
	isLater bool // the replay of the room begins before it, and tells the position when it gets there
}

// serveJoin joins the rooms of the browser's tickets. Each room starts where the browser says it
// is, or where its page was rendered. The rooms are held meanwhile, so that their messages follow
// the joined frame. Only the worker calls serveJoin.
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
	j := &joinResult{frame: frame, tickets: make([]ticket.Ticket, len(frame.Tickets))}
	allowed := make(map[string]bool)
	for i, text := range frame.Tickets {
		t, err := c.openTicket(text, allowed)
		if err != nil {
			c.hub.opts.Logger.Debug("wsx: refused a ticket", "connection", c.id, "user", textcut.Truncate(c.User(), maxLogName), "error", err)
			continue
		}
		j.tickets[i] = t
		for _, p := range t.Places {
			if !slices.Contains(j.rooms, p.Room) {
				j.rooms = append(j.rooms, p.Room)
			}
		}
	}
	if c.hub.cluster != nil {
		c.hub.cluster.awaitLoad(c.ctx)
		c.hub.cluster.awaitPositions(c.ctx, j.positions())
	}
	j.number = c.hub.history.next()
	for _, room := range j.rooms {
		c.admit(j, room)
	}
	if c.sendAnswers(j) {
		c.hub.writers.wake(c)
	}
	for _, m := range j.members {
		c.hub.catchUp(m, deliveryHeld)
	}
}

// openTicket returns the ticket in text. It returns ErrTicket if the ticket is invalid, belongs to
// another user or names a room that the program doesn't allow. allowed caches the program's answers
// by room, because several tickets may name the same one.
func (c *Connection) openTicket(text string, allowed map[string]bool) (ticket.Ticket, error) {
	t, ok := ticket.Open(text, c.hub.opts.Secrets, time.Now())
	if !ok || t.User != "" && t.User != c.User() {
		return ticket.Ticket{}, ErrTicket
	}
	for _, p := range t.Places {
		may, known := allowed[p.Room]
		if !known {
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

// admit makes the connection a member of a room and holds the room's messages. If the history isn't
// complete from where the browser is, the room is lost instead.
func (c *Connection) admit(j *joinResult, room string) {
	from, known := c.hub.startOf(j, room)
	heard := c.hub.heard(j, room)
	_, hasHistory := c.hub.hasHistory(room)
	c.hub.withHistory(c, room, func(hist *roomHistory) bool {
		from = c.unsent(room, from)
		known = known && hist.complete(from, heard)
		sent, isFollowed := c.sentThrough(room)
		m, err := c.memberFor(room, !hasHistory || known)
		if m == nil && err == nil && c.closeReason == nil {
			j.lost = append(j.lost, room)
			return false
		}
		if m == nil {
			if errors.Is(err, ErrRoom) {
				j.full = append(j.full, room)
			} else if err != nil {
				j.lost = append(j.lost, room)
				c.hub.opts.Logger.Debug("wsx: join refused", "connection", c.id, "room", textcut.Truncate(room, maxLogName), "error", err)
			}
			return false
		}
		// The browser ignores updates that come before the joined frame.
		_, dropped := c.out.queue.dropRoom(room, encodingPlain, 0)
		c.hub.counts.drop(dropBehind, dropped)
		switch {
		case !hasHistory:
			m.deliveredThrough = c.hub.history.next()
		case !known:
			c.setDelivery(m, deliveryLost)
			j.lost = append(j.lost, room)
			return false
		default:
			m.deliveredThrough, m.joinedAt = max(from, heard, hist.evictedThrough), 0
			if unsent := c.unsent(room, ^uint64(0)); unsent == ^uint64(0) {
				m.starts = nil // it has been told of them all
			}
			if j.frame.Starts && isFollowed && sent > m.deliveredThrough {
				m.starts = append(m.starts, sent)
				j.sent = append(j.sent, protocol.RoomPosition{Room: room, Position: c.hub.history.position(sent)})
			}
			if j.frame.Starts {
				m.starts = j.startsAfter(m.starts, room, m.deliveredThrough)
			}
			m.untold = m.starts
			c.setDelivery(m, deliveryHeld)
			j.members = append(j.members, m)
		}
		m.browserKnows, m.toldThrough = true, m.deliveredThrough
		j.joined = append(j.joined, protocol.RoomPosition{Room: room, Position: c.hub.history.position(m.deliveredThrough)})
		return false
	})
}

// unsent returns from, or a lower number if messages before it haven't been sent. Other parts of
// the page still wait for these, even if the ticket of a new part is newer. The caller holds mu.
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

// memberFor returns the membership in a room. If there is none it creates one if create is true,
// and returns nil otherwise. The caller holds mu.
func (c *Connection) memberFor(room string, create bool) (*membership, error) {
	if m := c.rooms.find(room); m != nil || !create {
		return m, nil
	}
	return c.addMembership(room, "")
}

// startOf returns the number after which the browser wants a room's messages. The boolean reports
// whether the numbers are known: a position from another process is not.
func (h *Hub) startOf(j *joinResult, room string) (from uint64, known bool) {
	from, known = ^uint64(0), true
	applied, ok := h.history.parse(j.frame.Positions[room])
	if !ok {
		applied = 0
	}
	isPage := j.fromPage(room)
	for i, t := range j.tickets {
		for _, p := range t.Places {
			if p.Room != room {
				continue
			}
			n, ok := h.history.parse(p.Position)
			// The page may be newer than what the browser has applied, or older. A ticket gives no
			// right to earlier messages. A new part of an open page hasn't applied what the others
			// have, so its ticket alone counts.
			if p.Since != "" || isPage {
				n = max(n, applied)
			}
			from, known = min(from, n), known && ok
			j.starts = append(j.starts, ticketStart{ticket: i, room: room, after: n})
		}
	}
	return from, known
}

// heard returns the number up to which the browser has received everything of a room, by the clock
// of its last ping. It is 0 if the browser didn't follow the room then.
func (h *Hub) heard(j *joinResult, room string) uint64 {
	clock, ok := h.history.parse(j.frame.Clock)
	if _, followed := j.frame.Positions[room]; !ok || !followed {
		return 0
	}
	for _, t := range j.tickets {
		for _, p := range t.Places {
			if since, ok := h.history.parse(p.Since); p.Room == room && (!ok || since >= clock) {
				return 0
			}
		}
	}
	return clock
}

// sendAnswers tells the browser which rooms it has joined and which it must refetch. It does so
// under one lock, so that no message comes between the frames.
func (c *Connection) sendAnswers(j *joinResult) (wake bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeReason != nil {
		return false // the memberships ended with the connection, which is not a reason to refetch
	}
	for _, m := range j.members {
		// The program has left the room meanwhile, and perhaps joined again, or the history has been
		// lost: then a reset has been sent, which "joined" must not follow.
		if !m.live || m.delivery == deliveryLost {
			j.joined = slices.DeleteFunc(j.joined, func(p protocol.RoomPosition) bool { return p.Room == m.group })
			j.lost = append(j.lost, m.group)
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
	after := int64(0) // the same for all, because it is one page that the browser fetches
	for i, t := range j.tickets {
		if len(t.Places) == 0 {
			send(newControl(protocol.Reset{Gen: j.frame.Gen, Refused: i, After: c.hub.resetAfter(&after)}.Payload()))
		}
	}
	for _, room := range j.lost {
		r := c.resetOf(room, c.hub.resetAfter(&after))
		r.Gen, r.Tickets = j.frame.Gen, j.naming(room)
		if j.fromPage(room) {
			r.Fresh = nil // the fetched page contains a ticket
		}
		send(newControl(r.Payload()))
	}
	if len(j.full) > 0 {
		c.hub.warnOfRooms(len(j.rooms))
	}
	for _, room := range j.full {
		send(newControl(protocol.Reset{Gen: j.frame.Gen, Rooms: []string{room}, Tickets: j.naming(room), Limit: c.hub.opts.MaxRooms}.Payload()))
	}
	if len(j.joined) > 0 || len(j.tickets) == 0 {
		send(newControl(j.joinedFrame(c.hub.opts.Secrets[0], time.Now(), c.hub.history.position).Payload()))
	}
	return wake
}

// naming returns the indices of the tickets that name a room.
func (j *joinResult) naming(room string) (indices []int) {
	for i, t := range j.tickets {
		if slices.ContainsFunc(t.Places, func(p ticket.Place) bool { return p.Room == room }) {
			indices = append(indices, i)
		}
	}
	return indices
}

// fromPage reports whether all tickets that name a room come from a page, and none from an earlier
// join.
func (j *joinResult) fromPage(room string) bool {
	for _, t := range j.tickets {
		if slices.ContainsFunc(t.Places, func(p ticket.Place) bool { return p.Room == room && p.Since != "" }) {
			return false
		}
	}
	return true
}

// startsAfter adds the numbers after which the tickets that name a room want its messages, and returns those greater than from.
func (j *joinResult) startsAfter(numbers []uint64, room string, from uint64) []uint64 {
	for i, start := range j.starts {
		if start.room == room && start.after > from {
			j.starts[i].isLater = true
			numbers = append(numbers, start.after)
		}
	}
	numbers = slices.DeleteFunc(numbers, func(n uint64) bool { return n <= from })
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// joinedFrame returns the frame for the joined rooms. It contains fresh tickets for the same rooms
// with their new positions, so that a page that stays open never depends on an expired ticket.
func (j *joinResult) joinedFrame(secret []byte, now time.Time, position func(uint64) string) protocol.Joined {
	joined := protocol.Joined{Gen: j.frame.Gen, Positions: j.joined, Sent: j.sent}
	since := position(j.number)
	for _, t := range j.tickets {
		fresh := ticket.Ticket{User: t.User, Expires: now.Add(ticketTime)}
		rooms := []string{}
		for _, p := range t.Places {
			rooms = append(rooms, p.Room)
			if i := slices.IndexFunc(j.joined, func(at protocol.RoomPosition) bool { return at.Room == p.Room }); i >= 0 {
				p.Position, p.Since = j.joined[i].Position, since
			}
			fresh.Places = append(fresh.Places, p)
		}
		text := ""
		if len(rooms) > 0 {
			text = fresh.Seal(secret)
		}
		joined.Tickets, joined.Each = append(joined.Tickets, text), append(joined.Each, rooms)
	}
	joined.Starts = j.startPositions(joined.Each, position)
	return joined
}

// startPositions returns where the rooms of each ticket start, in the order of each; nil if that is where the rooms start.
func (j *joinResult) startPositions(each [][]string, position func(uint64) string) [][]string {
	if !slices.ContainsFunc(j.starts, func(start ticketStart) bool { return start.isLater }) {
		return nil
	}
	all := make([][]string, len(each))
	for i, rooms := range each {
		for _, room := range rooms {
			text := ""
			if at := slices.IndexFunc(j.joined, func(at protocol.RoomPosition) bool { return at.Room == room }); at >= 0 {
				text = j.joined[at].Position
			}
			for _, start := range j.starts {
				if start.ticket == i && start.room == room && start.isLater {
					text = position(start.after)
				}
			}
			all[i] = append(all[i], text)
		}
	}
	return all
}

// serveLeave leaves rooms at the browser's request.
func (c *Connection) serveLeave(frame *protocol.Join) {
	c.rooms.clockIsOver = true
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, room := range frame.Rooms {
		c.leave(room)
	}
}

// enqueueControl queues a join or leave for the worker, so that it is handled in order with the
// requests.
func (c *Connection) enqueueControl(kind string, size int, frame protocol.Join) {
	c.mu.Lock()
	if c.out.encoding&encodingFull == 0 {
		c.mu.Unlock()
		return // a plain client has no such frames and couldn't read the reply
	}
	c.rooms.gen = max(c.rooms.gen, frame.Gen, 1)
	if kind == "join" {
		c.rooms.joining++
	}
	c.mu.Unlock()
	c.enqueueTask(&task{size: size, Context: c.ctx, joining: &frame, control: kind, Request: Request{Conn: c}})
}
