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

// Join makes the connection a member of room. It returns once a broadcast to the room reaches the connection. If the room
// remembers, and a handler or OnConnect of this connection is running, what the room is sent from now on waits until the answer is
// queued, or OnConnect has returned: so a handler that joins, reads and replies misses nothing, and nothing comes too early. To
// join a room that it is in already does that, too, and nothing else, unless the browser was told to fetch its page for that
// room: then the room begins again. It returns ErrRoom for a name that is empty, over 255 bytes or not printable and for a room too
// many, the error of RoomOptions.Authorize, ErrNotConnected when the connection has ended, ErrClosed after Shutdown, and ctx's
// error.
func (c *Connection) Join(ctx context.Context, room string) error {
	return failed("join", c.join(ctx, room, ""))
}

// Switch joins one room and then leaves another, so that at least one of them always reaches the connection. With an error, nothing
// has changed. It returns the errors of Join; Options.MaxRooms counts the rooms after the switch. If the connection isn't in from, or
// from and to are the same room, Switch only joins.
func (c *Connection) Switch(ctx context.Context, from, to string) error {
	if err := c.join(ctx, to, from); err != nil {
		return failed("switch", err)
	}
	if from != to {
		c.Leave(from)
	}
	return nil
}

// join is Join for a connection that is about to leave a room, unless leaving is "".
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
	if err := c.authorize(ctx, room); err != nil {
		return err
	}
	return c.joinRoom(room, leaving)
}

// authorize asks the program whether the connection may be in a room.
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

// identity returns who Authenticate said that it is, with what has changed since.
func (c *Connection) currentIdentity() Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Identity{c.who.user, slices.Clone(c.identity.Rooms), maps.Clone(c.who.tags), c.identity.Expires}
}

// enter makes the connection a member of room, if it is none yet.
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

// hold keeps back what a room is sent until the handler or hook that runs has answered. The caller holds mu and the publish lock.
func (c *Connection) holdRoom(m *membership) {
	if m.delivery == deliveryHeld {
		return
	}
	if m.delivery == deliveryLive {
		m.deliveredThrough = c.hub.history.next() // what was sent before is in the queue; of a room that is behind it is not
	}
	c.setDelivery(m, deliveryHeld)
	c.rooms.held = append(c.rooms.held, m)
}

// tryJoin returns the new membership; nil: there is one already. The caller holds mu.
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
		return nil, fmt.Errorf("%w: a connection can be in %d", ErrRoom, limit)
	}
	c.rooms.joins++
	m := &membership{conn: c, group: room, gen: c.rooms.joins, live: true}
	c.rooms.memberships = append(c.rooms.memberships, m)
	c.hub.rooms.Add(room, m)
	m.present = c.hub.presence.enter(room, c.who.user)
	return m, nil
}

// tellJoined tells the browser of a room that the program made it join, with a ticket for the next time. The caller holds mu.
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

// freshTicket returns a ticket for a browser that follows a room from here on. The caller holds mu.
func (c *Connection) freshTicket(at protocol.RoomPosition) string {
	now := c.hub.history.position(c.hub.history.next())
	place := ticket.Place{Room: at.Room, Position: at.Position, Since: now}
	t := ticket.Ticket{User: c.who.user, Expires: time.Now().Add(ticketTime), Places: []ticket.Place{place}}
	return t.Seal(c.hub.opts.Secrets[0])
}

// Leave ends the membership in room. When it returns, nothing that is sent to the room afterwards reaches the connection;
// what was queued before still does. Leaving a room that it is not in does nothing. A browser with a ticket for the room may come
// back: to keep it out is the business of RoomOptions.Authorize.
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

// leave returns the membership that it ended; nil: there was none. The caller holds mu.
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

// Rooms returns the names of the rooms that the connection is in, in the order of joining.
func (c *Connection) Rooms() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := make([]string, len(c.rooms.memberships))
	for i, m := range c.rooms.memberships {
		names[i] = m.group
	}
	return names
}

// exit takes a membership out of the account of who is present. The caller holds mu.
func (c *Connection) leavePresence(m *membership, lost bool) {
	if m.present {
		m.present = false
		c.hub.presence.exit(m.group, c.who.user, lost)
	}
}

// inRoom answers for filters. The caller holds mu.
func (c *Connection) inRoom(room string) bool { return c.rooms.find(room) != nil }
