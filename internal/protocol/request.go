package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// The bounds of what a browser may send in one frame.
const (
	MaxID          = 128     // bytes of a request's id
	MaxHandlerName = 255     // bytes
	MaxTarget      = 1 << 10 // bytes of a request's target
	MaxPage        = 64      // bytes of the page that a hello names
	MaxRoomName    = 255     // bytes
	MaxPosition    = 64      // bytes of a position
	MaxTickets     = 4096    // of one join, and rooms and positions that it names
	maxDepth       = 32      // nesting of a frame
)

// A Request is a decoded frame from a browser: what it asks of a handler or, if Control is not "", what it tells the server.
type Request struct {
	ID, Handler, Target, Trigger, Swap string
	Data                               json.RawMessage // a copy; nil when absent or null

	Control string // the type of a frame without a handler; "" for a request
	Page    string // of a hello
	Join    Join   // of a join or leave
}

// ReadRequest decodes one frame, which must be valid UTF-8, and keeps no part of it. With an error, ID is what could be read of it.
func ReadRequest(raw []byte) (r Request, err error) {
	e := envelope{Request: &r}
	if err := strictjson.Object(raw, maxDepth, e.field); err != nil {
		return r, fmt.Errorf("decoding a frame: %w", err)
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
		return r, fmt.Errorf("decoding a frame: %w", e.requestErr)
	case !e.hasHandler:
		return r, errors.New("decoding a frame: there is no handler")
	case !e.hasID:
		return r, errors.New("decoding a frame: there is no id")
	}
	r.Swap = RequestedSwap(r.Swap)
	return r, nil
}

// commonWords are what nearly every request says, so that reading it allocates nothing.
var commonWords = func() map[string]string {
	words := map[string]string{}
	for _, word := range []string{
		"body", "click", "submit", "input", "change", "keyup", "hello", Inner, Outer, Append, Prepend, None,
	} {
		words[strconv.Quote(word)] = word
	}
	return words
}()

// An envelope collects the members of a frame.
type envelope struct {
	*Request
	typ        string
	hasID      bool
	hasHandler bool
	requestErr error // counts only if the frame turns out to be a request
	helloErr   error // counts only if the frame turns out to be a hello
	joinErr    error // counts only if it turns out to be a join or a leave
}

// field takes one member. A fault in a member of a request is not a fault of a control frame that isn't known yet.
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
			e.helloErr = fmt.Errorf("decoding a frame: %w", err)
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

// wrongCase finds known keys that are written in another case: a program that matches keys in any case would take them.
func (e *envelope) wrongCase(key []byte) error {
	for _, known := range [...]string{"id", "handler", "target", "trigger", "swap", "type", "data"} {
		if len(key) == len(known) && strings.EqualFold(string(key), known) {
			return fmt.Errorf("the key %q is written %q", known, key)
		}
	}
	for _, known := range [...]string{"v", "page"} {
		if len(key) == len(known) && strings.EqualFold(string(key), known) && string(key) != known {
			e.helloErr = fmt.Errorf("decoding a frame: the key %q is written %q", known, key)
		}
	}
	for _, known := range joinKeys {
		if len(key) == len(known) && strings.EqualFold(string(key), known) && e.joinErr == nil {
			e.joinErr = fmt.Errorf("decoding a frame: the key %q is written %q", known, key)
		}
	}
	return nil
}

func optional(to *string, key string, value []byte, limit int) error {
	if string(value) == "null" {
		return nil
	}
	return text(to, key, value, limit)
}

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
		return fmt.Errorf("%s has %d bytes, the limit is %d", key, len(s), limit)
	}
	*to = s
	return nil
}
