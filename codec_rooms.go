package wsx

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// A joinFrame is what a browser says of rooms: the frames join and leave.
type joinFrame struct {
	gen       uint64
	tickets   []string
	positions map[string]string // the last that the browser applied, by room
	clock     string            // the newest that it was told while it followed these rooms
	rooms     []string          // to leave
}

// field takes one member of the frame; false: it is none of a join or leave.
func (j *joinFrame) field(key, value []byte) (known bool, err error) {
	if string(value) == "null" {
		return slices.Contains([]string{"gen", "tickets", "pos", "t", "rooms"}, string(key)), nil
	}
	switch string(key) {
	case "gen":
		j.gen, err = strconv.ParseUint(string(value), 10, 53)
	case "tickets":
		j.tickets, err = readTexts(value, maxTickets, len(value))
	case "pos":
		j.positions, err = readPositions(value)
	case "t":
		j.clock, _ = strictjson.String(value) // whatever it is that is not ours says nothing
	case "rooms":
		j.rooms, err = readTexts(value, maxTickets, maxRoomName)
	default:
		return false, nil
	}
	if err != nil {
		return true, fmt.Errorf("decoding a frame: %s: %w", key, err)
	}
	return true, nil
}

func readTexts(value []byte, most, longest int) (texts []string, err error) {
	err = strictjson.Elements(value, maxDepth, func(element []byte) error {
		text, ok := strictjson.String(element)
		if !ok || len(text) > longest || len(texts) == most {
			return fmt.Errorf("it is no list of at most %d texts of at most %d bytes", most, longest)
		}
		texts = append(texts, text)
		return nil
	})
	return texts, err
}

func readPositions(value []byte) (positions map[string]string, err error) {
	positions = make(map[string]string)
	err = strictjson.Object(value, maxDepth, func(room, element []byte) error {
		position, ok := strictjson.String(element)
		if !ok || len(room) > maxRoomName || len(position) > maxPosition || len(positions) == maxTickets {
			return fmt.Errorf("they are not at most %d positions by room", maxTickets)
		}
		positions[string(room)] = position
		return nil
	})
	return positions, err
}

// A joined says which rooms a browser has joined, and from where on it is sent their messages.
type joined struct {
	gen       uint64
	positions []roomPos
	tickets   []string   // fresh ones, in the order of those that the browser sent; "" for a refused one
	each      [][]string // the rooms of each of these
	byServer  bool       // no ticket of the browser's asked for it
}

func (j joined) message() *message {
	b := strconv.AppendUint([]byte(`{"type":"joined","gen":`), j.gen, 10)
	b = append(appendPositions(append(b, `,"rooms":`...), j.positions), `,"tickets":`...)
	b = append(appendTexts(b, j.tickets), `,"each":[`...)
	for i, rooms := range j.each {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTexts(b, rooms)
	}
	b = append(b, ']')
	if j.byServer {
		b = append(b, `,"server":true`...)
	}
	return newControl(nil, append(b, '}'))
}

// A reset says of which rooms it cannot be proved that the browser would miss nothing, or which ticket is refused: what shows
// them is to be fetched again.
type reset struct {
	gen     uint64
	rooms   []string
	tickets []int    // of the join, those that name one of the rooms
	fresh   []string // tickets from now on, in the order of rooms, for a browser that has them from no page
	refused int      // instead of rooms: the index of a ticket
	after   int64    // ms
}

func (r reset) message() *message {
	b := strconv.AppendUint([]byte(`{"type":"reset","gen":`), r.gen, 10)
	if len(r.rooms) == 0 {
		b = strconv.AppendInt(append(b, `,"ticket":`...), int64(r.refused), 10)
	} else {
		b = appendTexts(append(b, `,"rooms":`...), r.rooms)
	}
	if len(r.tickets) > 0 {
		indices, _ := json.Marshal(r.tickets) // integers
		b = append(append(b, `,"tickets":`...), indices...)
	}
	if len(r.fresh) > 0 {
		b = appendTexts(append(b, `,"fresh":`...), r.fresh)
	}
	b = strconv.AppendInt(append(b, `,"after":`...), r.after, 10)
	return newControl(nil, append(b, '}'))
}

// leftMessage says that the server let the connection leave rooms.
func leftMessage(rooms ...string) *message {
	return newControl(nil, append(appendTexts([]byte(`{"type":"left","rooms":`), rooms), '}'))
}

// positionMessage tells a room's position that the browser would not learn from an update. It is of the room as an update is: what
// drops those that wait before it drops it too.
func positionMessage(room string, offset uint64, position string) *message {
	m := newControl(nil, append(appendPositions([]byte(`{"type":"pos","rooms":`), []roomPos{{room, position}}), '}'))
	m.room, m.offset = room, offset
	return m
}

// appendPlaces appends {room:position}.
func appendPositions(b []byte, places []roomPos) []byte {
	b = append(b, '{')
	for i, p := range places {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, p.room), ':')
		b = appendString(b, p.position)
	}
	return append(b, '}')
}

func appendTexts(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, text)
	}
	return append(b, ']')
}
