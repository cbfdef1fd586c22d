// Package strictjson parses one JSON object or array, strictly and, for typical requests of
// browsers, without allocating.
//
// encoding/json isn't safe for an envelope from an untrusted peer. It takes the last of two equal
// keys and matches keys in any case. So a proxy, a log and the program may each see a different
// request. Here, a key is unique and counts as it is written. What a member means is left to the
// caller.
//
// The package doesn't check UTF-8. Its input is the payload of a WebSocket text frame or the body
// of a request, which have been checked as a whole.
package strictjson

import "errors"

var (
	// ErrSyntax is returned for input that isn't exactly one JSON object or array as in RFC 8259.
	ErrSyntax = errors.New("strictjson: not exactly one JSON value of the expected kind")

	// ErrDepth is returned if arrays and objects are nested too deeply.
	ErrDepth = errors.New("strictjson: nested too deeply")

	// ErrDuplicate is returned if a key of the object occurs twice.
	ErrDuplicate = errors.New("strictjson: duplicate key")
)

// Object calls field for each member of the JSON object in data, in order. It returns nil if data
// is exactly one valid object (RFC 8259) with unique keys. White space may surround it. It may be
// nested maxDepth deep, where the object itself is at depth 1.
//
// Keys are compared after unescaping. The keys of nested objects may repeat, because they are left
// to the caller's decoder.
//
// key is unescaped, and value is the member's text in data, a valid value of its own. Both may
// alias data and must not be changed. If field returns an error, the scan ends and Object returns
// that error unchanged.
//
// Object returns ErrSyntax, ErrDepth or ErrDuplicate for invalid input. It has called field for the
// members before the mistake, so the effects of field must be easy to discard.
func Object(data []byte, maxDepth int, field func(key, value []byte) error) error {
	return members(data, maxDepth, true, field)
}

// Members is like Object but allows duplicate keys. It calls field for each of them.
func Members(data []byte, maxDepth int, field func(key, value []byte) error) error {
	return members(data, maxDepth, false, field)
}

// members is Object, or Members unless once is set.
func members(data []byte, maxDepth int, once bool, field func(key, value []byte) error) error {
	if maxDepth < 1 {
		return ErrDepth
	}
	i := skipSpace(data, 0)
	if at(data, i) != '{' {
		return ErrSyntax
	}
	i = skipSpace(data, i+1)
	if at(data, i) == '}' {
		return end(data, i+1)
	}
	var seen keySet
	for {
		key, next, err := scanKey(data, i)
		if err != nil {
			return err
		}
		if once && !seen.add(key) {
			return ErrDuplicate
		}
		start := skipSpace(data, next)
		if i, err = scanValue(data, start, maxDepth-1); err != nil {
			return err
		}
		if err := field(key, data[start:i:i]); err != nil {
			return err
		}
		i = skipSpace(data, i)
		switch at(data, i) {
		case ',':
			i = skipSpace(data, i+1)
		case '}':
			return end(data, i+1)
		default:
			return ErrSyntax
		}
	}
}

// Elements calls element for each value of the JSON array in data, in order. Depth, errors and the
// lifetime of values are as in Object.
func Elements(data []byte, maxDepth int, element func(value []byte) error) error {
	if maxDepth < 1 {
		return ErrDepth
	}
	i := skipSpace(data, 0)
	if at(data, i) != '[' {
		return ErrSyntax
	}
	i = skipSpace(data, i+1)
	if at(data, i) == ']' {
		return end(data, i+1)
	}
	for {
		start := i
		var err error
		if i, err = scanValue(data, start, maxDepth-1); err != nil {
			return err
		}
		if err := element(data[start:i:i]); err != nil {
			return err
		}
		i = skipSpace(data, i)
		switch at(data, i) {
		case ',':
			i = skipSpace(data, i+1)
		case ']':
			return end(data, i+1)
		default:
			return ErrSyntax
		}
	}
}

// String returns the text of the JSON string raw with its quotes. ok reports whether raw is a
// string and nothing else. A lone surrogate becomes U+FFFD, as in encoding/json.
func String(raw []byte) (s string, ok bool) {
	next, escaped, err := scanString(raw, 0)
	if err != nil || next != len(raw) {
		return "", false
	}
	text := raw[1 : len(raw)-1]
	if escaped {
		text = unescape(text)
	}
	return string(text), true
}

// scanKey reads a key and the colon after it.
func scanKey(data []byte, i int) (key []byte, next int, err error) {
	next, escaped, err := scanString(data, i)
	if err != nil {
		return nil, 0, err
	}
	key = data[i+1 : next-1 : next-1]
	if escaped {
		key = unescape(key)
	}
	next = skipSpace(data, next)
	if at(data, next) != ':' {
		return nil, 0, ErrSyntax
	}
	return key, next + 1, nil
}

// end returns ErrSyntax unless only white space follows.
func end(data []byte, i int) error {
	if skipSpace(data, i) != len(data) {
		return ErrSyntax
	}
	return nil
}

// A keySet is a set of keys. A typical envelope has a few, which fit on the stack. The map is for
// hostile input with thousands, for which a list would take quadratic time.
type keySet struct {
	few  [8][]byte
	n    int
	many map[string]struct{}
}

// add adds a key. It reports whether the key is new.
func (s *keySet) add(key []byte) bool {
	for _, k := range s.few[:s.n] {
		if string(k) == string(key) {
			return false
		}
	}
	if s.n < len(s.few) {
		s.few[s.n] = key
		s.n++
		return true
	}
	if _, ok := s.many[string(key)]; ok {
		return false
	}
	if s.many == nil {
		s.many = make(map[string]struct{})
	}
	s.many[string(key)] = struct{}{}
	return true
}
