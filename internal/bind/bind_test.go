package bind

import (
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

type (
	color  string
	points int16
	base   struct {
		ID   int `json:"id"`
		Kind string
	}
	Extra struct {
		Note string
		Kind string // hides, and is hidden by, base's
	}
	item struct {
		Name  string
		Price float64
		Tags  []string
	}
	// order has one field of every sort that Decode treats differently.
	order struct {
		base
		*Extra
		Named    base `json:"named"`
		Text     string
		Color    color
		Age      int
		Small    int8
		Points   points
		Count    uint
		Byte     uint8
		Ratio    float32
		Price    float64 `json:"price"`
		Yes      bool
		Maybe    *int
		MaybeYes *bool
		MaybeStr *string
		Deep     **int
		Tags     []string
		Numbers  []int
		Pair     [2]int
		Raw      json.RawMessage
		Bytes    []byte
		Items    []item
		First    *item
		Scores   map[string]int
		ByNumber map[int]string
		ByAddr   map[netip.Addr]bool
		Lists    map[string][]int
		When     time.Time
		MaybeAt  *time.Time
		Big      *big.Int
		Number   json.Number
		Any      any
		Error    error
		Channel  chan int
		Quoted   int    `json:",string"`
		QuotedS  string `json:"quotedS,string"`
		Skipped  int    `json:"-"`
		//lint:ignore SA5008 encoding/json calls it "-", and so must Decode
		Dash int `json:"-,"`
		//lint:ignore SA5008 encoding/json does not accept such a name, so Decode must not either
		Odd int `json:"o\"d"`
		//lint:ignore U1000 Decode must ignore it
		hidden int
	}
)

// ptr shortens tables.
func ptr[T any](v T) *T { return &v }

func TestDecode(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name, in string
		want     order
	}{
		{"nothing", ``, order{}},
		{"null", ` null `, order{}},
		{"an empty object", `{}`, order{}},
		{"what encoding/json takes", `{"text":"a","age":3,"yes":true,"tags":["x"],"maybe":1,"scores":{"a":1}}`,
			order{Text: "a", Age: 3, Yes: true, Tags: []string{"x"}, Maybe: ptr(1), Scores: map[string]int{"a": 1}}},
		{"numbers from strings", `{"age":"12","small":"-128","points":" 7 ","count":"+0","byte":"255","ratio":"0.5","price":"1e3"}`,
			order{Age: 12, Small: -128, Points: 7, Byte: 255, Ratio: 0.5, Price: 1000}},
		{"a unicode escape in a number", `{"age":"\u0031\u0032"}`, order{Age: 12}},
		{"a checkbox", `{"yes":"on","age":"1"}`, order{Yes: true, Age: 1}},
		{"true", `{"yes":"true"}`, order{Yes: true}},
		{"one", `{"yes":"1"}`, order{Yes: true}},
		{"off", `{"yes":"off"}`, order{}},
		{"empty is no", `{"yes":""}`, order{}},
		{"one string for a slice", `{"tags":"a"}`, order{Tags: []string{"a"}}},
		{"one string for a slice of numbers", `{"numbers":"7"}`, order{Numbers: []int{7}}},
		{"one number for a slice", `{"numbers":7}`, order{Numbers: []int{7}}},
		{"strings for a slice of numbers", `{"numbers":["1","2"]}`, order{Numbers: []int{1, 2}}},
		{"an empty slice", `{"numbers":[],"age":"1"}`, order{Numbers: []int{}, Age: 1}},
		{"an array", `{"pair":["1"]}`, order{Pair: [2]int{1, 0}}},
		{"an array that is too short", `{"pair":["1","2","3"]}`, order{Pair: [2]int{1, 2}}},
		{"one value for an array", `{"pair":"9"}`, order{Pair: [2]int{9, 0}}},
		{"a pointer to a number", `{"maybe":"5","deep":"6"}`, order{Maybe: ptr(5), Deep: ptr(ptr(6))}},
		{"empty for pointers", `{"maybe":"","maybeAt":"","maybeYes":"","maybeStr":"","first":""}`,
			order{MaybeYes: ptr(false), MaybeStr: ptr("")}},
		{"null for a pointer", `{"maybe":null,"age":"1"}`, order{Age: 1}},
		{"inner structs", `{"items":[{"name":"a","price":"1.5","tags":"x"},{"price":2}],"first":{"price":"3"}}`,
			order{Items: []item{{"a", 1.5, []string{"x"}}, {Price: 2}}, First: &item{Price: 3}}},
		{"maps", `{"scores":{"a":"1","b":2},"byNumber":{"7":"x"},"byAddr":{"::1":"on"},"lists":{"a":"1","b":["2"]}}`,
			order{Scores: map[string]int{"a": 1, "b": 2}, ByNumber: map[int]string{7: "x"},
				ByAddr: map[netip.Addr]bool{netip.IPv6Loopback(): true}, Lists: map[string][]int{"a": {1}, "b": {2}}}},
		{"types that decode themselves", `{"when":"2026-01-02T03:04:05Z","big":12,"number":"1.50","raw":{"a":"1"},"bytes":"YQ==","any":"1","age":"1"}`,
			order{When: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Big: big.NewInt(12), Number: "1.50",
				Raw: json.RawMessage(`{"a":"1"}`), Bytes: []byte("a"), Any: "1", Age: 1}},
		{"the option string", `{"quoted":"5","quotedS":"\"a\"","age":"1"}`, order{Quoted: 5, QuotedS: "a", Age: 1}},
		{"the option string, from a form", `{"quoted":5,"quotedS":"a"}`, order{Quoted: 5, QuotedS: "a"}},
		{"an embedded struct", `{"id":"7","note":"n","age":"1"}`, order{base: base{ID: 7}, Extra: &Extra{Note: "n"}, Age: 1}},
		{"a name that is hidden", `{"kind":"k","age":"1"}`, order{Age: 1}},
		{"fields without a name", `{"skipped":1,"hidden":1,"-":"2","o\"d":1,"odd":"3","age":"1"}`, order{Dash: 2, Odd: 3, Age: 1}},
		{"unknown keys", `{"other":{"a":[1]},"age":"1"}`, order{Age: 1}},
		{"the exact name first", `{"PRICE":"1","price":"2"}`, order{Price: 2}},
		{"any case", `{"TEXT":"a","aGe":"1"}`, order{Text: "a", Age: 1}},
		{"the last of two", `{"age":"1","age":"2"}`, order{Age: 2}},
		{"white space", " {\n \"age\" : \"1\" , \"tags\" : [ \"a\" ] } ", order{Age: 1, Tags: []string{"a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got order
			if err := Decode(json.RawMessage(tt.in), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s:\n got %+v\nwant %+v", tt.in, got, tt.want)
			}
		})
	}
}

func TestErrorNamesWhatDoesNotFit(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("x", 100)
	tests := []struct {
		in, want string
		filled   order
	}{
		{`{"age":"abc","text":"a"}`, `age: wants a whole number, got "abc"`, order{Text: "a"}},
		{`{"age":"","ratio":""}`, `Age: wants a whole number, got ""; Ratio: wants a number, got ""`, order{}},
		{`{"tags":["a",1,"b"],"age":"x","yes":"1"}`, `Tags[1]: wants a text, got 1; Age: wants a whole number, got "x"`,
			order{Tags: []string{"a", "", "b"}, Yes: true}},
		{`{"small":"300"}`, `Small: wants a whole number from -128 to 127, got "300"`, order{}},
		{`{"small":300}`, `Small: wants a whole number from -128 to 127, got 300`, order{}},
		{`{"points":-40000}`, `Points: wants a whole number from -32768 to 32767, got -40000`, order{}},
		{`{"age":1e30}`, `Age: wants a whole number, got 1e30`, order{}},
		{`{"age":99999999999999999999}`, `Age: wants a whole number from -9223372036854775808 to 9223372036854775807, got 99999999999999999999`, order{}},
		{`{"byte":256,"count":-1}`, `Byte: wants a whole number from 0 to 255, got 256; Count: wants a whole number from 0 to 18446744073709551615, got -1`, order{}},
		{`{"ratio":"1e39","price":"1e400"}`, `Ratio: wants a number that is not so large, got "1e39"; price: wants a number that is not so large, got "1e400"`, order{}},
		{`{"price":"inf"}`, `price: wants a number, got "inf"`, order{}},
		{`{"price":"0x10"}`, `price: wants a number, got "0x10"`, order{}},
		{`{"price":"1_0"}`, `price: wants a number, got "1_0"`, order{}},
		{`{"age":"1.0"}`, `Age: wants a whole number, got "1.0"`, order{}},
		{`{"age":true}`, `Age: wants a whole number, got true`, order{}},
		{`{"age":{}}`, `Age: wants a whole number, got an object`, order{}},
		{`{"age":[1]}`, `Age: wants a whole number, got a list`, order{}},
		{`{"text":1}`, `Text: wants a text, got 1`, order{}},
		{`{"yes":"maybe"}`, `Yes: wants yes or no, got "maybe"`, order{}},
		{`{"yes":1}`, `Yes: wants yes or no, got 1`, order{}},
		{`{"maybe":"x"}`, `Maybe: wants a whole number, got "x"`, order{}},
		{`{"first":"x"}`, `First: wants an object, got "x"`, order{}},
		{`{"items":[{"price":"x","name":"a"},1]}`, `Items[0].Price: wants a number, got "x"; Items[1]: wants an object, got 1`,
			order{Items: []item{{Name: "a"}, {}}}},
		{`{"items":{"price":1}}`, `Items: wants a list, got an object`, order{}},
		{`{"numbers":"x"}`, `Numbers: wants a whole number, got "x"`, order{}},
		{`{"scores":{"a":"x","b":"1"}}`, `Scores["a"]: wants a whole number, got "x"`, order{Scores: map[string]int{"b": 1}}},
		{`{"scores":[1]}`, `Scores: wants an object, got a list`, order{}},
		{`{"byNumber":{"x":"a","1":"b"}}`, `ByNumber["x"]: wants a whole number, got "x"`, order{ByNumber: map[int]string{1: "b"}}},
		{`{"lists":{"a":["1","x"]}}`, `Lists["a"][1]: wants a whole number, got "x"`, order{Lists: map[string][]int{"a": {1, 0}}}},
		{`{"when":"x","age":"1"}`, `When: wants a date, with or without a time, or a month, got "x"`, order{Age: 1}},
		{`{"number":"x"}`, `Number: wants json.Number, got "x": json: invalid number literal, trying to unmarshal "\"x\"" into Number`, order{}},
		{`{"bytes":"?"}`, `Bytes: wants []uint8, got "?": illegal base64 data at input byte 0`, order{}},
		{`{"error":"x"}`, `Error: wants error, got "x"`, order{}},
		{`{"channel":1}`, `Channel: wants a chan int, which data cannot be, got 1`, order{}},
		{`{"quoted":"x"}`, `Quoted: wants a whole number, got "x"`, order{}},
		{`{"named":{"id":"x"},"id":"y"}`, `named.id: wants a whole number, got "x"; id: wants a whole number, got "y"`, order{}},
		{`{"age":"` + long + `"}`, `Age: wants a whole number, got "` + long[:32] + `…"`, order{}},
		{`{"age":"` + strings.Repeat("é", 40) + `x"}`, `Age: wants a whole number, got "` + strings.Repeat("é", 16) + `…"`, order{}},
		{`{"age":1.` + strings.Repeat("0", 100) + `}`, `Age: wants a whole number, got 1.` + strings.Repeat("0", 30) + `…`, order{}},
		{`{"age":"\n\u202e<"}`, `Age: wants a whole number, got "\n\u202e<"`, order{}},
		{`{"age":"1"`, `it is not JSON`, order{}},
		{`[]`, `wants an object, got a list`, order{}},
		{`"a"`, `wants an object, got "a"`, order{}},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			var got order
			err := Decode(json.RawMessage(tt.in), &got)
			var bad *Error
			if !errors.As(err, &bad) {
				t.Fatalf("error %v, want a *Error", err)
			}
			want := "wsx: data does not fit: " + strings.Replace(tt.want, "age:", "Age:", 1)
			if err.Error() != want {
				t.Errorf("\n got %s\nwant %s", err, want)
			}
			if !reflect.DeepEqual(got, tt.filled) {
				t.Errorf("filled %+v\n  want %+v", got, tt.filled)
			}
		})
	}
}

func TestErrorIsBounded(t *testing.T) {
	t.Parallel()

	t.Run("many problems", func(t *testing.T) {
		t.Parallel()
		var got []int
		err := Decode(json.RawMessage(`["x"`+strings.Repeat(`,"`+strings.Repeat("y", 50)+`"`, 999)+`]`), &got)
		if err == nil || !strings.HasSuffix(err.Error(), "; and 984 more") || len(err.Error()) > 2000 {
			t.Errorf("got %v", err)
		}
		if len(got) != 1000 {
			t.Errorf("%d elements, want them all", len(got))
		}
	})
	t.Run("a long way", func(t *testing.T) {
		t.Parallel()
		type nest struct{ Inner map[string]nest }
		data := "1"
		for range 200 {
			data = `{"inner":{"` + strings.Repeat("k", 100) + `":` + data + `}}`
		}
		var got nest
		err := Decode(json.RawMessage(data), &got)
		if err == nil || len(err.Error()) > 400 || !strings.Contains(err.Error(), "…") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a long error of a type", func(t *testing.T) {
		t.Parallel()
		var got struct{ V chatty }
		err := Decode(json.RawMessage(`{"v":1}`), &got)
		if err == nil || len(err.Error()) > 300 {
			t.Errorf("got %v", err)
		}
	})
}

type chatty struct{}

func (*chatty) UnmarshalJSON([]byte) error { return errors.New(strings.Repeat("long ", 1000)) }

func TestDecodeWrongTarget(t *testing.T) {
	t.Parallel()

	for _, v := range []any{nil, order{}, (*order)(nil), 1, map[string]int{}} {
		err := Decode(json.RawMessage(`{}`), v)
		var bad *Error
		if err == nil || errors.As(err, &bad) {
			t.Errorf("%T: error %v, want one that is not an *Error", v, err)
		}
	}
}

func TestDecodeOtherTargets(t *testing.T) {
	t.Parallel()

	var m map[string]int
	if err := Decode(nil, &m); err != nil || m == nil || len(m) != 0 {
		t.Errorf("a map and no data: %v, %v", m, err)
	}
	var anything any
	if err := Decode(json.RawMessage(`{"a":"1"}`), &anything); err != nil || !reflect.DeepEqual(anything, map[string]any{"a": "1"}) {
		t.Errorf("any: %v, %v", anything, err)
	}
	var raw json.RawMessage
	if err := Decode(json.RawMessage(` null`), &raw); err != nil || string(raw) != "{}" {
		t.Errorf("raw: %s, %v", raw, err)
	}
	var p *order
	if err := Decode(json.RawMessage(`{"age":"1"}`), &p); err != nil || p == nil || p.Age != 1 {
		t.Errorf("a pointer: %v, %v", p, err)
	}
	var n int
	if err := Decode(json.RawMessage(`"5"`), &n); err != nil || n != 5 {
		t.Errorf("an int: %d, %v", n, err)
	}
}

func TestDecodeKeepsWhatWasThere(t *testing.T) {
	t.Parallel()

	for _, in := range []string{`{"age":2,"first":{"price":2}}`, `{"age":"2","first":{"price":"2"}}`} {
		first := &item{Name: "kept", Price: 1}
		got := order{Text: "kept", Age: 1, First: first, Scores: map[string]int{"kept": 1}}
		if err := Decode(json.RawMessage(in), &got); err != nil {
			t.Fatal(err)
		}
		want := order{Text: "kept", Age: 2, First: &item{Name: "kept", Price: 2}, Scores: map[string]int{"kept": 1}}
		if !reflect.DeepEqual(got, want) || got.First != first {
			t.Errorf("%s: got %+v, want %+v", in, got, want)
		}
	}
}
