// Package strictjson takes one JSON object or array apart, strictly and, for the
// requests that browsers send, without allocating.
//
// encoding/json is no use for an envelope from a stranger: it takes the last of
// two equal keys and matches keys in any case, so that a proxy, a log and the
// program may each see another request. Here a key counts once, as it is
// written, and what a member means is left to the caller.
//
// The package does not look at UTF-8. Its input is the payload of a WebSocket
// text frame or the body of a request, which were checked as a whole before.
package strictjson

import "errors"

var (
	// ErrSyntax is returned for everything that is not exactly one JSON object,
	// or array, as RFC 8259 has it.
	ErrSyntax = errors.New("strictjson: not one JSON value of the kind wanted")

	// ErrDepth is returned when arrays and objects are nested too deep.
	ErrDepth = errors.New("strictjson: nested too deep")

	// ErrDuplicate is returned when the object has a key twice.
	ErrDuplicate = errors.New("strictjson: duplicate key")
)

// Object calls field for each member of the JSON object in data, in order. It
// returns nil when data is exactly one object by RFC 8259, with nothing but
// white space around it, nested at most maxDepth deep (the object itself is at
// depth 1) and with each of its own keys once, compared after unescaping. The
// keys of objects inside it may repeat: they belong to whoever decodes them.
//
// key is unescaped, and value is the member's text as it stands in data, valid
// by itself. Both are lent: value is a part of data, key usually too, and field
// must not write to either. An error of field ends the scan and is returned as
// it is. The members before a mistake in data have been passed to field when
// Object returns its error, so field must do nothing that cannot be thrown away.
func Object(data []byte, maxDepth int, field func(key, value []byte) error) error {
	return members(data, maxDepth, true, field)
}

// Members is Object without its rule for keys: one that comes again is passed to
// field again.
func Members(data []byte, maxDepth int, field func(key, value []byte) error) error {
	return members(data, maxDepth, false, field)
}

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

// Elements calls element for each value of the JSON array in data, in order, on
// the same terms as Object.
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

// String returns the text of the JSON string raw, which must begin and end with
// its quotes; ok is false when raw is anything else. An escaped half of a
// surrogate pair becomes U+FFFD, as in encoding/json.
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

// end says whether nothing but white space follows.
func end(data []byte, i int) error {
	if skipSpace(data, i) != len(data) {
		return ErrSyntax
	}
	return nil
}

// keySet remembers keys. An envelope has a handful, which fit on the stack; the
// map is for the stranger who sends thousands, whom a list would make quadratic.
type keySet struct {
	few  [8][]byte
	n    int
	many map[string]struct{}
}

// add returns false when key was added before.
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
