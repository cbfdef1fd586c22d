package wsx

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
)

// Ticket returns a ticket for rooms: the right to join them, and the moment from which their messages are wanted. Put it on
// the element that shows them (wx-ticket="{{.Ticket}}"), and take it before the data of that element is read: then nothing
// falls between the two. A browser with the ticket is sent every message of the rooms since then, once and in order; where
// that cannot be promised any more it fetches the page again.
//
// A ticket is good for 12 hours, for any number of joins and on every node with the same Options.Secrets; it is bound to user,
// as Authenticate names it; "" lets anybody in, for pages that a cache may hold. It is base64url and needs no escaping. Browsers
// are given fresh ones when they join, so a page that stays open keeps its rooms; who is to be thrown out before that is the
// business of RoomOptions.Authorize. It is no secret from the user, who can read the names of the rooms in it. It returns
// ErrRoom for no room, a name that cannot be a room's and more rooms than Options.MaxRooms, ErrTooLarge for one that no browser
// could send back (over half of Options.MaxMessage), and ctx's error.
func (h *Hub) Ticket(ctx context.Context, user string, rooms ...string) (string, error) {
	if err := h.checkTicket(ctx, rooms); err != nil {
		return "", failed("ticket", err)
	}
	now := h.history.position(h.history.next())
	t := ticket{user: user, expires: time.Now().Add(ticketTime)}
	for _, room := range rooms {
		t.places = append(t.places, ticketPlace{RoomPosition: protocol.RoomPosition{Room: room, Position: now}})
	}
	text := t.seal(h.opts.Secrets[0])
	if limit := h.opts.MaxMessage / 2; int64(len(text)) > limit {
		return "", failed("ticket", fmt.Errorf("%w: the names of the rooms make it %d bytes long; Options.MaxMessage allows %d", ErrTooLarge, len(text), limit))
	}
	return text, nil
}

func (h *Hub) checkTicket(ctx context.Context, rooms []string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(rooms) == 0 {
		return fmt.Errorf("%w: a ticket is for at least one", ErrRoom)
	}
	if limit := h.opts.MaxRooms; limit >= 0 && len(rooms) > limit {
		return fmt.Errorf("%w: a ticket for %d of them, Options.MaxRooms is %d", ErrRoom, len(rooms), limit)
	}
	for _, room := range rooms {
		if err := checkRoom(room); err != nil {
			return err
		}
	}
	return nil
}

// A ticket is what the text says: a version, the id of the key, the time of expiry, the user and the places, each text after its
// length; then an HMAC-SHA-256 (RFC 2104) of all that.
type ticket struct {
	user    string // "" is anybody
	expires time.Time
	places  []ticketPlace
}

// A ticketPlace is a room, a position in it, and since when a browser has followed it: the number of its join; "" in the ticket of a
// page, which says nothing of that.
type ticketPlace struct {
	protocol.RoomPosition
	since string
}

const (
	ticketVersion = 1
	keyIDSize     = 4
)

// ticketCoding refuses texts that stand for the same bytes as another one (RFC 4648, section 3.5), but for line breaks, which
// package base64 always skips.
var ticketCoding = base64.RawURLEncoding.Strict()

// keyID tells keys apart without telling anything of them.
func keyID(secret []byte) []byte {
	sum := sha256.Sum256(append([]byte("wsx ticket key id\x00"), secret...))
	return sum[:keyIDSize]
}

func ticketMAC(secret, b []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("wsx ticket\x00")) // so that no other use of the key makes tickets
	mac.Write(b)
	return mac.Sum(nil)
}

// seal returns the ticket as a text, signed.
func (t ticket) seal(secret []byte) string {
	b := append([]byte{ticketVersion}, keyID(secret)...)
	b = binary.AppendUvarint(b, uint64(t.expires.Unix()))
	b = appendText(b, t.user)
	b = binary.AppendUvarint(b, uint64(len(t.places)))
	for _, p := range t.places {
		b = appendText(appendText(appendText(b, p.Room), p.Position), p.since)
	}
	return ticketCoding.EncodeToString(append(b, ticketMAC(secret, b)...))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// openTicket returns what a ticket says; ErrTicket, whatever is wrong with it.
func openTicket(text string, secrets [][]byte, now time.Time) (ticket, error) {
	b, err := ticketCoding.DecodeString(text)
	if err != nil || len(b) < 1+keyIDSize+sha256.Size || strings.ContainsAny(text, "\r\n") {
		return ticket{}, ErrTicket
	}
	body, mac := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	for _, secret := range secrets {
		if hmac.Equal(body[1:1+keyIDSize], keyID(secret)) && hmac.Equal(mac, ticketMAC(secret, body)) {
			return readTicket(body, now)
		}
	}
	return ticket{}, ErrTicket
}

// readTicket reads what one of our keys has signed.
func readTicket(body []byte, now time.Time) (t ticket, err error) {
	r := ticketReader{rest: body[1+keyIDSize:]}
	expires := r.number()
	t.expires = time.Unix(int64(min(expires, 1<<40)), 0)
	t.user = r.text()
	for range min(r.number(), uint64(len(body))) {
		t.places = append(t.places, ticketPlace{protocol.RoomPosition{Room: r.text(), Position: r.text()}, r.text()})
	}
	if body[0] != ticketVersion || r.bad || len(r.rest) > 0 || !now.Before(t.expires) {
		return ticket{}, ErrTicket
	}
	return t, nil
}

// A ticketReader reads what seal wrote; bad: it was something else.
type ticketReader struct {
	rest []byte
	bad  bool
}

func (r *ticketReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *ticketReader) text() string {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}
