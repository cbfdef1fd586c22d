// Package contender has a small server for each library that is measured, written as its own examples do it.
package contender

import (
	"net"
	"net/http"
	"strconv"
)

// A Contender serves connections and sends to them. The process ends with it, so it cannot be stopped.
type Contender interface {
	// Serve accepts connections until ln is closed. Each asks for "/?i=" and its number.
	Serve(ln net.Listener) error
	// Broadcast sends html to every connection.
	Broadcast(html string)
	// Connections returns how many are open, as far as the contender knows.
	Connections() int
}

// A Roomer has a way to send to some of its connections only.
type Roomer interface {
	BroadcastRoom(room int, html string)
}

// A Joiner can send several messages with one write for each connection.
type Joiner interface {
	BroadcastJoined(html []string)
}

// An Entry is one line of the list of contenders.
type Entry struct {
	Name   string
	Module string // where its version is found; "" for what is ours
	How    string // what the server does, for the report
	// New returns the server for so many sockets.
	New func(sockets int) Contender
	// Rooms: it is a [Roomer], because the library has rooms or filters.
	Rooms bool
	// Centrifuge: the client has to speak that protocol. Deflate: it has to offer permessage-deflate.
	Centrifuge, Deflate bool
}

// The names that the report has a word about.
const (
	Floor       = "floor"
	FloorJoined = "floor, joined"
	Wsx         = "wsx"
	WsxDeflate  = "wsx, compressed"
)

// All are the contenders, in the order of the report.
var All = []Entry{
	{Name: Floor, New: newFloor, Rooms: true,
		How: "no library: one goroutine writes one prepared frame to one socket after the other, and never reads"},
	{Name: Wsx, New: newWsx, Rooms: true, How: "`Hub.Broadcast` with `Append`, `Room` filters"},
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
		How: "`Node.Publish` to a channel that every client subscribed to, JSON protocol, everything else default"},
	{Name: WsxDeflate, New: newWsxDeflate, Deflate: true, How: "wsx with `Options.Compression`"},
}

// Find returns the contender of that name.
func Find(name string) (Entry, bool) {
	for _, e := range All {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// queued is how many messages may wait for one connection where the program chooses that.
const queued = 256

// number returns which socket asks.
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
