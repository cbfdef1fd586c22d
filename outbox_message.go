package wsx

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
)

// An encoding is one form of a message on the wire: for plain clients, such as the original's, or
// with encodingFull for clients that have sent a hello; uncompressed or, with encodingDeflated,
// compressed.
type encoding uint8

const (
	encodingFull     encoding = 1 << iota // the full dialect, see docs/protocol.md
	encodingDeflated                      // permessage-deflate (RFC 7692)
	encodings

	encodingPlain encoding = 0
)

// A message is what queues hold. It is created once and shared by all its recipients. Each encoding
// is created when the first recipient needs it.
type message struct {
	// immutable
	id        string
	fragments []protocol.Fragment
	batch     bool // full clients apply the fragments as independent updates
	room      string
	offset    uint64 // its number in a room with history; 0 otherwise
	position  string // the number as browsers see it
	key       string
	volatile  bool
	reply     bool // to a request of its only recipient
	ping      bool // starts the pong timeout when it is written
	confirms  bool // a ping that confirms that the browser has everything up to then
	sameBytes bool // for plain and full clients
	verbs     int  // number of fragments that plain clients can't show
	control   bool // its frames exist already

	frames [encodings]lazyFrame // each guarded by its once; those of a control message are immutable
}

// A lazyFrame is one encoding of a message: whole frames, or nil if there is nothing to send in
// this encoding.
type lazyFrame struct {
	once  sync.Once
	bytes []byte
}

// newUpdate returns the message of fragments. The first one is the frame's own update, the others
// are its oob.
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

// newBatch returns the message of everything that a batch holds for one connection.
func newBatch(id string, fragments []protocol.Fragment) *message {
	m := newUpdate(id, fragments)
	if len(fragments) > 1 {
		m.batch, m.sameBytes = true, false
	}
	return m
}

// roomMessage returns a message with a number in a room with history. Its id is derived from the
// number, so that it stays the same when the message is created again from the history,
// and on every node.
func (h *Hub) roomMessage(fragments []protocol.Fragment, batch bool, room string, offset uint64) *message {
	position := h.history.position(offset)
	epoch, digits, _ := strings.Cut(position, ".")
	m := newUpdate("r_"+digits+"_"+epoch, fragments)
	m.batch, m.sameBytes = batch, false
	m.room, m.offset, m.position = room, offset, position
	return m
}

// newControl returns a message whose payload only full clients get.
func newControl(full []byte) *message {
	m := &message{control: true}
	m.frames[encodingFull].bytes = frame.Text(full)
	return m
}

// helloMessage returns the message that starts a connection. Plain clients get it too, because a
// full client counts as plain until its own hello has arrived.
func (c *Connection) helloMessage() *message {
	m := newControl(protocol.Hello(c.id, c.key, c.hub.opts.PingInterval, c.hub.clock(), c.hub.opts.MaxMessage))
	m.frames[encodingPlain].bytes = m.frames[encodingFull].bytes
	return m
}

// ackMessage says that a request was handled without a response to show.
func ackMessage(id string) *message {
	m := newControl(protocol.Ack(id))
	m.reply = true
	return m
}

// genericError is the text that a visitor sees instead of an error that isn't a UserError.
const genericError = "Something went wrong. Please try again."

// errorMessage says that a request failed. A plain client shows the error at target, the request's,
// unless that would replace the page.
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

// pingMessage asks a browser for a sign of life. Full clients get a frame as well, because scripts
// can't see the pings of a WebSocket.
func pingMessage(clock string) *message {
	m := newControl(protocol.Ping(clock))
	m.ping = true
	m.frames[encodingPlain].bytes = frame.Ping
	m.frames[encodingFull].bytes = append(append([]byte(nil), frame.Ping...), m.frames[encodingFull].bytes...)
	return m
}

// positionMessage returns a position that no update carries. It has the room and offset of an
// update, so that dropping the queued updates of the room drops it too: otherwise it would confirm
// updates that were never sent.
func positionMessage(room string, offset uint64, position string) *message {
	m := newControl(protocol.Positions(protocol.RoomPosition{Room: room, Position: position}))
	m.room, m.offset = room, offset
	return m
}

// frame returns the bytes of m in an encoding, creating them if necessary. They are shared and must
// not be changed.
func (m *message) frame(as encoding) []byte {
	if m.control {
		return m.frames[as&encodingFull].bytes
	}
	if m.sameBytes {
		as |= encodingFull
	}
	if m.reply {
		as &^= encodingDeflated // its HTML may hold a secret next to input (RFC 7692, section 8)
	}
	f := &m.frames[as]
	f.once.Do(func() { f.bytes = m.encode(as) })
	return f.bytes
}

// encode creates the bytes of m in an encoding.
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

// Fragment is one piece of HTML and where to show it, or a verb made by package dom. The zero
// Fragment is invalid, because its Target is empty.
type Fragment struct {
	Target string        // a CSS selector, as in "#messages"
	HTML   template.HTML // what to show
	Swap   Swap          // how to show it; "" is Inner
}

// checkFragments returns fragments in the form that is sent, or an error that wraps ErrTarget or
// ErrSwap. Everything after this call relies on the check.
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

// rawSize returns the bytes of fragments before encoding.
func rawSize(fragments []protocol.Fragment) (size int64) {
	for i := range fragments {
		size += int64(fragments[i].Size())
	}
	return size
}

// checkSize returns ErrTooLarge if m would take over half of a queue of queueBytes. It encodes m
// only if the raw size leaves that open, because most messages are small and many have no full
// recipient.
func (m *message) checkSize(queueBytes int64) error {
	const worst = 6 // the bytes of an escape such as "\u001f"
	size := rawSize(m.fragments)
	if limit := queueBytes / 2; size > limit ||
		(size+protocol.Overhead*int64(len(m.fragments)))*worst > limit && int64(len(m.frame(encodingFull))) > limit {
		return fmt.Errorf("%w: %d bytes of HTML; the limit is half of Options.QueueBytes, which is %d", ErrTooLarge, size, queueBytes)
	}
	return nil
}

// newMessage checks fragments and returns their message, with an id that no request has.
func (h *Hub) newMessage(fragments []Fragment) (*message, error) {
	if h.admission.IsClosed() {
		return nil, ErrClosed
	}
	if len(fragments) == 0 {
		return nil, fmt.Errorf("%w: the message has no fragments", ErrTarget)
	}
	return h.makeMessage(h.newUpdateID(), fragments)
}

func (h *Hub) newUpdateID() string {
	return "b_" + strconv.FormatUint(h.updates.Add(1), 36) + "_" + h.node
}

// replyMessage returns the reply to a request, under the request's id. A newer message never
// supersedes a reply, because the browser waits for it.
func (h *Hub) replyMessage(id string, fragments []Fragment) (*message, error) {
	m, err := h.makeMessage(id, fragments)
	if err == nil {
		m.reply = true
	}
	return m, err
}

func (h *Hub) makeMessage(id string, fragments []Fragment) (*message, error) {
	checked, err := checkFragments(fragments)
	if err != nil {
		return nil, err
	}
	m := newUpdate(id, checked)
	return m, m.checkSize(h.opts.QueueBytes)
}

// oneFragment checks a single fragment.
func oneFragment(target string, html template.HTML, swap Swap) (protocol.Fragment, error) {
	return protocol.Check(target, string(html), string(swap))
}
