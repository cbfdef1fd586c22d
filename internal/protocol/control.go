package protocol

import (
	"encoding/json"
	"strconv"
	"time"
)

// DefaultMax is the longest message from a browser where the hello names no other, in bytes.
const DefaultMax = 64 << 10

// Hello returns the payload that greets a browser. The original's client ignores it. Key is "" over a WebSocket. Longest is the
// longest message that the browser may send, in bytes.
func Hello(conn, key string, ping time.Duration, clock string, longest int64) []byte {
	b := AppendString([]byte(`{"type":"hello","v":1,"conn":`), conn)
	if key != "" {
		b = AppendString(append(b, `,"key":`...), key)
	}
	b = strconv.AppendInt(append(b, `,"ping":`...), max(ping.Milliseconds(), 0), 10)
	b = AppendString(append(b, `,"t":`...), clock)
	if longest != DefaultMax {
		b = strconv.AppendInt(append(b, `,"max":`...), longest, 10)
	}
	return append(b, '}')
}

// Ack returns the payload that says that a request was handled and has nothing to show.
func Ack(id string) []byte { return append(AppendString([]byte(`{"type":"ack","id":`), id), '}') }

// An ErrorCode says in an error frame what is wrong with a request.
type ErrorCode string

// The codes of an error frame.
const (
	CodeUser       ErrorCode = "user"
	CodeInvalid    ErrorCode = "invalid"
	CodeBadRequest ErrorCode = "bad_request"
	CodeUnknown    ErrorCode = "unknown"
	CodeDenied     ErrorCode = "denied"
	CodeTimeout    ErrorCode = "timeout"
	CodeInternal   ErrorCode = "internal"
)

// Error returns the payload that says that a request failed. Html is sent with CodeUser only.
func Error(id string, code ErrorCode, html string) []byte {
	b := AppendString([]byte(`{"type":"error","id":`), id)
	b = AppendString(append(b, `,"code":`...), string(code))
	if code == CodeUser {
		b = AppendString(append(b, `,"html":`...), html)
	}
	return append(b, '}')
}

// Ping returns the payload that full clients are sent with a ping, because scripts cannot see the pings of a WebSocket.
func Ping(clock string) []byte {
	return append(AppendString([]byte(`{"type":"ping","t":`), clock), '}')
}

// Close returns the payload that stands for a close frame where there are none.
func Close(code int, reason string) []byte {
	b := strconv.AppendInt([]byte(`{"type":"close","code":`), int64(code), 10)
	return append(AppendString(append(b, `,"reason":`...), reason), '}')
}

// Reconnect returns the payload that asks a browser to open another connection after a time, and to leave this one then.
func Reconnect(after time.Duration) []byte {
	return append(strconv.AppendInt([]byte(`{"type":"reconnect","after":`), after.Milliseconds(), 10), '}')
}

// Joined says which rooms a browser has joined, and from which positions their messages follow.
type Joined struct {
	Gen       uint64
	Positions []RoomPosition
	Tickets   []string       // fresh ones, in the order of those that the browser sent; "" for a refused one
	Each      [][]string     // the rooms of each of these
	Starts    [][]string     // where each of these starts, in the order of Each; nil if that is Positions for all
	Sent      []RoomPosition // up to where rooms have been sent over this connection before, if that is after Positions
	ByServer  bool           // the program made the browser join
}

// Payload encodes j.
func (j Joined) Payload() []byte {
	b := strconv.AppendUint([]byte(`{"type":"joined","gen":`), j.Gen, 10)
	b = append(appendPositions(append(b, `,"rooms":`...), j.Positions), `,"tickets":`...)
	b = append(AppendStrings(b, j.Tickets), `,"each":[`...)
	for i, rooms := range j.Each {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendStrings(b, rooms)
	}
	b = append(b, ']')
	if j.Starts != nil {
		b = append(b, `,"starts":[`...)
		for i, starts := range j.Starts {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendStrings(b, starts)
		}
		b = append(b, ']')
	}
	if len(j.Sent) > 0 {
		b = appendPositions(append(b, `,"sent":`...), j.Sent)
	}
	if j.ByServer {
		b = append(b, `,"server":true`...)
	}
	return append(b, '}')
}

// Reset says for which rooms completeness can't be proved, or which ticket is refused: the browser refetches what shows them.
type Reset struct {
	Gen     uint64
	Rooms   []string
	Tickets []int    // of the join, those that name one of the rooms
	Fresh   []string // tickets from now on, in the order of Rooms, for a browser that has none from a page
	Refused int      // without Rooms: the index of the ticket
	Limit   int      // if a connection cannot be in more rooms than this, so that a refetch would not help
	After   int64    // milliseconds
}

// Payload encodes r.
func (r Reset) Payload() []byte {
	b := strconv.AppendUint([]byte(`{"type":"reset","gen":`), r.Gen, 10)
	if len(r.Rooms) == 0 {
		b = strconv.AppendInt(append(b, `,"ticket":`...), int64(r.Refused), 10)
	} else {
		b = AppendStrings(append(b, `,"rooms":`...), r.Rooms)
	}
	if len(r.Tickets) > 0 {
		indices, _ := json.Marshal(r.Tickets) // integers
		b = append(append(b, `,"tickets":`...), indices...)
	}
	if len(r.Fresh) > 0 {
		b = AppendStrings(append(b, `,"fresh":`...), r.Fresh)
	}
	b = strconv.AppendInt(append(b, `,"after":`...), r.After, 10)
	if r.Limit > 0 {
		b = strconv.AppendInt(append(b, `,"limit":`...), int64(r.Limit), 10)
	}
	return append(b, '}')
}

// Left returns the payload that says that the server has removed the connection from rooms.
func Left(rooms ...string) []byte {
	return append(AppendStrings([]byte(`{"type":"left","rooms":`), rooms), '}')
}

// Positions returns the payload of positions that updates don't tell.
func Positions(at ...RoomPosition) []byte {
	return append(appendPositions([]byte(`{"type":"pos","rooms":`), at), '}')
}

// appendPositions appends {room:position}.
func appendPositions(b []byte, positions []RoomPosition) []byte {
	b = append(b, '{')
	for i, p := range positions {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, p.Room), ':')
		b = AppendString(b, p.Position)
	}
	return append(b, '}')
}
