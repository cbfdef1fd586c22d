package protocol

import (
	"encoding/json"
	"strconv"
	"time"
)

// DefaultMax is the longest message from a browser where the hello names no other, in bytes.
const DefaultMax = 64 << 10

// Hello returns the payload that greets a browser. The original's client ignores it. key is "" over
// a WebSocket, where the connection itself identifies the browser. longest is the longest message that the browser may send.
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

// Ack returns the payload for a request that was handled without a response to show.
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

// Error returns the payload for a request that failed. html is sent only with CodeUser, because any
// other text might reveal internals.
func Error(id string, code ErrorCode, html string) []byte {
	b := AppendString([]byte(`{"type":"error","id":`), id)
	b = AppendString(append(b, `,"code":`...), string(code))
	if code == CodeUser {
		b = AppendString(append(b, `,"html":`...), html)
	}
	return append(b, '}')
}

// Ping returns the payload that accompanies a ping for full clients, because scripts can't see the
// pings of a WebSocket.
func Ping(clock string) []byte {
	return append(AppendString([]byte(`{"type":"ping","t":`), clock), '}')
}

// Close returns the payload that replaces a close frame on transports without one.
func Close(code int, reason string) []byte {
	b := strconv.AppendInt([]byte(`{"type":"close","code":`), int64(code), 10)
	return append(AppendString(append(b, `,"reason":`...), reason), '}')
}

// Reconnect returns the payload that asks a browser to open a new connection after a delay, and to
// leave this one then.
func Reconnect(after time.Duration) []byte {
	return append(strconv.AppendInt([]byte(`{"type":"reconnect","after":`), after.Milliseconds(), 10), '}')
}

// Joined says which rooms a browser has joined, and after which positions their messages follow.
type Joined struct {
	Gen       uint64
	Positions []RoomPosition
	Tickets   []string       // fresh, in the order of the join; "" for a refused one
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

// Reset says for which rooms the server can't prove that the browser misses nothing, or which
// ticket it refuses. The browser refetches what shows them.
type Reset struct {
	Gen     uint64
	Rooms   []string
	Tickets []int    // indices of the join's tickets that name any of Rooms
	Fresh   []string // tickets from now on, in the order of Rooms, if the browser has none
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
		indices, _ := json.Marshal(r.Tickets) // integers always encode
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

// Left returns the payload for rooms that the server has removed the connection from.
func Left(rooms ...string) []byte {
	return append(AppendStrings([]byte(`{"type":"left","rooms":`), rooms), '}')
}

// Positions returns the payload of positions that no update carries.
func Positions(at ...RoomPosition) []byte {
	return append(appendPositions([]byte(`{"type":"pos","rooms":`), at), '}')
}

// appendPositions appends positions as an object by room.
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
