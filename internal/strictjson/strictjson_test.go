package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestObject(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name string
		in   string
		want string // members as key=value, one after the other
		err  error
	}{
		{"empty object", `{}`, ``, nil},
		{"white space around everything", " \t\r\n{ \"a\" :\n1 , \"b\"\t: [ ] } \n", `a=1 b=[ ]`, nil},
		{"every kind of value", `{"a":"x","b":-1.5e+3,"c":true,"d":false,"e":null,"f":{"g":[]},"h":[1,"2",{}]}`,
			`a="x" b=-1.5e+3 c=true d=false e=null f={"g":[]} h=[1,"2",{}]`, nil},
		{"order is kept", `{"z":1,"a":2}`, `z=1 a=2`, nil},
		{"a key is unescaped", `{"\u0069d":1,"\"\\\/\b\f\n\r\t":2}`, "id=1 \"\\/\b\f\n\r\t=2", nil},
		{"an empty key", `{"":1}`, `=1`, nil},
		{"keys differ in case", `{"id":1,"ID":2}`, `id=1 ID=2`, nil},
		{"inner keys may repeat", `{"a":{"b":1,"b":2}}`, `a={"b":1,"b":2}`, nil},
		{"del and beyond are no control characters", "{\"a\":\"\x7f\u0080\"}", "a=\"\x7f\u0080\"", nil},

		{"a duplicate", `{"a":1,"b":2,"a":3}`, `a=1 b=2`, ErrDuplicate},
		{"a duplicate behind an escape", `{"id":1,"\u0069\u0064":2}`, `id=1`, ErrDuplicate},
		{"two empty keys", `{"":1,"":2}`, `=1`, ErrDuplicate},

		{"nothing", ``, ``, ErrSyntax},
		{"white space", "  \n", ``, ErrSyntax},
		{"an array", `[]`, ``, ErrSyntax},
		{"a string", `"a"`, ``, ErrSyntax},
		{"null", `null`, ``, ErrSyntax},
		{"a byte order mark", "\ufeff{}", ``, ErrSyntax},
		{"a second object", `{}{}`, ``, ErrSyntax},
		{"trailing data", `{"a":1} x`, `a=1`, ErrSyntax},
		{"a trailing zero byte", "{}\x00", ``, ErrSyntax},
		{"trailing comma", `{"a":1,}`, `a=1`, ErrSyntax},
		{"leading comma", `{,"a":1}`, ``, ErrSyntax},
		{"no comma", `{"a":1 "b":2}`, `a=1`, ErrSyntax},
		{"no colon", `{"a" 1}`, ``, ErrSyntax},
		{"no value", `{"a":}`, ``, ErrSyntax},
		{"bare key", `{a:1}`, ``, ErrSyntax},
		{"single quotes", `{'a':1}`, ``, ErrSyntax},
		{"a comment", `{/*a*/"a":1}`, ``, ErrSyntax},
		{"other white space", "{\v}", ``, ErrSyntax},
		{"cut in the key", `{"a`, ``, ErrSyntax},
		{"cut after the key", `{"a"`, ``, ErrSyntax},
		{"cut after the colon", `{"a":`, ``, ErrSyntax},
		{"cut in a value", `{"a":"b`, ``, ErrSyntax},
		{"cut after a value", `{"a":1`, `a=1`, ErrSyntax},
		{"cut inside an array", `{"a":[1,`, ``, ErrSyntax},
		{"wrong bracket", `{"a":[1}}`, ``, ErrSyntax},
		{"wrong brace", `{"a":{"b":1]}`, ``, ErrSyntax},
		{"inner trailing comma", `{"a":[1,]}`, ``, ErrSyntax},
		{"inner object's trailing comma", `{"a":{"b":1,}}`, ``, ErrSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			err := Object([]byte(tt.in), 8, func(key, value []byte) error {
				got = append(got, fmt.Sprintf("%s=%s", key, value))
				return nil
			})
			if !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestObjectScalars(t *testing.T) {
	t.Parallel()

	valid := []string{
		`0`, `-0`, `1`, `-1`, `10`, `1.0`, `0.5`, `1e1`, `1E1`, `1e+1`, `1e-1`, `0e0`, `1.5e300`, `99999999999999999999`,
		`true`, `false`, `null`, `""`, `"\u0000"`, `"\uD800"`, `"\uABCD\uabcd"`, `"\"\\\/\b\f\n\r\t"`, `"é"`,
	}
	invalid := []string{
		`+1`, `01`, `-01`, `00`, `-`, `.5`, `1.`, `1.e1`, `1e`, `1e+`, `0x1`, `1_0`, `1 0`, `Infinity`, `NaN`, `-a`, `٣`,
		`tru`, `True`, `truee`, `nul`, `nil`, `undefined`,
		`"`, `"\"`, `"\x41"`, `"\'"`, `"\a"`, `"\u"`, `"\u12"`, `"\u12g4"`, `"\U0041"`, "\"\n\"", "\"\t\"", "\"\x00\"", "\"\x1f\"", `"a" "b"`,
	}
	try := func(t *testing.T, value string, want error) {
		t.Helper()
		for _, in := range []string{`{"a":` + value + `}`, `{"a":[` + value + `]}`, `{"a":{"b":` + value + `}}`} {
			if got := json.Valid([]byte(in)); got != (want == nil) {
				t.Fatalf("the table is wrong: encoding/json says %t of %s", got, in)
			}
			if err := Object([]byte(in), 3, ignore); !errors.Is(err, want) {
				t.Errorf("%s: error %v, want %v", in, err, want)
			}
		}
	}
	for _, value := range valid {
		try(t, value, nil)
	}
	for _, value := range invalid {
		try(t, value, ErrSyntax)
	}
}

func TestObjectDepth(t *testing.T) {
	t.Parallel()

	for depth := 1; depth <= 40; depth++ {
		arrays := `{"a":` + strings.Repeat(`[`, depth-1) + strings.Repeat(`]`, depth-1) + `}`
		if depth == 1 {
			arrays = `{"a":1}`
		}
		objects := strings.Repeat(`{"a":`, depth-1) + `{}` + strings.Repeat(`}`, depth-1)
		for _, in := range []string{arrays, objects} {
			if err := Object([]byte(in), depth, ignore); err != nil {
				t.Errorf("depth %d of %d: %v", depth, depth, err)
			}
			if err := Object([]byte(in), depth-1, ignore); !errors.Is(err, ErrDepth) {
				t.Errorf("depth %d of %d: error %v, want ErrDepth", depth, depth-1, err)
			}
		}
	}
	bomb := `{"a":` + strings.Repeat(`[`, 1<<20)
	if err := Object([]byte(bomb), 32, ignore); !errors.Is(err, ErrDepth) {
		t.Errorf("a million brackets: error %v, want ErrDepth", err)
	}
}

func TestObjectStopsAtFieldError(t *testing.T) {
	t.Parallel()

	calls := 0
	err := Object([]byte(`{"a":1,"b":2,"c"`), 2, func(key, _ []byte) error {
		calls++
		if string(key) == "b" {
			return io.EOF
		}
		return nil
	})
	if err != io.EOF || calls != 2 {
		t.Errorf("got %v after %d calls, want io.EOF after 2", err, calls)
	}
}

func TestMembersMayRepeat(t *testing.T) {
	t.Parallel()

	var got []string
	err := Members([]byte(`{"a":1,"b":{},"\u0061":2}`), 2, func(key, value []byte) error {
		got = append(got, string(key)+"="+string(value))
		return nil
	})
	if want := []string{"a=1", "b={}", "a=2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if err := Members([]byte(`{"a":1,}`), 2, ignore); !errors.Is(err, ErrSyntax) {
		t.Errorf("error %v, want ErrSyntax", err)
	}
}

func TestElements(t *testing.T) {
	t.Parallel()

	tests := []struct {
		in, want string
		err      error
	}{
		{`[]`, ``, nil},
		{" [ 1 , \"a\"\t,[2 ],{ } ] ", `1 "a" [2 ] { }`, nil},
		{`[[[]]]`, ``, ErrDepth},
		{`[1,]`, `1`, ErrSyntax},
		{`[,1]`, ``, ErrSyntax},
		{`[1 2]`, `1`, ErrSyntax},
		{`[1]x`, `1`, ErrSyntax},
		{`[1`, `1`, ErrSyntax},
		{`[`, ``, ErrSyntax},
		{`{}`, ``, ErrSyntax},
		{``, ``, ErrSyntax},
	}
	for _, tt := range tests {
		var got []string
		err := Elements([]byte(tt.in), 2, func(value []byte) error {
			got = append(got, string(value))
			return nil
		})
		if got := strings.Join(got, " "); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", tt.in, got, err, tt.want, tt.err)
		}
	}
	if err := Elements([]byte(`[]`), 0, nil); !errors.Is(err, ErrDepth) {
		t.Errorf("error %v, want ErrDepth", err)
	}
	if err := Elements([]byte(`[1]`), 1, func([]byte) error { return io.EOF }); err != io.EOF {
		t.Errorf("error %v, want io.EOF", err)
	}
}

func TestObjectManyKeys(t *testing.T) {
	t.Parallel()

	var b strings.Builder
	b.WriteString(`{"k0":0`)
	const keys = 20_000
	for i := 1; i < keys; i++ {
		fmt.Fprintf(&b, `,"k%d":%d`, i, i)
	}
	calls := 0
	count := func(_, _ []byte) error { calls++; return nil }
	if err := Object([]byte(b.String()+`}`), 1, count); err != nil || calls != keys {
		t.Errorf("got %v after %d members, want all %d", err, calls, keys)
	}
	for _, again := range []string{"k0", "k7", "k8", "k9", "k19999"} {
		in := b.String() + `,"` + again + `":1}`
		if err := Object([]byte(in), 1, ignore); !errors.Is(err, ErrDuplicate) {
			t.Errorf("%s again: error %v, want ErrDuplicate", again, err)
		}
	}
}

func TestObjectLendsItsInput(t *testing.T) {
	t.Parallel()

	data := []byte(`{"a": {"b":1} }`)
	err := Object(data, 2, func(_, value []byte) error {
		if &value[0] != &data[6] {
			t.Error("the value is a copy")
		}
		if cap(value) != len(value) {
			t.Error("appending to the value would write into data")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestString(t *testing.T) {
	t.Parallel()

	tests := []struct {
		raw, want string
		ok        bool
	}{
		{`""`, "", true},
		{`"a"`, "a", true},
		{`"é😀"`, "é😀", true},
		{`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t", true},
		{`"\u0041\u00e9\u20AC"`, "Aé€", true},
		{`"\ud83d\ude00!"`, "😀!", true},
		{`"\ud83d"`, "\ufffd", true},
		{`"\ude00"`, "\ufffd", true},
		{`"\ude00\ud83d"`, "\ufffd\ufffd", true},
		{`"\ud83dx"`, "\ufffdx", true},
		{`"\ud83d\n"`, "\ufffd\n", true},
		{`"\ud83d\u0041"`, "\ufffdA", true},
		{`"\ud83d\ud83d\ude00"`, "\ufffd😀", true},
		{`"\ufffd"`, "\ufffd", true},
		{``, "", false},
		{`"`, "", false},
		{`"a`, "", false},
		{`a`, "", false},
		{`1`, "", false},
		{`null`, "", false},
		{`"a" `, "", false},
		{` "a"`, "", false},
		{`"a""`, "", false},
		{`"\q"`, "", false},
	}
	for _, tt := range tests {
		got, ok := String([]byte(tt.raw))
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %q, %t, want %q, %t", tt.raw, got, ok, tt.want, tt.ok)
		}
	}
}

const request = `{"id":"req_1","handler":"x","target":"#a","trigger":"click","data":{"name":"Ann","tags":["a","b"],"n":1},"swap":"innerHTML"}`

func BenchmarkObject(b *testing.B) {
	data := []byte(request)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Object(data, 32, ignore); err != nil {
			b.Fatal(err)
		}
	}
}

func ignore(_, _ []byte) error { return nil }
