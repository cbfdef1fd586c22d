package strictjson

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzElements(f *testing.F) {
	for _, s := range []string{`[]`, `[1,"a",[{}]]`, `[1,]`, ` [ ] `, `{}`, `[1]]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []json.RawMessage
		err := Elements(data, 10_000, func(value []byte) error {
			got = append(got, value)
			return nil
		})
		var want []json.RawMessage
		wantErr := json.Unmarshal(data, &want)
		if isNull := wantErr == nil && want == nil; (err == nil) != (wantErr == nil && !isNull) {
			t.Fatalf("%q: error %v, want %v", data, err, wantErr)
		}
		if err == nil && !slices.EqualFunc(got, want, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Fatalf("%q: got %q, want %q", data, got, want)
		}
	})
}

func FuzzString(f *testing.F) {
	for _, s := range []string{`"a\u0041"`, `"\ud83d\ude00"`, `"\ud83d\ud83d\ude00"`, `"`, `"\"`, `1`, `null`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := String(raw)
		var want string
		trimmed := len(raw) > 0 && raw[0] == '"' && raw[len(raw)-1] == '"'
		wantOK := trimmed && json.Unmarshal(raw, &want) == nil
		if ok != wantOK {
			t.Fatalf("%q: ok %t, want %t", raw, ok, wantOK)
		}
		if ok && utf8.Valid(raw) && got != want {
			t.Fatalf("%q: got %q, want %q", raw, got, want)
		}
	})
}

func FuzzObject(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1,"a":2}`, `{"a":[[[[]]]]}`, `{"\u0061":"\ud800","a":{}}`, ` {"a" : -0.5e+7 , "b":[true,false,null]} `,
		`{"a":1}x`, `{"a":01}`, `{"a":2e555}`, `[]`, `"a"`, "{\"a\":\"\n\"}", `{"id":"req_1","handler":"x","data":{"a":"b"}}`,
	} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, maxDepth int) {
		maxDepth &= 7
		var keys []string
		err := Object(data, maxDepth, func(key, value []byte) error {
			if !json.Valid(value) {
				t.Fatalf("%q was passed on as a value", value)
			}
			if _, ok := String(value); ok != (value[0] == '"') {
				t.Fatalf("String says %t of %s", ok, value)
			}
			keys = append(keys, string(key))
			return nil
		})
		if !utf8.Valid(data) {
			// The model's decoder replaces what is invalid, Object passes it on.
			if err == nil && !json.Valid(data) {
				t.Fatalf("%q is taken, but not valid", data)
			}
			return
		}
		m, valid := modelOf(data)
		want := valid && m.depth <= maxDepth && !m.duplicate
		if (err == nil) != want {
			t.Fatalf("%q: error %v; model %+v, valid %t, at most %d deep", data, err, m, valid, maxDepth)
		}
		if err == nil && !slices.Equal(keys, m.keys) {
			t.Fatalf("%q: keys %q, want %q", data, keys, m.keys)
		}
		if errors.Is(err, ErrDepth) && valid && m.depth <= maxDepth || errors.Is(err, ErrDuplicate) && valid && !m.duplicate {
			t.Fatalf("%q: error %v; model %+v", data, err, m)
		}
	})
}

type model struct {
	keys      []string
	depth     int
	duplicate bool
}

// modelOf says with encoding/json's tokens what Object should find. ok is false
// when data is not one object.
func modelOf(data []byte) (m model, ok bool) {
	if !json.Valid(data) || !strings.HasPrefix(strings.TrimLeft(string(data), " \t\r\n"), "{") {
		return m, false
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber() // 2e555 is JSON, though no float64
	depth, isKey := 0, false
	for {
		token, err := dec.Token()
		if err != nil {
			return m, err == io.EOF
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			m.depth = max(m.depth, depth)
			isKey = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			isKey = depth == 1
			continue
		}
		if depth != 1 {
			continue
		}
		if isKey {
			m.duplicate = m.duplicate || slices.Contains(m.keys, token.(string))
			m.keys = append(m.keys, token.(string))
		}
		isKey = !isKey
	}
}
