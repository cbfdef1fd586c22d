package wsx

import (
	"context"
	"fmt"
	"time"

	"github.com/wsxgo/wsx/internal/ticket"
)

// Ticket returns a ticket for rooms: the right to join them, and the position from which their
// messages are wanted. A browser with the ticket gets every later message of the rooms exactly once
// and in order. If that can't be guaranteed, it refetches the element that shows the rooms.
//
// Put the ticket on the element that shows the rooms (wx-ticket="{{.Ticket}}"), and give that
// element an id. Create it before reading the data of that element, so that no message is lost in
// between.
//
// A ticket is valid for 12 hours, for any number of joins, and on every node with the same
// Options.Secrets. It is bound to user, as returned by Authenticate. With "", any user may join,
// which suits pages that a cache may hold. Browsers get fresh tickets when they join, so a page
// that stays open keeps its rooms. A room without history can be joined with a ticket, too; its
// messages arrive from the join on. To end a user's access earlier, use RoomOptions.Authorize.
//
// A ticket is base64url (RFC 4648, section 5) and needs no escaping. The user can read the names of
// the rooms in it.
//
// Ticket returns ErrRoom without rooms, for a name that can't be a room's, and for more rooms than
// Options.MaxRooms. It returns ErrTooLarge for a ticket over half of Options.MaxMessage, which no
// browser could send back, and ctx's error.
func (h *Hub) Ticket(ctx context.Context, user string, rooms ...string) (string, error) {
	if err := h.checkTicket(ctx, rooms); err != nil {
		return "", failed("ticket", err)
	}
	h.cluster.awaitLoad(ctx)
	now := h.history.position(h.history.next())
	t := ticket.Ticket{User: user, Expires: time.Now().Add(ticketTime)}
	for _, room := range rooms {
		t.Places = append(t.Places, ticket.Place{Room: room, Position: now})
	}
	text := t.Seal(h.opts.Secrets[0])
	if limit := h.opts.MaxMessage / 2; int64(len(text)) > limit {
		return "", failed("ticket", fmt.Errorf("%w: the room names make it %d bytes long; Options.MaxMessage allows %d", ErrTooLarge, len(text), limit))
	}
	return text, nil
}

// checkTicket returns an error if no ticket can be issued for rooms.
func (h *Hub) checkTicket(ctx context.Context, rooms []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(rooms) == 0 {
		return fmt.Errorf("%w: a ticket needs at least one room", ErrRoom)
	}
	if limit := h.opts.MaxRooms; limit >= 0 && len(rooms) > limit {
		return fmt.Errorf("%w: a ticket for %d rooms; Options.MaxRooms is %d", ErrRoom, len(rooms), limit)
	}
	for _, room := range rooms {
		if err := checkRoom(room); err != nil {
			return err
		}
	}
	return nil
}
