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

// embeddedStruct is a struct whose fields are still to be listed.
type embeddedStruct struct {
	t     reflect.Type
	index []int
	twice bool // on one level, so that its fields hide each other
}

// allFields lists the fields of t and of the structs embedded in it, level by
// level. A type that was seen on a level above is not entered again: its fields
// are hidden by the first ones.
func allFields(t reflect.Type) []bindField {
	var fields []bindField
	seen := map[reflect.Type]bool{}
	for level := []embeddedStruct{{t: t}}; len(level) > 0; {
		var below []embeddedStruct
		for _, s := range level {
			if seen[s.t] {
				continue
			}
			seen[s.t] = true
			for i := range s.t.NumField() {
				field, embedded := fieldOf(s.t.Field(i))
				index := append(slices.Clone(s.index), i)
				if embedded != nil {
					below = enter(below, embedded, index)
				} else if field.name != "" {
					field.index = index
					fields = append(fields, field)
					if s.twice {
						fields = append(fields, field)
					}
				}
			}
		}
		level = below
	}
	return fields
}

func enter(level []embeddedStruct, t reflect.Type, index []int) []embeddedStruct {
	for i := range level {
		if level[i].t == t {
			level[i].twice = true
			return level
		}
	}
	return append(level, embeddedStruct{t: t, index: index})
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
	field = bindField{name: name, tagged: name != ""}
	if name == "" {
		field.name = f.Name
	}
	field.quoted = isScalar(f.Type) && slices.Contains(strings.Split(options, ","), "string")
	return field, nil
}

// isScalar says whether t, or what it points to, is a string, a bool or a real
// number. The option "string" of a tag is for those alone.
func isScalar(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	v := reflect.Zero(t)
	return t.Kind() == reflect.String || t.Kind() == reflect.Bool || v.CanInt() || v.CanUint() || v.CanFloat()
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
