package wsx

import (
	"context"
	"fmt"
	"time"
)

// RoomOptions are the settings of the rooms that match a pattern; see [Hub.ConfigureRooms].
type RoomOptions struct {
	// History is how many messages the room keeps. A browser that was away, or whose page is older
	// than its connection, gets what it missed from there. Default: 0, no history.
	History int
	// HistoryBytes bounds the bytes of the fragments that the room keeps. All rooms of a hub
	// together keep at most 256 MiB: those that have been quiet longest lose their history first.
	// Default: 1 MiB.
	HistoryBytes int
	// TTL is how long the history is kept after the room's last message. Default: 5 minutes.
	TTL time.Duration
	// Presence tracks which users are in the room, for [Hub.Presence]. Default: off, unless
	// OnPresence is set.
	Presence bool
	// OnPresence is called when users have joined or left. Setting it implies Presence. The
	// fragments that it returns are sent to the members of the room in one frame.
	//
	// A user with three tabs joins once. A user who loses the connection and returns within
	// 5 seconds, as in a reload, doesn't leave; Leave and SetUser take effect at once. Anonymous
	// connections don't count. A further connection of a user who is present isn't reported: render
	// the current members into its page.
	//
	// Changes of one room are reported in order; quick ones may be combined. OnPresence is never
	// called under a lock, but may be called concurrently for different rooms. ctx ends with
	// Shutdown. Default: none.
	OnPresence func(ctx context.Context, room string, p PresenceDiff) []Fragment
	// Authorize is called at every join and resumption, with or without a ticket, so it should be
	// fast. id has the connection's current user and tags. An error keeps the connection out.
	// Connection.Join returns the error; otherwise its text is only logged.
	//
	// Authorize is called with no lock held and may be called concurrently. ctx has a timeout of
	// Options.HandlerTimeout. Default: joining takes a ticket or a call of the program.
	Authorize func(ctx context.Context, id Identity, room string) error
}

// ConfigureRooms sets the options of rooms. pattern is the name of a room, or a prefix followed by
// "*". A room uses the options of its name or, without those, of the longest matching prefix.
//
// Call ConfigureRooms before browsers connect. A connection that is in a room already keeps the
// options that it joined with.
//
// ConfigureRooms panics if the pattern is set already, has a "*" that isn't at its end, or if
// History, HistoryBytes or TTL is negative.
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
