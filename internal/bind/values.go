package bind

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// maxDepth is the nesting that encoding/json allows. Requests are far below it: they are bounded
// before they reach this package.
const maxDepth = 10_001

// value stores raw, which is valid JSON, in dst. It returns false if no part of it fitted, so that
// the caller doesn't create a pointer or a map entry for it.
func (b *binder) value(at *path, raw []byte, dst reflect.Value) bool {
	switch t := dst.Type(); {
	case !dst.CanSet(): // an embedded struct of an unexported type that has a name of its own
		return b.hidden(at, raw, dst)
	case t == timeType && raw[0] == '"':
		return b.time(at, raw, dst)
	case string(raw) == "null" || decodesItself(t):
		return b.delegate(at, raw, dst)
	case isNullable(t) && raw[0] != '{':
		return b.nullable(at, raw, dst)
	case t.Kind() == reflect.Pointer:
		return b.pointer(at, raw, dst)
	case t.Kind() == reflect.Struct:
		return b.structure(at, raw, dst)
	case t.Kind() == reflect.Map:
		return b.mapping(at, raw, dst)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && raw[0] == '"':
		return b.delegate(at, raw, dst) // base64
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return b.list(at, raw, dst)
	default:
		return b.leaf(at, raw, dst)
	}
}

// hidden fills a field that cannot be set because its own name is not exported. The exported fields
// of a struct still can.
func (b *binder) hidden(at *path, raw []byte, dst reflect.Value) bool {
	if dst.Kind() != reflect.Struct {
		return b.fail(at, "nothing, since "+dst.Type().String()+" is not exported", raw, nil)
	}
	return string(raw) == "null" || b.structure(at, raw, dst)
}

// delegate leaves a value to encoding/json.
func (b *binder) delegate(at *path, raw []byte, dst reflect.Value) bool {
	if err := json.Unmarshal(raw, dst.Addr().Interface()); err != nil {
		return b.fail(at, dst.Type().String(), raw, err)
	}
	return true
}

// pointer fills what a pointer points to, or sets it to nil for an empty string that doesn't fit.
func (b *binder) pointer(at *path, raw []byte, dst reflect.Value) bool {
	if string(raw) == `""` {
		var try binder
		target := reflect.New(dst.Type().Elem())
		if dst.Type().Elem() != timeType && try.value(at, raw, target.Elem()) {
			dst.Set(target)
		} else {
			dst.SetZero()
		}
		return true
	}
	if !dst.IsNil() {
		return b.value(at, raw, dst.Elem())
	}
	target := reflect.New(dst.Type().Elem())
	ok := b.value(at, raw, target.Elem())
	if ok {
		dst.Set(target)
	}
	return ok
}

// structure fills the fields of a struct. It ignores keys that have no field.
func (b *binder) structure(at *path, raw []byte, dst reflect.Value) bool {
	if raw[0] != '{' {
		return b.fail(at, "an object", raw, nil)
	}
	fields := fieldsOf(dst.Type())
	_ = strictjson.Members(raw, maxDepth, func(key, value []byte) error {
		f := fields.find(key)
		if f == nil {
			return nil
		}
		here := &path{parent: at, kind: inStruct, name: f.name}
		target, err := fieldByIndex(dst, f.index)
		if err != nil {
			b.fail(here, "nothing", value, err)
			return nil
		}
		if s, ok := strictjson.String(value); ok && f.quoted && json.Valid([]byte(s)) {
			value = []byte(strings.TrimSpace(s)) // the tag option "string"
		}
		b.value(here, value, target)
		return nil
	})
	return true
}

// fieldByIndex returns a field of v or of a struct embedded in it. It allocates the struct where an
// embedded pointer is nil.
func fieldByIndex(v reflect.Value, index []int) (reflect.Value, error) {
	for n, i := range index {
		if n > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return v, fmt.Errorf("the embedded %s is not exported", v.Type())
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, nil
}

// mapping adds entries to a map. It leaves out a key or value that doesn't fit.
func (b *binder) mapping(at *path, raw []byte, dst reflect.Value) bool {
	if raw[0] != '{' {
		return b.fail(at, "an object", raw, nil)
	}
	t := dst.Type()
	if dst.IsNil() {
		dst.Set(reflect.MakeMap(t))
	}
	_ = strictjson.Members(raw, maxDepth, func(name, value []byte) error {
		here := &path{parent: at, kind: inMap, name: string(name)}
		key := reflect.New(t.Key()).Elem()
		if !b.mapKey(here, string(name), key) {
			return nil
		}
		if elem := reflect.New(t.Elem()).Elem(); b.value(here, value, elem) {
			dst.SetMapIndex(key, elem)
		}
		return nil
	})
	return true
}

// mapKey stores name in key by the rules of encoding/json: with UnmarshalText, else as a string,
// else as a whole number.
func (b *binder) mapKey(at *path, name string, key reflect.Value) bool {
	text, err := json.Marshal(name)
	switch {
	case err != nil: // never for a string
		return false
	case reflect.PointerTo(key.Type()).Implements(textUnmarshaler):
		return b.delegate(at, text, key)
	case key.Kind() == reflect.String:
		key.SetString(name)
		return true
	case key.CanInt() || key.CanUint():
		return b.leaf(at, text, key)
	default:
		return b.fail(at, "a map with other keys than "+key.Type().String(), text, nil)
	}
}

// list fills a slice or an array. An element that doesn't fit stays zero, so that the others keep
// their index.
func (b *binder) list(at *path, raw []byte, dst reflect.Value) bool {
	array := dst.Kind() == reflect.Array
	if raw[0] == '{' {
		return b.fail(at, "a list", raw, nil)
	}
	if raw[0] != '[' {
		one := reflect.New(dst.Type().Elem()).Elem()
		if !b.value(at, raw, one) {
			return false
		}
		if array {
			dst.SetZero()
			if dst.Len() > 0 {
				dst.Index(0).Set(one)
			}
			return true
		}
		dst.Set(reflect.Append(reflect.MakeSlice(dst.Type(), 0, 1), one))
		return true
	}
	if array {
		dst.SetZero()
	} else {
		dst.Set(reflect.MakeSlice(dst.Type(), 0, 4))
	}
	i := 0
	_ = strictjson.Elements(raw, maxDepth, func(value []byte) error {
		here := &path{parent: at, kind: inList, index: i}
		switch {
		case !array:
			dst.Set(reflect.Append(dst, reflect.Zero(dst.Type().Elem())))
		case i >= dst.Len():
			return nil // encoding/json ignores what an array has no room for, too
		}
		b.value(here, value, dst.Index(i))
		i++
		return nil
	})
	return true
}

// leaf fills a string, a bool or a number.
func (b *binder) leaf(at *path, raw []byte, dst reflect.Value) bool {
	if raw[0] == '[' {
		raw = checkboxValue(raw, dst)
	}
	text, isString := strictjson.String(raw)
	if dst.Kind() == reflect.String {
		if !isString {
			return b.fail(at, "a text", raw, nil)
		}
		dst.SetString(text)
		return true
	}
	if dst.Kind() == reflect.Bool {
		return b.boolean(at, raw, strings.ToLower(text), isString, dst)
	}
	if isString {
		text = strings.TrimSpace(text)
	} else {
		text = string(raw)
	}
	switch {
	case dst.CanInt():
		return b.whole(at, raw, text, dst)
	case dst.CanUint():
		return b.unsigned(at, raw, text, dst)
	case dst.CanFloat():
		return b.float(at, raw, text, dst)
	default:
		return b.fail(at, "a "+dst.Type().String()+", which data cannot be", raw, nil)
	}
}

// boolean stores a bool. Text is raw in lower case if it is a string.
func (b *binder) boolean(at *path, raw []byte, text string, isString bool, dst reflect.Value) bool {
	switch {
	case !isString && raw[0] == 't', isString && slices.Contains([]string{"on", "true", "1", "yes"}, text):
		dst.SetBool(true)
	case !isString && raw[0] == 'f', isString && slices.Contains([]string{"off", "false", "0", "no", ""}, text):
		dst.SetBool(false)
	default:
		return b.fail(at, "yes or no", raw, nil)
	}
	return true
}

// whole stores a signed integer.
func (b *binder) whole(at *path, raw []byte, text string, dst reflect.Value) bool {
	n, err := strconv.ParseInt(text, 10, dst.Type().Bits())
	if errors.Is(err, strconv.ErrRange) {
		limit := uint64(1) << (dst.Type().Bits() - 1)
		return b.fail(at, fmt.Sprintf("a whole number from -%d to %d", limit, limit-1), raw, nil)
	}
	if err != nil {
		return b.fail(at, "a whole number", raw, nil)
	}
	dst.SetInt(n)
	return true
}

// unsigned stores an unsigned integer.
func (b *binder) unsigned(at *path, raw []byte, text string, dst reflect.Value) bool {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, dst.Type().Bits())
	if err != nil {
		// The limits help only if a whole number was sent.
		wants := "a whole number"
		if errors.Is(err, strconv.ErrRange) || strings.HasPrefix(text, "-") {
			wants = fmt.Sprintf("a whole number from 0 to %d", ^uint64(0)>>(64-dst.Type().Bits()))
		}
		return b.fail(at, wants, raw, nil)
	}
	dst.SetUint(n)
	return true
}

// float stores a floating-point number.
func (b *binder) float(at *path, raw []byte, text string, dst reflect.Value) bool {
	// ParseFloat also accepts infinities, NaN and hexadecimal digits.
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return b.fail(at, "a number", raw, nil)
	}
	f, err := strconv.ParseFloat(text, dst.Type().Bits())
	if errors.Is(err, strconv.ErrRange) {
		return b.fail(at, "a number that is not so large", raw, nil)
	}
	if err != nil {
		return b.fail(at, "a number", raw, nil)
	}
	dst.SetFloat(f)
	return true
}
