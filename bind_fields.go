package wsx

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// bindField is a field of a struct, or of one embedded in it, that has a name in
// JSON.
type bindField struct {
	name   string
	tagged bool // the name stands in a tag
	quoted bool // the tag has the option "string"
	index  []int
}

// bindFields are a struct's fields, in the order in which they are declared.
type bindFields []bindField

var bindFieldsCache sync.Map // reflect.Type to bindFields; as many as the program has types

func bindFieldsOf(t reflect.Type) bindFields {
	if fields, ok := bindFieldsCache.Load(t); ok {
		return fields.(bindFields)
	}
	fields, _ := bindFieldsCache.LoadOrStore(t, dominant(allFields(t)))
	return fields.(bindFields)
}

// find returns the field for a key: the one with exactly this name, else the
// first that differs only in case, else nil.
func (fs bindFields) find(key []byte) *bindField {
	name := string(key)
	for i := range fs {
		if fs[i].name == name {
			return &fs[i]
		}
	}
	for i := range fs {
		if strings.EqualFold(fs[i].name, name) {
			return &fs[i]
		}
	}
	return nil
}

// allFields lists the fields of t and of the structs embedded in it, level by
// level. A type that was seen on a level above is not entered again: its fields
// are hidden by the first ones. On its own level it is, once more, because two
// of a kind hide each other.
func allFields(t reflect.Type) []bindField {
	type level struct {
		t     reflect.Type
		index []int
	}
	var fields []bindField
	above := map[reflect.Type]bool{}
	for next := []level{{t: t}}; len(next) > 0; {
		current := next
		next = nil
		times := map[reflect.Type]int{}
		for _, l := range current {
			if times[l.t]++; above[l.t] || times[l.t] > 2 {
				continue
			}
			for i := range l.t.NumField() {
				f := l.t.Field(i)
				field, embedded := fieldOf(f)
				index := append(slices.Clone(l.index), i)
				switch {
				case embedded != nil:
					next = append(next, level{embedded, index})
				case field.name != "":
					field.index = index
					fields = append(fields, field)
				}
			}
		}
		for t := range times {
			above[t] = true
		}
	}
	return fields
}

// fieldOf returns the name and options of f in JSON, or the struct whose fields
// count as if they stood in its place. It returns nothing for a field that JSON
// does not see.
func fieldOf(f reflect.StructField) (field bindField, embedded reflect.Type) {
	t := f.Type
	if f.Anonymous && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	isStruct := f.Anonymous && t.Kind() == reflect.Struct
	tag := f.Tag.Get("json")
	if tag == "-" || !f.IsExported() && !isStruct {
		return field, nil
	}
	name, options, _ := strings.Cut(tag, ",")
	if !validTagName(name) {
		name = ""
	}
	if name == "" && isStruct {
		return field, t
	}
	if !f.IsExported() && name == "" {
		return field, nil
	}
	field = bindField{name: name, tagged: name != "", quoted: slices.Contains(strings.Split(options, ","), "string")}
	if name == "" {
		field.name = f.Name
	}
	return field, nil
}

// validTagName is encoding/json's rule for a name in a tag.
func validTagName(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// dominant leaves one field of each name: the least embedded; of those the one
// with a tag; and none at all when there are still several, as in Go itself.
func dominant(all []bindField) bindFields {
	best := map[string][]bindField{}
	for _, f := range all {
		rivals := best[f.name]
		switch {
		case len(rivals) == 0 || beats(f, rivals[0]):
			best[f.name] = []bindField{f}
		case !beats(rivals[0], f):
			best[f.name] = append(rivals, f)
		}
	}
	var fields bindFields
	for _, rivals := range best {
		if len(rivals) == 1 {
			fields = append(fields, rivals[0])
		}
	}
	slices.SortFunc(fields, func(a, b bindField) int { return slices.Compare(a.index, b.index) })
	return fields
}

func beats(a, b bindField) bool {
	if len(a.index) != len(b.index) {
		return len(a.index) < len(b.index)
	}
	return a.tagged && !b.tagged
}
