// Package load defines messages and rooms, for both the server and the client of a measurement.
package load

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"time"
)

// Rooms are the sizes of the rooms, as far as there are enough sockets. The size is also the room's name.
var Rooms = []int{1, 10, 100, 1000}

// InRoom reports whether socket i is in the room of the given size. Members are spread evenly.
func InRoom(i, sockets, room int) bool {
	if room <= 0 || room > sockets {
		return false
	}
	step := sockets / room
	return i%step == 0 && i/step < room
}

// RoomsOf returns the rooms of socket i.
func RoomsOf(i, sockets int) (rooms []int) {
	for _, room := range Rooms {
		if InRoom(i, sockets, room) {
			rooms = append(rooms, room)
		}
	}
	return rooms
}

// A stamp is part of every message: mark, 8 hex digits of its number, 16 of its send time, mark. No other part of a message,
// and no contender's framing, contains a mark.
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

// MinSize is the minimum size of a message.
const MinSize = len(head) + stampLen + len(neck) + len(tail)

// A Maker makes messages of one size.
type Maker struct{ body string }

// NewMaker returns a maker of HTML of size bytes, which must be at least MinSize. The HTML resembles a chat: lines of a few
// words, repeated in no order, each with the same markup.
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

// Make returns the HTML of a message with this number and the current time.
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

// Find returns the number and the time of the first message in p, and the bytes after its stamp. The boolean reports whether
// there is one.
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
