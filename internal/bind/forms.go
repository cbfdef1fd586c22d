package bind

import (
	"reflect"
	"strings"
	"time"

	"github.com/wsxgo/wsx/internal/strictjson"
)

var timeType = reflect.TypeFor[time.Time]()

// timeLayouts are what the fields of forms send: datetime-local, date and month (HTML, section 2.3.5). They name no time zone, so the
// result is in UTC.
var timeLayouts = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", time.DateOnly, "2006-01"}

// time stores a time.Time: as encoding/json accepts it, or as a field of a form sends it. An empty field is the zero time.
func (b *binder) time(at *path, raw []byte, dst reflect.Value) bool {
	text, _ := strictjson.String(raw)
	text = strings.TrimSpace(text)
	if text == "" {
		dst.SetZero()
		return true
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		dst.Set(reflect.ValueOf(at))
		return true
	}
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			dst.Set(reflect.ValueOf(at))
			return true
		}
	}
	return b.fail(at, "a date, with or without a time, or a month", raw, nil)
}

// isNullable reports whether t is an optional value of database/sql, such as sql.Null[int] or sql.NullTime: a value and the bool
// Valid. It goes by the name, so that programs without a database don't link that package.
func isNullable(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == "database/sql" && t.NumField() == 2 && t.Field(1).Name == "Valid"
}

// nullable stores an optional value. An empty string makes it invalid, as it makes a pointer nil.
func (b *binder) nullable(at *path, raw []byte, dst reflect.Value) bool {
	dst.SetZero()
	if string(raw) == `""` {
		return true
	}
	ok := b.value(at, raw, dst.Field(0))
	dst.Field(1).SetBool(ok)
	return ok
}

// checkboxValue returns the element that decides for a list that is meant for a single value. Forms put a hidden field before a
// checkbox, so that something is sent when it isn't checked: of a bool the last value counts, and so does that of a number after a
// zero.
func checkboxValue(raw []byte, dst reflect.Value) []byte {
	var elements [][]byte
	_ = strictjson.Elements(raw, maxDepth, func(element []byte) error {
		elements = append(elements, element)
		return nil
	})
	n := len(elements)
	switch {
	case n == 0, strings.ContainsRune("[{", rune(elements[n-1][0])):
		return raw
	case dst.Kind() == reflect.Bool:
		return elements[n-1]
	case n == 2 && (dst.CanInt() || dst.CanUint()) && (string(elements[0]) == `"0"` || string(elements[0]) == "0"):
		return elements[1]
	}
	return raw
}
