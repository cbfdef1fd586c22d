package wsx

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
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

// A message is what waits in queues: made once, shared by all its receivers. Each encoding is made when the first
// receiver needs it.
type message struct {
	// immutable
	id        string
	fragments []Fragment // normal: see normalFragments
	batch     bool       // full clients apply the fragments as a batch
	room      string     // that it belongs to; "" is none
	offset    uint64     // its number, if the room remembers it; 0: it does not
	position  string     // of the number, as browsers are told it
	key       string
	volatile  bool
	reply     bool // belongs to a request of the receiver
	ping      bool // starts the pong clock once it is written
	confirms  bool // a ping that says that the browser has been sent everything up to then
	sameBytes bool // plain and full are the same
	verbs     int  // fragments that plain clients cannot be told
	control   bool // its frames were made when it was

	frames [encodings]lazyFrame
}

// A lazyFrame is one encoding of a message: whole frames, or nil where this encoding has nothing to say.
type lazyFrame struct {
	once  sync.Once
	bytes []byte
}

// newUpdate returns the message of some normal fragments, the first of which is the frame's own update.
func newUpdate(id string, fragments []Fragment) *message {
	m := &message{id: id, fragments: fragments, sameBytes: true}
	for _, f := range fragments {
		plain, ok := f.Swap.plain()
		if !ok {
			m.verbs++
		}
		m.sameBytes = m.sameBytes && ok && plain == f.Swap
	}
	return m
}

// newBatch returns the message of what a batch has for one connection.
func newBatch(id string, fragments []Fragment) *message {
	m := newUpdate(id, fragments)
	if len(fragments) > 1 {
		m.batch, m.sameBytes = true, false
	}
	return m
}

// roomMessage returns the message of that number in a room that remembers. Its id comes from the number, so that it is the same
// however often the message is made again.
func (h *Hub) roomMessage(fragments []Fragment, batch bool, room string, offset uint64) *message {
	m := newUpdate("r_"+strconv.FormatUint(offset, 36)+"_"+h.node, fragments)
	m.batch, m.sameBytes = batch, false
	m.room, m.offset, m.position = room, offset, h.history.position(offset)
	return m
}

// newControl returns a message whose payloads are made already; an empty payload sends nothing.
func newControl(plain, full []byte) *message {
	m := &message{control: true}
	for form, payload := range [...][]byte{encodingPlain: plain, encodingFull: full} {
		if len(payload) > 0 {
			m.frames[form].bytes = frame.Text(payload)
		}
	}
	return m
}

// frame returns the bytes of m in a form. They must not be changed.
func (m *message) frame(as encoding) []byte {
	if m.control {
		return m.frames[as&encodingFull].bytes
	}
	if m.sameBytes {
		as |= encodingFull
	}
	if m.reply {
		as &^= encodingDeflated // its html may hold a secret beside what the browser sent: see RFC 7692, section 8.1
	}
	f := &m.frames[as]
	f.once.Do(func() { f.bytes = m.encode(as) })
	return f.bytes
}

func (m *message) encode(as encoding) []byte {
	if as&encodingDeflated != 0 {
		return deflate(m.frame(as &^ encodingDeflated))
	}
	fragments := m.fragments
	plain := as&encodingFull == 0
	if plain {
		fragments = plainFragments(fragments)
	}
	if len(fragments) == 0 {
		return nil
	}
	where := messageOrigin{}
	if !plain {
		where = messageOrigin{m.room, m.position}
		if m.batch {
			return batchFrame(fragments, where)
		}
	}
	return updateFrame(m.id, fragments, where, plain)
}

// plainFragments returns what of fragments an original client can be told.
func plainFragments(fragments []Fragment) []Fragment {
	var plain []Fragment
	for _, f := range fragments {
		if _, ok := f.Swap.plain(); ok {
			plain = append(plain, f)
		}
	}
	return plain
}

// Fragment is one piece of html with its place.
type Fragment struct {
	Target string        // a CSS selector, as in "#messages"
	HTML   template.HTML // what to show there
	Swap   Swap          // how; "" is Inner
}

// normalFragments returns a copy of fragments with each swap written out, or an error that wraps ErrTarget or ErrSwap.
func normalFragments(fragments []Fragment) ([]Fragment, error) {
	normal := make([]Fragment, len(fragments))
	for i, f := range fragments {
		if trimmed := strings.TrimSpace(f.Target); trimmed == "" || trimmed[0] == '<' {
			return nil, fmt.Errorf("%w: %.64q; a selector such as %q is wanted", ErrTarget, f.Target, "#messages")
		}
		if args, ok := f.Swap.action(); ok {
			var err error
			if normal[i], err = normalAction(f, args); err != nil {
				return nil, err
			}
			continue
		}
		if !f.Swap.known() {
			return nil, fmt.Errorf("%w: %.64q; the constants of type Swap are the known ones", ErrSwap, string(f.Swap))
		}
		normal[i] = Fragment{f.Target, f.HTML, f.Swap.normal()}
	}
	return normal, nil
}

// rawSize returns the bytes of the fragments before they are encoded.
func rawSize(fragments []Fragment) (size int64) {
	for _, f := range fragments {
		size += int64(len(f.Target) + len(f.HTML) + len(f.Swap))
	}
	return size
}

// check returns ErrTooLarge if m would take over half of a queue of queueBytes. It encodes only when that is in doubt.
func (m *message) check(queueBytes int64) error {
	const worst = 6 // bytes of "\u001f" for one
	size := rawSize(m.fragments)
	if limit := queueBytes / 2; size > limit ||
		(size+frameOverhead*int64(len(m.fragments)))*worst > limit && int64(len(m.frame(encodingFull))) > limit {
		return fmt.Errorf("%w: %d bytes of html, QueueBytes is %d", ErrTooLarge, size, queueBytes)
	}
	return nil
}
