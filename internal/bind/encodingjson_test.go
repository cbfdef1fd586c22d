package bind

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// Decode walks through types by itself, so these tests compare it with encoding/json.

func TestFieldsAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()

	type Leaf struct{ X, Y int }
	type Left struct{ Leaf }
	type Right struct{ Leaf }
	type leaf struct{ V int }
	type Text string
	types := []any{
		new(struct {
			Left
			Right
		}),
		new(struct {
			Left
			Leaf
		}),
		new(struct {
			Left
			X int
		}),
		new(struct {
			*Left
			R Right `json:"Y"`
		}),
		new(struct {
			Leaf `json:"X"`
			leaf
			Text
		}),
		new(struct {
			leaf `json:"X"`
		}),
		new(struct {
			Z int `json:"X"`
			X int
		}),
		// Made at run time, because go vet rejects the declaration.
		reflect.New(reflect.StructOf([]reflect.StructField{
			{Name: "Z", Type: reflect.TypeFor[int](), Tag: `json:"X"`},
			{Name: "W", Type: reflect.TypeFor[int](), Tag: `json:"X"`},
			{Name: "X", Type: reflect.TypeFor[int]()},
		})).Interface(),
		new(struct {
			Z int `json:"X,omitempty"`
			x int
			Ä int `json:"ÄÖ"`
		}),
		new(order),
	}
	for _, v := range types {
		for _, in := range []string{
			`{"X":1,"Y":2,"V":3,"Text":"a"}`, `{"X":{"X":1,"Y":2,"V":3},"Y":{"X":1},"äö":1}`,
			`{"x":1}`, `{"V":1}`, `{"X":{"V":2}}`, `{"Leaf":{"X":1}}`, `{"leaf":null,"X":null}`,
		} {
			want := reflect.New(reflect.TypeOf(v).Elem())
			if json.Unmarshal([]byte(in), want.Interface()) != nil {
				continue
			}
			var b binder
			got := reflect.New(reflect.TypeOf(v).Elem())
			b.value(nil, []byte(in), got.Elem())
			if len(b.err.problems) > 0 || !reflect.DeepEqual(got.Interface(), want.Interface()) {
				t.Errorf("%T of %s:\n got %+v, %v\nwant %+v", v, in, got, &b.err, want)
			}
		}
	}
}

func TestDecodeUnexportedEmbedded(t *testing.T) {
	t.Parallel()

	type inner struct{ V int }
	var promoted struct{ *inner }
	if err := Decode(json.RawMessage(`{"v":1}`), &promoted); err == nil || !strings.Contains(err.Error(), "V: wants nothing") {
		t.Errorf("promoted: %v", err)
	}
	var named struct {
		inner `json:"in"`
		Age   int
	}
	if err := Decode(json.RawMessage(`{"in":{"v":"1"},"age":"2"}`), &named); err != nil || named.V != 1 || named.Age != 2 {
		t.Errorf("named: %+v, %v", named, err)
	}
}

// FuzzDecode compares the walk with encoding/json: what encoding/json accepts, the walk must accept
// with the same result. Nothing may panic.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		``, `null`, `{}`, `{"age":"12","tags":"a","yes":"on"}`, `{"age":"x"}`, `{"items":[{"price":"1","tags":[1]}],"first":{"name":null}}`,
		`{"scores":{"a":1},"byNumber":{"1":"x"},"byAddr":{"::1":true},"lists":{"a":[1]}}`, `{"when":"2026-01-02T03:04:05Z","big":12,"number":1}`,
		`{"maybe":"","deep":1,"pair":[1,2,3],"bytes":"YQ==","raw":[1],"any":{"a":[]},"quoted":"5","quotedS":"\"a\""}`,
		`{"id":1,"note":"n","kind":"k","named":{"id":1},"-":1,"ERROR":null,"channel":null}`, `[1]`, `"a"`, `{"price":1e400}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var bound order
		err := Decode(data, &bound)
		var bad *Error
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("%T: %v", err, err)
		}
		if bad != nil && len(bad.Error()) > 16*500 {
			t.Fatalf("an error of %d bytes", len(bad.Error()))
		}
		var want, got order
		raw := json.RawMessage(strings.TrimSpace(string(data)))
		if json.Unmarshal(raw, &want) != nil || string(raw) == "null" || !utf8.Valid(raw) {
			return // UTF-8 was checked before a request is decoded
		}
		var b binder
		b.value(nil, raw, reflect.ValueOf(&got).Elem())
		if len(b.err.problems) > 0 {
			t.Fatalf("%q: %v", data, &b.err)
		}
		// encoding/json decodes a repeated key into the value that is already there.
		if !repeats(raw) && fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q:\n got %+v\nwant %+v", data, got, want)
		}
	})
}

// repeats reports whether an object in raw has a key twice, in any case.
func repeats(raw []byte) (found bool) {
	seen := map[string]bool{}
	_ = strictjson.Members(raw, maxDepth, func(key, value []byte) error {
		folded := strings.ToUpper(strings.ToLower(string(key)))
		found = found || seen[folded] || repeats(value)
		seen[folded] = true
		return nil
	})
	_ = strictjson.Elements(raw, maxDepth, func(value []byte) error {
		found = found || repeats(value)
		return nil
	})
	return found
}

func BenchmarkDecode(b *testing.B) {
	for name, data := range map[string]string{
		"json": `{"name":"Ann","price":1.5,"tags":["a","b"]}`,
		"form": `{"name":"Ann","price":"1.5","tags":"a"}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var v item
				if err := Decode(json.RawMessage(data), &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
