// Package ticket signs and reads the tickets with which browsers join rooms.
package ticket

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// A Ticket is the right of a user to join rooms.
//
// As a text, it is the base64url form of a version, the id of the key, the time of expiry, the user
// and the places, followed by an HMAC-SHA-256 (RFC 2104) of all that. Each string in it follows its
// length.
type Ticket struct {
	User    string    // "" is any user
	Expires time.Time // in whole seconds
	Places  []Place
}

// A Place is a room and a position in it.
type Place struct {
	Room     string
	Position string // from which the messages of the room are wanted
	Since    string // the number of the join since which a browser has followed the room; "" in the ticket of a page
}

const (
	version   = 1
	keyIDSize = 4
)

// coding rejects a text that stands for the same bytes as another one (RFC 4648, section 3.5). The
// exception is a text with line breaks, which package base64 always skips: Open rejects those
// itself.
var coding = base64.RawURLEncoding.Strict()

// keyID tells keys apart without revealing anything about them.
func keyID(secret []byte) []byte {
	sum := sha256.Sum256(append([]byte("wsx ticket key id\x00"), secret...))
	return sum[:keyIDSize]
}

// sign returns the MAC of b. The prefix keeps other uses of the same key from producing tickets.
func sign(secret, b []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("wsx ticket\x00"))
	mac.Write(b)
	return mac.Sum(nil)
}

// Seal returns the ticket as a text, signed with secret. It needs no escaping in HTML, JSON or
// URLs.
func (t Ticket) Seal(secret []byte) string {
	b := append([]byte{version}, keyID(secret)...)
	b = binary.AppendUvarint(b, uint64(t.Expires.Unix()))
	b = appendText(b, t.User)
	b = binary.AppendUvarint(b, uint64(len(t.Places)))
	for _, p := range t.Places {
		b = appendText(appendText(appendText(b, p.Room), p.Position), p.Since)
	}
	return coding.EncodeToString(append(b, sign(secret, b)...))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Open returns the ticket that Seal made a text of. The boolean reports whether the text was sealed
// with one of secrets and the ticket has not expired at now. Nothing tells which of the two is
// wrong, so that no caller can reveal it.
func Open(text string, secrets [][]byte, now time.Time) (t Ticket, ok bool) {
	b, err := coding.DecodeString(text)
	if err != nil || len(b) < 1+keyIDSize+sha256.Size || strings.ContainsAny(text, "\r\n") {
		return Ticket{}, false
	}
	body, mac := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	for _, secret := range secrets {
		if hmac.Equal(body[1:1+keyIDSize], keyID(secret)) && hmac.Equal(mac, sign(secret, body)) {
			return read(body, now)
		}
	}
	return Ticket{}, false
}

// read parses what one of our keys has signed. body is at least as long as the version and the id
// of the key.
func read(body []byte, now time.Time) (t Ticket, ok bool) {
	r := reader{rest: body[1+keyIDSize:]}
	expires := r.number()
	t.Expires = time.Unix(int64(min(expires, 1<<40)), 0)
	t.User = r.text()
	for range min(r.number(), uint64(len(body))) {
		t.Places = append(t.Places, Place{r.text(), r.text(), r.text()})
	}
	if body[0] != version || r.failed || len(r.rest) > 0 || !now.Before(t.Expires) {
		return Ticket{}, false
	}
	return t, true
}

// A reader reads what Seal wrote. It has failed once something else was found; then it returns zero
// values.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.failed, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) text() string {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.failed, r.rest = true, nil
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}
