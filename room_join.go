package wsx

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/ticket"
)

// Join makes the connection a member of room. When it returns, broadcasts to the room reach the
// connection. Joining a room twice has no further effect, unless the browser has been told to
// refetch what shows the room: then delivery restarts.
//
// If the room has a history and a handler of this connection is running, messages wait until its
// reply is queued. The same holds for OnConnect until it returns. So a handler that joins, reads
// and replies misses nothing, and no message arrives before the reply.
//
// Join returns ErrRoom for a name that is empty, over 255 bytes or not printable, and if the
// connection is in Options.MaxRooms rooms already. It returns the error of RoomOptions.Authorize,
// ErrNotConnected if the connection has ended, ErrClosed after Shutdown, and ctx's error.
func (c *Connection) Join(ctx context.Context, room string) error {
	return failed("join", c.join(ctx, room, ""))
}

// Switch joins a room and then leaves another, so that broadcasts to one of the two reach the
// connection at any time. On an error, nothing has changed. If the connection isn't in from, or
// from and to are the same room, Switch only joins.
//
// Switch returns the errors of Join. Options.MaxRooms applies to the rooms after the switch.
func (c *Connection) Switch(ctx context.Context, from, to string) error {
	if err := c.join(ctx, to, from); err != nil {
		return failed("switch", err)
	}
	if from != to {
		c.Leave(from)
	}
	return nil
}

// join is Join for a connection that is about to leave a room. leaving is "" if it isn't.
func (c *Connection) join(ctx context.Context, room, leaving string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkRoom(room); err != nil {
		return err
	}
	if c.hub.isClosed() {
		return ErrClosed
	}
	c.hub.cluster.awaitLoad(ctx)
	if err := c.authorize(ctx, room); err != nil {
		return err
	}
	return c.joinRoom(room, leaving)
}

// authorize asks the program whether the connection may join a room. No lock is held, because this
// is user code.
func (c *Connection) authorize(ctx context.Context, room string) error {
	o, _ := c.hub.roomOptions.Find(room)
	if o.Authorize == nil {
		return nil
	}
	if timeout := c.hub.opts.HandlerTimeout; timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return safely(func() error { return o.Authorize(ctx, c.currentIdentity(), room) })
}

// currentIdentity returns the result of Authenticate with what the program has changed since.
func (c *Connection) currentIdentity() Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Identity{c.who.user, slices.Clone(c.identity.Rooms), maps.Clone(c.who.tags), c.identity.Expires}
}

// joinRoom makes the connection a member of room, if it isn't one yet. leaving doesn't count
// against MaxRooms.
func (c *Connection) joinRoom(room, leaving string) error {
	if _, ok := c.hub.hasHistory(room); !ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, err := c.addMembership(room, leaving)
		return err
	}
	var err error
	c.hub.withHistory(c, room, func(*roomHistory) (wake bool) {
		m := c.rooms.find(room)
		isNew := m == nil || m.delivery == deliveryLost
		if m == nil {
			m, err = c.addMembership(room, leaving)
		}
		if err != nil {
			return false
		}
		if isNew {
			c.setDelivery(m, deliveryLive)
			m.deliveredThrough = c.hub.history.next()
			m.joinedAt, m.toldThrough, m.browserKnows = m.deliveredThrough, m.deliveredThrough, false
		}
		if c.in.inOnConnect || c.in.serving != nil && !c.in.serving.isReplied() {
			c.holdRoom(m)
			return false
		}
		return isNew && c.sendJoined(m)
	})
	return err
}

// holdRoom holds messages of a room back until the running handler or hook has replied. The caller
// holds mu and the lock of the room's history.
func (c *Connection) holdRoom(m *membership) {
	if m.delivery == deliveryHeld {
		return
	}
	if m.delivery == deliveryLive {
		// Older messages are queued already. A lagging room instead keeps its place.
		m.deliveredThrough = c.hub.history.next()
	}
	c.setDelivery(m, deliveryHeld)
	c.rooms.held = append(c.rooms.held, m)
}

// addMembership returns a new membership, or nil if there is one already. The caller holds mu.
func (c *Connection) addMembership(room, leaving string) (*membership, error) {
	limit, rooms := c.hub.opts.MaxRooms, len(c.rooms.memberships)
	if leaving != "" && c.rooms.find(leaving) != nil {
		rooms--
	}
	switch {
	case c.closeReason != nil:
		return nil, ErrNotConnected
	case c.rooms.find(room) != nil:
		return nil, nil
	case limit >= 0 && rooms >= limit:
		return nil, fmt.Errorf("%w: the connection is already in %d rooms; see Options.MaxRooms", ErrRoom, limit)
	}
	c.rooms.joins++
	m := &membership{conn: c, group: room, gen: c.rooms.joins, live: true}
	c.rooms.memberships = append(c.rooms.memberships, m)
	c.hub.rooms.Add(room, m)
	m.present = c.hub.presence.enter(room, c.who.user)
	return m, nil
}

// sendJoined tells the browser that the program made it join a room, with a ticket by which it can
// rejoin on its next connection. The caller holds mu.
func (c *Connection) sendJoined(m *membership) (wake bool) {
	if c.out.encoding&encodingFull == 0 {
		return false
	}
	m.browserKnows = true
	at := protocol.RoomPosition{Room: m.group, Position: c.hub.history.position(m.deliveredThrough)}
	_, wake = c.enqueue(newControl(protocol.Joined{
		Gen: c.rooms.gen, Positions: []protocol.RoomPosition{at}, Tickets: []string{c.freshTicket(at)}, Each: [][]string{{m.group}}, ByServer: true,
	}.Payload()))
	return wake
}

// freshTicket returns a ticket for a browser that follows a room from a position on. The caller
// holds mu.
func (c *Connection) freshTicket(at protocol.RoomPosition) string {
	now := c.hub.history.position(c.hub.history.next())
	place := ticket.Place{Room: at.Room, Position: at.Position, Since: now}
	t := ticket.Ticket{User: c.who.user, Expires: time.Now().Add(ticketTime), Places: []ticket.Place{place}}
	return t.Seal(c.hub.opts.Secrets[0])
}

// Leave ends the connection's membership in room. Messages that are sent to the room after Leave
// has returned don't reach the connection; queued ones still do. Leaving a room that the connection
// isn't in has no effect.
//
// A browser with a ticket for the room may join again. To keep it out, use RoomOptions.Authorize.
func (c *Connection) Leave(room string) {
	c.mu.Lock()
	m := c.leave(room)
	wake := false
	if m != nil && m.browserKnows {
		_, wake = c.enqueue(newControl(protocol.Left(room)))
	}
	c.mu.Unlock()
	if wake {
		c.hub.writers.wake(c)
	}
}

// leave returns the membership that it has ended, or nil if there is none. The caller holds mu.
func (c *Connection) leave(room string) *membership {
	i := slices.IndexFunc(c.rooms.memberships, func(m *membership) bool { return m.group == room })
	if i < 0 || c.closeReason != nil {
		return nil
	}
	m := c.rooms.memberships[i]
	m.live = false
	c.setDelivery(m, deliveryLive)
	c.rooms.memberships = slices.Delete(c.rooms.memberships, i, i+1)
	c.hub.rooms.Remove(m.group, m)
	c.leavePresence(m, false)
	return m
}

// Rooms returns the names of the rooms that the connection is in, in the order of joining. The
// slice is a copy.
func (c *Connection) Rooms() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := make([]string, len(c.rooms.memberships))
	for i, m := range c.rooms.memberships {
		names[i] = m.group
	}
	return names
}

// leavePresence uncounts a membership in presence. lost says that the browser may return. The
// caller holds mu.
func (c *Connection) leavePresence(m *membership, lost bool) {
	if m.present {
		m.present = false
		c.hub.presence.exit(m.group, c.who.user, lost)
	}
}

// inRoom reports whether the connection is in a room. The caller holds mu.
func (c *Connection) inRoom(room string) bool { return c.rooms.find(room) != nil }
