package wsx

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/index"
	"github.com/wsxgo/wsx/internal/protocol"
)

// A membership is a connection's place in a group: all connections, one room or one user. A broadcast that has read it from the
// group asks under the connection's lock whether it is still live, so a connection receives nothing for a group that it has left.
type membership struct {
	// immutable
	conn  *Connection
	group string // the room's or the user's name
	gen   uint64 // which of the connection's joins made it

	// guarded by conn.mu
	live             bool
	present          bool // for presence, as the user that the connection has
	delivery         delivery
	deliveredThrough uint64   // the newest message of a room with history that was queued or passed over; later ones follow
	joinedAt         uint64   // the number at which the program made it join; what was queued before is of an older membership
	toldThrough      uint64   // the newest that the browser learns of from what is queued
	browserKnows     bool     // the browser knows that it is in the room
	starts           []uint64 // where parts of the page start, after the replay does; in order
	untold           []uint64 // those of them that the replay has yet to tell the browser

	index.Place // guarded by the group's mu
}

// A delivery says whether a member of a room with history is sent its messages as they come.
type delivery uint8

const (
	deliveryLive    delivery = iota
	deliveryHeld             // until what must come first is queued; then what it missed follows
	deliveryLagging          // the browser is slow: what it missed follows when the queue is empty
	deliveryLost             // what it missed is gone: nothing comes until the browser joins again
)

// A group is a set of memberships that is read without a lock. Its mu is taken after a connection's mu.
type (
	group      = index.Group[*membership]
	groupIndex = index.Index[*membership]
)

// checkRoom returns an error that wraps ErrRoom unless name can be the name of a room.
func checkRoom(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: the name is empty", ErrRoom)
	case len(name) > protocol.MaxRoomName:
		return fmt.Errorf("%w: a name of %d bytes, %d are allowed", ErrRoom, len(name), protocol.MaxRoomName)
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: the name is not valid UTF-8", ErrRoom)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%w: the name %.64q is not printable", ErrRoom, name)
		}
	}
	return nil
}
