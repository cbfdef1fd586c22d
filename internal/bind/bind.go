// Package bind decodes the data of a request into a Go value, converting strings, which is all that
// forms send, to what the value's fields want.
package bind

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/wsxgo/wsx/internal/strictjson"
	"github.com/wsxgo/wsx/internal/textcut"
)

const (
	maxProblems = 16
	maxValue    = 32  // bytes of the browser's value that are shown
	maxPath     = 128 // bytes of the path to it, and of an error from the program's own decoder
)

// Decode decodes data into v, a pointer that is not nil. It first tries encoding/json. If that
// fails, it goes value by value and converts strings. Absent or null data is {}.
//
// What fits is filled in; an [*Error] names the rest. An unusable v gives another kind of error,
// because that is a mistake of the program and not of the browser.
//
// A string becomes a number if it holds one, with spaces around it allowed. It becomes a bool if it
// is on, true, 1, yes, off, false, 0, no or empty, in any case. It becomes a [time.Time], in UTC, if
// it is what a field for a date, a month, or a date and time sends. It becomes an optional value of
// database/sql. A list becomes a bool by its last element, so that a hidden field may stand before a
// checkbox. A single value that is not an array becomes a slice of
// one element. An empty string that doesn't fit what a pointer points to makes the pointer nil: an
// optional number is therefore an *int, while "" is an error for an int.
func Decode(data json.RawMessage, v any) error {
	dst := reflect.ValueOf(v)
	if dst.Kind() != reflect.Pointer || dst.IsNil() {
		return fmt.Errorf("wsx: cannot bind data to %T; pass a non-nil pointer", v)
	}
	dst = dst.Elem()
	raw := bytes.TrimSpace(data)
	if len(raw) == 0 || string(raw) == "null" {
		raw = []byte("{}")
	}
	if decodeStrictly(raw, dst) {
		return nil
	}
	if !json.Valid(raw) {
		return &Error{problems: []string{"it is not JSON"}}
	}
	var b binder
	b.value(nil, raw, dst)
	if len(b.err.problems) > 0 {
		return &b.err
	}
	return nil
}

// decodeStrictly decodes raw into dst with encoding/json and reports whether that succeeded. If
// not, dst is unchanged: encoding/json may have set a part of it by then, such as an *int to a zero
// where nil is wanted.
func decodeStrictly(raw []byte, dst reflect.Value) bool {
	if dst.IsZero() {
		if json.Unmarshal(raw, dst.Addr().Interface()) == nil {
			return true
		}
		dst.SetZero()
		return false
	}
	return json.Unmarshal(raw, reflect.New(dst.Type()).Interface()) == nil &&
		json.Unmarshal(raw, dst.Addr().Interface()) == nil
}

// Error names the parts of a request's data that don't fit. Its text is safe to log, and its length
// is bounded for any input.
type Error struct {
	problems []string // such as: age: wants a whole number, got "abc"
	more     int      // how many were left out
}

// Error returns all problems in one line.
func (e *Error) Error() string {
	text := "wsx: data does not fit: " + strings.Join(e.problems, "; ")
	if e.more > 0 {
		text += fmt.Sprintf("; and %d more", e.more)
	}
	return text
}

// A binder walks through data and the type it is for, side by side.
type binder struct{ err Error }

// fail notes that raw is not what the value at a path wants, and returns false. cause may be nil.
func (b *binder) fail(at *path, wants string, raw []byte, cause error) bool {
	if len(b.err.problems) == maxProblems {
		b.err.more++
		return false
	}
	text := "wants " + wants + ", got " + describe(raw)
	if where := at.String(); where != "" {
		text = where + ": " + text
	}
	var known *json.UnmarshalTypeError // adds nothing to the text
	if cause != nil && !errors.As(cause, &known) {
		text += ": " + shorten(cause.Error(), maxPath)
	}
	b.err.problems = append(b.err.problems, text)
	return false
}

// describe names a JSON value in a few bytes.
func describe(raw []byte) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		s, _ := strictjson.String(raw)
		return quote(s)
	default:
		return shorten(string(raw), maxValue)
	}
}

func quote(s string) string { return strconv.Quote(shorten(s, maxValue)) }

// shorten cuts s to limit bytes and puts an ellipsis where it was cut.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return textcut.Truncate(s, limit) + "…"
}

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonNumber      = reflect.TypeFor[json.Number]()
)

// decodesItself reports whether only encoding/json knows what t accepts.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t == jsonNumber || t.Kind() == reflect.Interface || p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler)
}
