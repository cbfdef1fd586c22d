// Package contender has a small server for each measured library, written like the library's own examples.
package contender

import (
	"net"
	"net/http"
	"strconv"
)

// A Contender serves connections and sends to them. It can't be stopped; it ends with its process.
type Contender interface {
	// Serve accepts connections until ln is closed. Each client requests "/?i=" and its number.
	Serve(ln net.Listener) error
	// Broadcast sends html to every connection.
	Broadcast(html string)
	// Connections returns the number of open connections, as far as the contender knows.
	Connections() int
}

// A Roomer can send to some of its connections only.
type Roomer interface {
	BroadcastRoom(room int, html string)
}

// A Joiner can send several messages with one write per connection.
type Joiner interface {
	BroadcastJoined(html []string)
}

// An Entry is one line in the list of contenders.
type Entry struct {
	Name   string
	Module string // module whose version is reported; "" for our own
	How    string // what the server does, for the report
	// New returns the server for this number of sockets.
	New func(sockets int) Contender
	// Rooms: it is a [Roomer], because the library has rooms or filters.
	Rooms bool
	// Centrifuge: the client must speak that protocol. Deflate: the client must offer permessage-deflate.
	Centrifuge, Deflate bool
}

// Names that the report mentions.
const (
	Floor       = "floor"
	FloorJoined = "floor, joined"
	Wsx         = "wsx"
	WsxDeflate  = "wsx, compressed"
)

// All are the contenders, in the order of the report.
var All = []Entry{
	{Name: Floor, New: newFloor, Rooms: true,
		How: "no library: one goroutine writes one prepared frame to each socket in turn, and never reads"},
	{Name: Wsx, New: newWsx, Rooms: true, How: "`Hub.Broadcast` with `Append`; rooms by the filter `Room`"},
	{Name: "gws", Module: "github.com/lxzan/gws", New: newGws, Rooms: true,
		How: "`Broadcaster` over a `ConcurrentMap`; rooms by checking each session"},
	{Name: "gobwas/ws", Module: "github.com/gobwas/ws", New: newGobwas,
		How: "upgrade without net/http, one compiled frame, a channel of 256 and a writer goroutine"},
	{Name: "gorilla/websocket", Module: "github.com/gorilla/websocket", New: newGorilla,
		How: "its chat example with `PreparedMessage`: a channel of 256 and a writer goroutine"},
	{Name: "melody", Module: "github.com/olahol/melody", New: newMelody, Rooms: true,
		How: "`Broadcast`; rooms by `BroadcastFilter`"},
	{Name: "coder/websocket", Module: "github.com/coder/websocket", New: newCoder,
		How: "its chat example: `CloseRead`, `Write` with a timeout of 5 s, but a channel of 256 instead of 16"},
	{Name: "centrifuge", Module: "github.com/centrifugal/centrifuge", New: newCentrifuge, Rooms: true, Centrifuge: true,
		How: "`Node.Publish` to a channel that every client has subscribed to; JSON protocol, all else by default"},
	{Name: WsxDeflate, New: newWsxDeflate, Deflate: true, How: "wsx with `Options.Compression`"},
}

// Find returns the contender with this name.
func Find(name string) (Entry, bool) {
	for _, e := range All {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// queued is the number of messages that may wait per connection, for libraries where the program chooses it.
const queued = 256

// number returns the number of the requesting socket.
func number(r *http.Request) int { return parseNumber(r.URL.Query().Get("i")) }

func parseNumber(text string) int {
	i, err := strconv.Atoi(text)
	if err != nil {
		return -1 // in no room
	}
	return i
}

func serveHTTP(ln net.Listener, serve http.HandlerFunc) error {
	return (&http.Server{Handler: serve}).Serve(ln)
}
