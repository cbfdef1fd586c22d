// Package load says what is sent and who is in which room, the same for the server and the client of a measurement.
package load

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"time"
)

// Rooms are the sizes of the rooms that exist where there are enough sockets. A room is named by its size.
var Rooms = []int{1, 10, 100, 1000}

// InRoom reports that socket i of so many is in the room of that size. Members are spread evenly.
func InRoom(i, sockets, room int) bool {
	if room <= 0 || room > sockets {
		return false
	}
	step := sockets / room
	return i%step == 0 && i/step < room
}

// RoomsOf returns the rooms that socket i of so many is in.
func RoomsOf(i, sockets int) (rooms []int) {
	for _, room := range Rooms {
		if InRoom(i, sockets, room) {
			rooms = append(rooms, room)
		}
	}
	return rooms
}

// A stamp stands in every message: mark, 8 hex digits of its number, 16 of the time at which it was sent, mark. Nothing else
// in a message, nor in what a contender puts around it, contains a mark.
const (
	mark     = '@'
	stampLen = 1 + 8 + 16 + 1
)

const (
	head = `<li class="message" id="m-`
	neck = `"><b class="who">Ada</b> <p>`
	tail = `</p></li>`

	line      = `</p><b class="who">Ada</b> <p>`
	lineWords = 8
)

// MinSize is the smallest message that there can be.
const MinSize = len(head) + stampLen + len(neck) + len(tail)

// A Maker makes messages of one size.
type Maker struct{ body string }

// NewMaker returns a maker of html of size bytes, which is at least MinSize. It is like that of a chat: lines of a few words,
// which repeat, but in no order, each line in the same markup.
func NewMaker(size int) *Maker {
	words := strings.Fields("the of and to in is you that it he was for on are as with his they at be this have from or one had " +
		"by word but not what all were we when your can said there use an each which she do how their if will up other about")
	random := rand.New(rand.NewPCG(1, 2))
	var body strings.Builder
	for written := 1; body.Len() < size; written++ {
		body.WriteString(words[random.IntN(len(words))])
		body.WriteByte(' ')
		if written%lineWords == 0 {
			body.WriteString(line)
		}
	}
	return &Maker{neck + body.String()[:size-MinSize] + tail}
}

// Make returns the html of the message of that number, sent now.
func (m *Maker) Make(number uint32, now time.Time) string {
	var raw [12]byte
	binary.BigEndian.PutUint32(raw[:], number)
	binary.BigEndian.PutUint64(raw[4:], uint64(now.UnixNano()))
	var stamp [stampLen]byte
	stamp[0], stamp[stampLen-1] = mark, mark
	hex.Encode(stamp[1:], raw[:])

	var html strings.Builder
	html.Grow(len(head) + stampLen + len(m.body))
	html.WriteString(head)
	html.Write(stamp[:])
	html.WriteString(m.body)
	return html.String()
}

// Find returns the number and the time of the first message in p, and what follows its stamp; false: there is none.
func Find(p []byte) (number uint32, sent time.Time, rest []byte, ok bool) {
	at := bytes.IndexByte(p, mark)
	if at < 0 || len(p) < at+stampLen || p[at+stampLen-1] != mark {
		return 0, time.Time{}, nil, false
	}
	var raw [12]byte
	if _, err := hex.Decode(raw[:], p[at+1:at+stampLen-1]); err != nil {
		return 0, time.Time{}, nil, false
	}
	sent = time.Unix(0, int64(binary.BigEndian.Uint64(raw[4:])))
	return binary.BigEndian.Uint32(raw[:]), sent, p[at+stampLen:], true
}
