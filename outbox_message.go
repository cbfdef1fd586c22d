package wsx

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"

	"github.com/wsxgo/wsx/internal/textcut"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/protocol"
)

// An encoding is one way in which a message goes onto the wire: in the dialect of the original's client or, with encodingFull, of one
// that has said hello; as it is or, with encodingDeflated, compressed.
type encoding uint8

const (
	encodingFull     encoding = 1 << iota // the full dialect, see docs/protocol.md
	encodingDeflated                      // permessage-deflate (RFC 7692)
	encodings

	encodingPlain encoding = 0
)

// A message is what waits in queues. It is made once and shared by all its recipients. Each encoding is made when the first
// recipient needs it.
type message struct {
	// immutable
	id        string
	fragments []protocol.Fragment
	batch     bool // full clients apply the fragments as a batch
	room      string
	offset    uint64 // its number in a room with history; 0 for all other messages
	position  string // the number as browsers are told it
	key       string
	volatile  bool
	reply     bool // answers a request of its only recipient
	ping      bool // starts the pong timeout once it is written
	confirms  bool // a ping that says that the browser has been sent everything up to then
	sameBytes bool // the same in both dialects
	verbs     int  // fragments that plain clients can't show
	control   bool // its frames were made when it was

	frames [encodings]lazyFrame
}

// A lazyFrame is one encoding of a message: whole frames, or nil if this encoding has nothing to say.
type lazyFrame struct {
	once  sync.Once
	bytes []byte
}

// newUpdate returns the message of some fragments, the first of which is the frame's own update.
func newUpdate(id string, fragments []protocol.Fragment) *message {
	m := &message{id: id, fragments: fragments, sameBytes: true}
	for i := range fragments {
		if fragments[i].SameForAll() {
			continue
		}
		m.sameBytes = false
		if _, ok := fragments[i].SwapPlain(); !ok {
			m.verbs++
		}
	}
	return m
}

// newBatch returns the message of what a batch holds for one connection.
func newBatch(id string, fragments []protocol.Fragment) *message {
	m := newUpdate(id, fragments)
	if len(fragments) > 1 {
		m.batch, m.sameBytes = true, false
	}
	return m
}

// roomMessage returns the message with a number in a room with history. Its id is derived from the number, so that it is the same
// however often the message is made again.
func (h *Hub) roomMessage(fragments []protocol.Fragment, batch bool, room string, offset uint64) *message {
	m := newUpdate("r_"+strconv.FormatUint(offset, 36)+"_"+h.node, fragments)
	m.batch, m.sameBytes = batch, false
	m.room, m.offset, m.position = room, offset, h.history.position(offset)
	return m
}

// newControl returns a message with a payload for full clients only.
func newControl(full []byte) *message {
	m := &message{control: true}
	m.frames[encodingFull].bytes = frame.Text(full)
	return m
}

// helloMessage greets a browser with what it has to know before its first request.
func (c *Connection) helloMessage() *message {
	m := newControl(protocol.Hello(c.id, c.key, c.hub.opts.PingInterval, c.hub.clock(), c.hub.opts.MaxMessage))
	m.frames[encodingPlain].bytes = m.frames[encodingFull].bytes
	return m
}

// ackMessage says that a request was handled and has nothing to show.
func ackMessage(id string) *message {
	m := newControl(protocol.Ack(id))
	m.reply = true
	return m
}

// genericError is what a plain client is shown of an error whose text is not for visitors.
const genericError = "Something went wrong. Please try again."

// errorMessage says that a request failed. A plain client is shown the error at target, which is the request's, unless that would
// replace the page.
func errorMessage(id, target string, code protocol.ErrorCode, text string) *message {
	html := Text(textcut.Truncate(text, maxUserText))
	m := newControl(protocol.Error(id, code, string(html)))
	m.reply = true
	target = strings.TrimSpace(target)
	if code == protocol.CodeBadRequest || strings.EqualFold(target, "body") || strings.EqualFold(target, "html") {
		return m
	}
	if code != protocol.CodeUser {
		html = genericError
	}
	if f, err := protocol.Check(target, `<div class="error">`+string(html)+`</div>`, protocol.Inner); err == nil {
		m.frames[encodingPlain].bytes = protocol.UpdateFrame(id, []protocol.Fragment{f}, protocol.RoomPosition{}, true)
	}
	return m
}

// pingMessage asks a browser for a sign of life. Scripts can't see the pings of a WebSocket, so full clients get a frame too.
func pingMessage(clock string) *message {
	m := newControl(protocol.Ping(clock))
	m.ping = true
	m.frames[encodingPlain].bytes = frame.Ping
	m.frames[encodingFull].bytes = append(append([]byte(nil), frame.Ping...), m.frames[encodingFull].bytes...)
	return m
}

// positionMessage tells a room's position that the browser would not learn from an update. It belongs to the room as an update does:
// what drops those that wait before it drops it too.
func positionMessage(room string, offset uint64, position string) *message {
	m := newControl(protocol.Positions(protocol.RoomPosition{Room: room, Position: position}))
	m.room, m.offset = room, offset
	return m
}

// frame returns the bytes of m in an encoding. They must not be changed.
func (m *message) frame(as encoding) []byte {
	if m.control {
		return m.frames[as&encodingFull].bytes
	}
	if m.sameBytes {
		as |= encodingFull
	}
	if m.reply {
		as &^= encodingDeflated // its HTML may hold a secret beside what the browser sent (RFC 7692, section 8.1)
	}
	f := &m.frames[as]
	f.once.Do(func() { f.bytes = m.encode(as) })
	return f.bytes
}

func (m *message) encode(as encoding) []byte {
	if as&encodingDeflated != 0 {
		return deflate(m.frame(as &^ encodingDeflated))
	}
	if as&encodingFull == 0 {
		fragments := plainFragments(m.fragments)
		if len(fragments) == 0 {
			return nil
		}
		return protocol.UpdateFrame(m.id, fragments, protocol.RoomPosition{}, true)
	}
	at := protocol.RoomPosition{Room: m.room, Position: m.position}
	if m.batch {
		return protocol.BatchFrame(m.fragments, at)
	}
	return protocol.UpdateFrame(m.id, m.fragments, at, false)
}

// plainFragments returns the fragments that a plain client can show.
func plainFragments(fragments []protocol.Fragment) []protocol.Fragment {
	var plain []protocol.Fragment
	for _, f := range fragments {
		if _, ok := f.SwapPlain(); ok {
			plain = append(plain, f)
		}
	}
	return plain
}

// Fragment is one piece of HTML with its place, or one verb made by package dom.
type Fragment struct {
	Target string        // a CSS selector, as in "#messages"
	HTML   template.HTML // what to show there
	Swap   Swap          // how; "" is Inner
}

// checkFragments returns what is sent of fragments, or an error that wraps ErrTarget or ErrSwap. Nothing checks them again.
func checkFragments(fragments []Fragment) ([]protocol.Fragment, error) {
	checked := make([]protocol.Fragment, len(fragments))
	for i, f := range fragments {
		var err error
		if checked[i], err = protocol.Check(f.Target, string(f.HTML), string(f.Swap)); err != nil {
			return nil, err
		}
	}
	return checked, nil
}

// rawSize returns the bytes of fragments before they are encoded.
func rawSize(fragments []protocol.Fragment) (size int64) {
	for i := range fragments {
		size += int64(fragments[i].Size())
	}
	return size
}

// checkSize returns ErrTooLarge if m would take over half of a queue of queueBytes. It encodes only when that is in doubt.
func (m *message) checkSize(queueBytes int64) error {
	const worst = 6 // bytes of "\u001f" for one
	size := rawSize(m.fragments)
	if limit := queueBytes / 2; size > limit ||
		(size+protocol.Overhead*int64(len(m.fragments)))*worst > limit && int64(len(m.frame(encodingFull))) > limit {
		return fmt.Errorf("%w: %d bytes of HTML, Options.QueueBytes is %d", ErrTooLarge, size, queueBytes)
	}
	return nil
}
