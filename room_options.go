package wsx

import (
	"context"
	"fmt"
	"time"
)

// RoomOptions are the settings of rooms, by pattern; see [Hub.ConfigureRooms].
type RoomOptions struct {
	// History is how many messages the room remembers, so that a browser that was away, or whose page is older than its
	// connection, is sent what it missed. Default: none, the room forgets.
	History int
	// HistoryBytes bounds the fragments of these, in bytes. Default: 1 MiB.
	HistoryBytes int
	// TTL is how long after its last message a room remembers. Default: 5 minutes.
	TTL time.Duration
	// Presence tracks which users are in the room, for [Hub.Presence]. Default: off, unless OnPresence is set.
	Presence bool
	// OnPresence is called when users have come or gone; setting it implies Presence. The fragments that it returns are sent to the
	// members of the room in one frame.
	//
	// A user with three tabs comes once. A user whose connection is lost and who is back within 5 seconds, as after a reload, has
	// never been away; Leave and SetUser take effect at once. Anonymous connections don't count. A further connection of a user who
	// is present isn't reported: render the current members into its page.
	//
	// Changes of one room are reported in order, several at once if they follow each other quickly. OnPresence is never called under
	// a lock, but may be called concurrently for different rooms. ctx ends with Shutdown. Default: none.
	OnPresence func(ctx context.Context, room string, p PresenceDiff) []Fragment
	// Authorize is asked at every join and at every resumption, by ticket or not, so it should be quick. An error keeps the
	// connection out; its text is only logged, but for Connection.Join, which returns it. Id is that of the connection: with the user
	// and the tags that it has now. It is called with no lock held, may be called concurrently, and has Options.HandlerTimeout.
	// Default: whoever has a ticket, or is let in by the program, may join.
	Authorize func(ctx context.Context, id Identity, room string) error
}

// ConfigureRooms sets the options of rooms. The pattern is a room's name, or a prefix and a final "*". The longest pattern that
// matches a room counts, and a name counts before every prefix.
//
// Configure rooms before browsers connect: connections that are in a room already keep the options that they joined with.
// ConfigureRooms panics on a pattern that was set already, a "*" elsewhere and negative numbers.
func (h *Hub) ConfigureRooms(pattern string, o RoomOptions) {
	if o.History < 0 || o.HistoryBytes < 0 || o.TTL < 0 {
		panic(fmt.Sprintf("wsx: ConfigureRooms(%q): History, HistoryBytes and TTL must not be negative", pattern))
	}
	orDefault(&o.HistoryBytes, defaultHistoryBytes)
	orDefault(&o.TTL, defaultTTL)
	if err := h.roomOptions.Add(pattern, o); err != nil {
		panic(fmt.Sprintf("wsx: ConfigureRooms(%q): %v", pattern, err))
	}
	h.history.configured()
}

// hasHistory returns the options of a room. The boolean reports whether the room keeps a history.
func (h *Hub) hasHistory(room string) (RoomOptions, bool) {
	o, _ := h.roomOptions.Find(room)
	return o, o.History > 0
}
