package wsx

import (
	"bytes"
	textual "encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// bind decodes data into v, a pointer that is not nil: first as encoding/json
// does and, where that fails, value by value, converting what a form sends as a
// string. Absent or null data is {}.
//
// What fits is filled in; one *bindError names the rest. A wrong v is another
// error, since it is the program's mistake and not the browser's.
//
// A string becomes a number when it holds one, blanks around it allowed, and a
// bool when it is on, true, 1, off, false, 0 or empty. One value that is no
// array becomes a slice of one. A pointer to what an empty string does not fit
// becomes nil: so an optional number is an *int, and "" for an int is named.
func bind(data json.RawMessage, v any) error {
	dst := reflect.ValueOf(v)
	if dst.Kind() != reflect.Pointer || dst.IsNil() {
		return fmt.Errorf("wsx: cannot bind data to %T, only to a pointer that is not nil", v)
	}
	dst = dst.Elem()
	raw := bytes.TrimSpace(data)
	if len(raw) == 0 || string(raw) == "null" {
		raw = []byte("{}")
	}
	if fits(raw, dst) {
		return nil
	}
	if !json.Valid(raw) {
		return &bindError{problems: []string{"it is not JSON"}}
	}
	var b binder
	b.value(nil, raw, dst)
	if len(b.err.problems) > 0 {
		return &b.err
	}
	return nil
}

// fits decodes raw into dst if encoding/json finds nothing wrong with it. If it
// does, dst is left as it was, for encoding/json has then set some of it: an
// *int to a zero, say, that ought to stay nil.
func fits(raw []byte, dst reflect.Value) bool {
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

// bindError says what of a request's data did not fit. Its text is bounded,
// whatever the browser sent, and fit for a log.
type bindError struct {
	problems []string // "age: wants a whole number, got \"abc\""
	more     int      // how many were left out
}

const (
	maxBindProblems = 16
	maxBindValue    = 32  // bytes of the browser's value that are shown
	maxBindPlace    = 128 // bytes of the way to it, and of an error of the program's
)

func (e *bindError) Error() string {
	text := "wsx: data does not fit: " + strings.Join(e.problems, "; ")
	if e.more > 0 {
		text += fmt.Sprintf("; and %d more", e.more)
	}
	return text
}

// place is the way from the data to a value, as a list from the value upwards:
// it becomes text only when there is something wrong.
type place struct {
	up   *place
	kind placeKind
	name string // of a struct's field, or the key of a map's entry
	i    int    // of a list's element
}

type placeKind byte

const (
	inStruct placeKind = iota
	inMap
	inList
)

// String returns "order.items[3].price", and the end of it when it is too long.
func (p *place) String() string {
	var text string
	for ; p != nil && len(text) <= maxBindPlace; p = p.up {
		if text != "" && text[0] != '[' {
			text = "." + text
		}
		switch p.kind {
		case inStruct:
			text = p.name + text
		case inMap:
			text = "[" + quote(p.name) + "]" + text
		case inList:
			text = "[" + strconv.Itoa(p.i) + "]" + text
		}
	}
	if p != nil {
		text = "…" + text
	}
	return text
}

// binder walks through data and the type it is for, side by side.
type binder struct{ err bindError }

// fail notes that raw is not what at wants. cause may be nil.
func (b *binder) fail(at *place, wants string, raw []byte, cause error) bool {
	if len(b.err.problems) == maxBindProblems {
		b.err.more++
		return false
	}
	text := "wants " + wants + ", got " + describe(raw)
	if where := at.String(); where != "" {
		text = where + ": " + text
	}
	var known *json.UnmarshalTypeError // says nothing that is not there already
	if cause != nil && !errors.As(cause, &known) {
		text += ": " + cut(cause.Error(), maxBindPlace)
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
		return cut(string(raw), maxBindValue)
	}
}

func quote(s string) string { return strconv.Quote(cut(s, maxBindValue)) }

// cut shortens s to n bytes, and an ellipsis that says so, but not inside of a
// character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[textual.TextUnmarshaler]()
	jsonNumber      = reflect.TypeFor[json.Number]()
)

// decodesItself says whether only encoding/json knows what t takes.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t == jsonNumber || t.Kind() == reflect.Interface || p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler)
}
