package protocol

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// A Join is the content of a join or leave frame from a browser.
type Join struct {
	Gen       uint64
	Tickets   []string
	Positions map[string]string // the last one that the browser has applied, by room
	Clock     string            // of the last ping that confirmed these rooms
	Rooms     []string          // to leave
}

// joinKeys are the keys of Join, for wrongCase.
var joinKeys = [...]string{"gen", "tickets", "pos", "t", "rooms"}

// field decodes one member of the frame. The boolean reports whether join or leave frames have such
// a member. Null counts as absent, as in encoding/json.
func (j *Join) field(key, value []byte) (known bool, err error) {
	if string(value) == "null" {
		return slices.Contains(joinKeys[:], string(key)), nil
	}
	switch string(key) {
	case "gen":
		j.Gen, err = strconv.ParseUint(string(value), 10, 53)
	case "tickets":
		j.Tickets, err = readTexts(value, MaxTickets, len(value))
	case "pos":
		j.Positions, err = readPositions(value)
	case "t":
		j.Clock, _ = strictjson.String(value) // an invalid clock is ignored, as an unknown one is
	case "rooms":
		j.Rooms, err = readTexts(value, MaxTickets, MaxRoomName)
	default:
		return false, nil
	}
	if err != nil {
		return true, fmt.Errorf("decode frame: %s: %w", key, err)
	}
	return true, nil
}

// readTexts decodes a list of at most most strings of at most longest bytes each.
func readTexts(value []byte, most, longest int) (texts []string, err error) {
	err = strictjson.Elements(value, maxDepth, func(element []byte) error {
		text, ok := strictjson.String(element)
		if !ok || len(text) > longest || len(texts) == most {
			return fmt.Errorf("not a list of at most %d strings of at most %d bytes each", most, longest)
		}
		texts = append(texts, text)
		return nil
	})
	return texts, err
}

// readPositions decodes the positions of rooms.
func readPositions(value []byte) (positions map[string]string, err error) {
	positions = make(map[string]string)
	err = strictjson.Object(value, maxDepth, func(room, element []byte) error {
		position, ok := strictjson.String(element)
		if !ok || len(room) > MaxRoomName || len(position) > MaxPosition || len(positions) == MaxTickets {
			return fmt.Errorf("not an object of at most %d positions", MaxTickets)
		}
		positions[string(room)] = position
		return nil
	})
	return positions, err
}
