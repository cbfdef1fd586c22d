package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// The bounds of one frame from a browser.
const (
	MaxID          = 128     // bytes of a request's id
	MaxHandlerName = 255     // bytes
	MaxTarget      = 1 << 10 // bytes of a request's target
	MaxPage        = 64      // bytes of the page that a hello names
	MaxRoomName    = 255     // bytes
	MaxPosition    = 64      // bytes of a position
	MaxTickets     = 4096    // of a join, and the rooms and positions in it
	maxDepth       = 32      // nesting of a frame
)

// A Request is a decoded frame from a browser: a request for a handler or, if Control isn't "", a
// message to the server itself.
type Request struct {
	ID, Handler, Target, Trigger, Swap string
	Data                               json.RawMessage // a copy; nil when absent or null

	Control string // the type of a frame without a handler; "" for a request
	Page    string // of a hello
	Join    Join   // of a join or leave
}

// ReadRequest decodes one frame, which must be valid UTF-8. It keeps no part of raw. On an error,
// ID is set if it could be read, so that the error can be sent as a reply.
func ReadRequest(raw []byte) (r Request, err error) {
	e := envelope{Request: &r}
	if err := strictjson.Object(raw, maxDepth, e.field); err != nil {
		return r, fmt.Errorf("decode frame: %w", err)
	}
	switch {
	case e.typ != "" && !e.hasHandler:
		r.Control = e.typ
		switch e.typ {
		case "hello":
			return r, e.helloErr
		case "join", "leave":
			return r, e.joinErr
		}
		return r, nil
	case e.requestErr != nil:
		return r, fmt.Errorf("decode frame: %w", e.requestErr)
	case !e.hasHandler:
		return r, errors.New("decode frame: missing handler")
	case !e.hasID:
		return r, errors.New("decode frame: missing id")
	}
	r.Swap = RequestedSwap(r.Swap)
	return r, nil
}

// commonWords are the values in nearly every request. Reading these doesn't allocate.
var commonWords = func() map[string]string {
	words := map[string]string{}
	for _, word := range []string{
		"body", "click", "submit", "input", "change", "keyup", "hello", Inner, Outer, Append, Prepend, None,
	} {
		words[strconv.Quote(word)] = word
	}
	return words
}()

// An envelope collects the members of a frame. Its kind is known only at the end, because members
// come in any order, so errors are kept by kind.
type envelope struct {
	*Request
	typ        string
	hasID      bool
	hasHandler bool
	requestErr error // counts only if the frame turns out to be a request
	helloErr   error // counts only if the frame turns out to be a hello
	joinErr    error // counts only if the frame turns out to be a join or leave
}

// field decodes one member. An error in a member of a request doesn't end the scan, because the
// frame may be a control frame, which ignores that member.
func (e *envelope) field(key, value []byte) error {
	var err error
	switch string(key) {
	case "type":
		return text(&e.typ, "type", value, MaxHandlerName)
	case "id":
		e.hasID = true
		err = text(&e.ID, "id", value, MaxID)
	case "handler":
		e.hasHandler = true
		err = text(&e.Handler, "handler", value, MaxHandlerName)
	case "target":
		err = optional(&e.Target, "target", value, MaxTarget)
	case "trigger":
		err = optional(&e.Trigger, "trigger", value, len(value))
	case "swap":
		err = optional(&e.Swap, "swap", value, len(value))
	case "data":
		if string(value) != "null" {
			e.Data = append(json.RawMessage(nil), value...)
		}
	case "page":
		if err := optional(&e.Page, "page", value, MaxPage); err != nil {
			e.helloErr = fmt.Errorf("decode frame: %w", err)
		}
	default:
		known, err := e.Join.field(key, value)
		if e.joinErr == nil {
			e.joinErr = err
		}
		if known {
			return nil
		}
		return e.wrongCase(key)
	}
	if e.requestErr == nil {
		e.requestErr = err
	}
	return nil
}

// wrongCase returns an error for a known key in another case. A program or proxy that matches keys
// in any case would read the frame differently.
func (e *envelope) wrongCase(key []byte) error {
	for _, known := range [...]string{"id", "handler", "target", "trigger", "swap", "type", "data"} {
		if len(key) == len(known) && strings.EqualFold(string(key), known) {
			return fmt.Errorf("the key %q is written %q", known, key)
		}
	}
	for _, known := range [...]string{"v", "page"} {
		if len(key) == len(known) && strings.EqualFold(string(key), known) && string(key) != known {
			e.helloErr = fmt.Errorf("decode frame: the key %q is written %q", known, key)
		}
	}
	for _, known := range joinKeys {
		if len(key) == len(known) && strings.EqualFold(string(key), known) && e.joinErr == nil {
			e.joinErr = fmt.Errorf("decode frame: the key %q is written %q", known, key)
		}
	}
	return nil
}

// optional is text for a member that may be null.
func optional(to *string, key string, value []byte, limit int) error {
	if string(value) == "null" {
		return nil
	}
	return text(to, key, value, limit)
}

// text decodes a string of at most limit bytes.
func text(to *string, key string, value []byte, limit int) error {
	if word, ok := commonWords[string(value)]; ok {
		*to = word
		return nil
	}
	s, ok := strictjson.String(value)
	switch {
	case !ok:
		return fmt.Errorf("%s is not a string", key)
	case len(s) > limit:
		return fmt.Errorf("%s has %d bytes; the limit is %d", key, len(s), limit)
	}
	*to = s
	return nil
}
