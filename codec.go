package wsx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/strictjson"
	"github.com/wsxgo/wsx/internal/textcut"
)

// frameOverhead bounds what an update adds to the bytes of its fragment: keys, quotes, the id and the frame's header.
const frameOverhead = 256

// From says which message of a room that remembers an update is from; the zero value is none.
type messageOrigin struct{ room, position string }

// updateFrame returns {id,target,html,swap,oob?,room?,pos?} as one WebSocket text frame. There is at least one fragment.
// Plain has the styles that an original client knows.
func updateFrame(id string, fragments []Fragment, where messageOrigin, plain bool) []byte {
	scratch := newScratch()
	b := append(*scratch, `{"id":`...)
	b = appendString(b, id)
	b = append(b, ',')
	b = appendFragment(b, fragments[0], plain)
	if oob := fragments[1:]; len(oob) > 0 {
		b = append(b, `,"oob":[`...)
		b = append(appendFragments(b, oob, messageOrigin{}, plain), ']')
	}
	return scratch.seal(append(appendOrigin(b, where), '}'))
}

// batchFrame returns {type:"batch",updates} as one WebSocket text frame.
func batchFrame(fragments []Fragment, where messageOrigin) []byte {
	scratch := newScratch()
	b := append(*scratch, `{"type":"batch","updates":[`...)
	return scratch.seal(append(appendFragments(b, fragments, where, false), "]}"...))
}

// A scratch is a pooled buffer in which a frame is written, before it is copied to one of its size: how much escaping takes is
// not known before, and frames wait in queues.
type scratch []byte

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxScratch bounds the buffers that are kept.
const maxScratch = 64 << 10

// newScratch returns a buffer with space for a header, which the payload is appended to.
func newScratch() *scratch {
	s := scratches.Get().(*scratch)
	*s = append((*s)[:0], make([]byte, frame.MaxHeader)...)
	return s
}

// seal returns the text frame whose payload was appended in b, which began as s, and gives the buffer back.
func (s *scratch) seal(b []byte) []byte {
	whole := bytes.Clone(frame.Finish(b, frame.OpText))
	s.free(b)
	return whole
}

// free gives the buffer back, which has become b.
func (s *scratch) free(b []byte) {
	if *s = b; cap(b) <= maxScratch {
		scratches.Put(s)
	}
}

func appendFragments(b []byte, fragments []Fragment, where messageOrigin, plain bool) []byte {
	for i, f := range fragments {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendOrigin(appendFragment(append(b, '{'), f, plain), where), '}')
	}
	return b
}

func appendOrigin(b []byte, where messageOrigin) []byte {
	if where.position == "" {
		return b
	}
	b = appendString(append(b, `,"room":`...), where.room)
	return appendString(append(b, `,"pos":`...), where.position)
}

func appendFragment(b []byte, f Fragment, plain bool) []byte {
	b = append(b, `"target":`...)
	b = appendString(b, f.Target)
	b = append(b, `,"html":`...)
	b = appendString(b, string(f.HTML))
	b = append(b, `,"swap":`...)
	if args, ok := f.Swap.action(); ok {
		return appendTexts(append(b, `"action","args":`...), args)
	}
	swap := f.Swap
	if plain {
		swap, _ = swap.plain()
	}
	b = appendString(b, string(swap))
	if swap != f.Swap && f.Swap.morphs() { // for our client, whose hello may still be under way: what was typed would be lost
		b = appendString(append(b, `,"full":`...), string(f.Swap))
	}
	return b
}

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD; "<", ">" and "&" stay as they are, since the
// frame is read by JSON.parse and not inside a page.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		if i += ordinary(s[i:]); i == len(s) {
			break
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[from:i]...)
		b = appendEscaped(b, c)
		i++
		from = i
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// ordinary returns how many bytes at the beginning of s stand for themselves in a JSON string. It looks at eight at a time:
// html is long, and little of it is special.
func ordinary(s string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := x^ones*'"', x^ones*'\\'
		// A byte's high bit shows that it is below 0x20, zero in quote or slash, or not ASCII. A borrow can only show one too
		// many, above a byte that is special, and that is looked at first.
		if ((x-ones*' ')|(quote-ones)|(slash-ones)|x)&highs != 0 {
			break
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

func appendEscaped(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	if c >= utf8.RuneSelf {
		return append(b, "\ufffd"...)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// helloMessage greets a browser: what it has to know before it asks for anything. An original client ignores it. The key is
// for connections over HTTP; others have none.
func helloMessage(conn, key string, pingMillis int64, clock string) *message {
	b := append([]byte(`{"type":"hello","v":1,"conn":`), strconv.Quote(conn)...)
	if key != "" {
		b = append(append(append(b, `,"key":"`...), key...), '"') // letters and digits
	}
	b = append(b, `,"ping":`...)
	b = strconv.AppendInt(b, max(pingMillis, 0), 10)
	b = append(b, `,"t":`...)
	b = append(appendString(b, clock), '}')
	return newControl(b, b)
}

// ackMessage says that a request was handled and there is nothing to show.
func ackMessage(id string) *message {
	m := newControl(nil, append(appendString([]byte(`{"type":"ack","id":`), id), '}'))
	m.reply = true
	return m
}

// The codes of an error frame.
const (
	codeUser       = "user"
	codeInvalid    = "invalid"
	codeBadRequest = "bad_request"
	codeUnknown    = "unknown"
	codeDenied     = "denied"
	codeTimeout    = "timeout"
	codeInternal   = "internal"
)

// genericError is what a plain client is shown of an error that is none of the user's business.
const genericError = "Something went wrong. Please try again."

// errorMessage says that a request failed. Target is the request's; a plain client is shown the error there, unless that
// would replace the page.
func errorMessage(id, target, code, text string) *message {
	full := append(appendString([]byte(`{"type":"error","id":`), id), `,"code":`...)
	full = appendString(full, code)
	text = textcut.Truncate(text, maxUserText)
	if code == codeUser {
		full = append(full, `,"html":`...)
		full = appendString(full, string(Text(text)))
	}
	full = append(full, '}')

	m := newControl(nil, full)
	m.reply = true
	target = strings.TrimSpace(target)
	if code == codeBadRequest || target == "" || target[0] == '<' || strings.EqualFold(target, "body") || strings.EqualFold(target, "html") {
		return m
	}
	if code != codeUser {
		text = genericError
	}
	m.frames[encodingPlain].bytes = updateFrame(id, []Fragment{{target, `<div class="error">` + Text(text) + `</div>`, Inner}}, messageOrigin{}, true)
	return m
}

// pingMessage asks a browser for a sign of life. Scripts cannot see WebSocket pings, so full clients get a frame too.
func pingMessage(clock string) *message {
	m := newControl(nil, append(appendString([]byte(`{"type":"ping","t":`), clock), '}'))
	m.ping = true
	m.frames[encodingPlain].bytes = frame.Ping
	m.frames[encodingFull].bytes = slices.Concat(frame.Ping, m.frames[encodingFull].bytes)
	return m
}

// closePayload says goodbye where there are no close frames.
func closePayload(code int, reason string) []byte {
	b := strconv.AppendInt([]byte(`{"type":"close","code":`), int64(code), 10)
	return append(appendString(append(b, `,"reason":`...), reason), '}')
}

// An inbound is a frame from a browser, decoded.
type inbound struct {
	id, handler, target, trigger, swap string
	data                               json.RawMessage // a copy; nil when absent or null

	control string // the type of a frame without a handler; "" for a request
	page    string // of a hello
	join    joinFrame
}

// request returns what is asked for, without the connection.
func (in *inbound) request() Request {
	return Request{
		ID: in.id, Handler: in.handler, Trigger: in.trigger, Target: in.target, Swap: Swap(in.swap).normal(), Data: in.data,
	}
}

// decodeInbound reads one frame, which must be valid UTF-8, and keeps nothing of it. With an error, the id is what could be
// read of it.
func decodeInbound(raw []byte) (in inbound, err error) {
	d := envelope{inbound: &in}
	if err := strictjson.Object(raw, maxDepth, d.field); err != nil {
		return in, fmt.Errorf("decoding a frame: %w", err)
	}
	switch {
	case d.typ != "" && !d.hasHandler:
		in.control = d.typ
		switch d.typ {
		case "hello":
			return in, d.helloErr
		case "join", "leave":
			return in, d.joinErr
		}
		return in, nil
	case d.requestErr != nil:
		return in, fmt.Errorf("decoding a frame: %w", d.requestErr)
	case !d.hasHandler:
		return in, errors.New("decoding a frame: there is no handler")
	case !d.hasID:
		return in, errors.New("decoding a frame: there is no id")
	}
	return in, nil
}

// commonWords are what nearly every request says, so that reading it allocates nothing.
var commonWords = func() map[string]string {
	words := map[string]string{}
	for _, word := range []string{
		"body", "click", "submit", "input", "change", "keyup", "hello",
		string(Inner), string(Outer), string(Append), string(Prepend), string(None),
	} {
		words[strconv.Quote(word)] = word
	}
	return words
}()

// An envelope collects the members of a frame.
type envelope struct {
	*inbound
	typ        string
	hasID      bool
	hasHandler bool
	requestErr error // counts only if the frame turns out to be a request
	helloErr   error // counts only if the frame turns out to be a hello
	joinErr    error // counts only if it turns out to be a join or a leave
}

// field takes one member. What is wrong with a member of a request is no fault of a control frame that we do not know yet.
func (d *envelope) field(key, value []byte) error {
	var err error
	switch string(key) {
	case "type":
		return d.text(&d.typ, "type", value, maxHandlerName)
	case "id":
		d.hasID = true
		err = d.text(&d.id, "id", value, maxID)
	case "handler":
		d.hasHandler = true
		err = d.text(&d.handler, "handler", value, maxHandlerName)
	case "target":
		err = d.optional(&d.target, "target", value, maxTarget)
	case "trigger":
		err = d.optional(&d.trigger, "trigger", value, len(value))
	case "swap":
		err = d.optional(&d.swap, "swap", value, len(value))
	case "data":
		if string(value) != "null" {
			d.data = append(json.RawMessage(nil), value...)
		}
	case "page":
		if err := d.optional(&d.page, "page", value, maxPage); err != nil {
			d.helloErr = fmt.Errorf("decoding a frame: %w", err)
		}
	default:
		known, err := d.join.field(key, value)
		if d.joinErr == nil {
			d.joinErr = err
		}
		if known {
			return nil
		}
		return d.wrongCase(key)
	}
	if d.requestErr == nil {
		d.requestErr = err
	}
	return nil
}

// wrongCase finds keys that are known but written otherwise: a program that matches keys in any case would take them.
func (d *envelope) wrongCase(key []byte) error {
	for _, known := range [...]string{"id", "handler", "target", "trigger", "swap", "type", "data"} {
		if len(key) == len(known) && strings.EqualFold(string(key), known) {
			return fmt.Errorf("the key %q is written %q", known, key)
		}
	}
	for _, known := range [...]string{"v", "page"} {
		if len(key) == len(known) && strings.EqualFold(string(key), known) && string(key) != known {
			d.helloErr = fmt.Errorf("decoding a frame: the key %q is written %q", known, key)
		}
	}
	for _, known := range [...]string{"gen", "tickets", "pos", "t", "rooms"} {
		if len(key) == len(known) && strings.EqualFold(string(key), known) && d.joinErr == nil {
			d.joinErr = fmt.Errorf("decoding a frame: the key %q is written %q", known, key)
		}
	}
	return nil
}

func (d *envelope) optional(to *string, key string, value []byte, limit int) error {
	if string(value) == "null" {
		return nil
	}
	return d.text(to, key, value, limit)
}

func (d *envelope) text(to *string, key string, value []byte, limit int) error {
	if word, ok := commonWords[string(value)]; ok {
		*to = word
		return nil
	}
	s, ok := strictjson.String(value)
	switch {
	case !ok:
		return fmt.Errorf("%s is not a string", key)
	case len(s) > limit:
		return fmt.Errorf("%s has %d bytes, %d are allowed", key, len(s), limit)
	}
	*to = s
	return nil
}
