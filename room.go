package wsx

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/index"
	"github.com/wsxgo/wsx/internal/protocol"
)

// A membership is a connection's place in a group: all connections, one room or one user. A
// broadcast reads memberships without a lock. It then checks live under the connection's mu, so a
// connection receives nothing for a group that it has left.
type membership struct {
	// immutable
	conn  *Connection
	group string // the room's or the user's name
	gen   uint64 // the number of the join that created it

	// guarded by conn.mu
	live             bool
	present          bool // counted by presence, for the connection's current user
	delivery         delivery
	deliveredThrough uint64   // in a room with history, the newest message queued or skipped
	joinedAt         uint64   // the number when the program joined; older entries are not its own
	toldThrough      uint64   // the newest position in what was queued
	browserKnows     bool     // the browser has been sent a joined frame
	starts           []uint64 // where parts of the page start after the replay does, in order
	untold           []uint64 // those of them that the replay has yet to tell the browser

	index.Place // guarded by the group's mu
}

// A delivery says whether a member of a room with history gets messages as they are published.
type delivery uint8

const (
	deliveryLive    delivery = iota
	deliveryHeld             // until a reply or a joined frame is queued; the history follows
	deliveryLagging          // the browser is slow; the history follows when the queue has space
	deliveryLost             // the history has a gap; nothing follows until the browser joins again
)

// A group is a set of memberships that is read without a lock. Its mu, for writers, is taken after
// a connection's mu.
type (
	group      = index.Group[*membership]
	groupIndex = index.Index[*membership]
)

// checkRoom returns an error that wraps ErrRoom if name can't be a room's. Names appear in logs and
// frames, hence only printable ones.
func checkRoom(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: the name is empty", ErrRoom)
	case len(name) > protocol.MaxRoomName:
		return fmt.Errorf("%w: a name of %d bytes; at most %d are allowed", ErrRoom, len(name), protocol.MaxRoomName)
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
