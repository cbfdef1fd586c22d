package bind

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// A jsonField is a field of a struct, or of one embedded in it, that has a name in JSON.
type jsonField struct {
	name   string
	tagged bool // the name comes from a tag
	quoted bool // the tag has the option "string"
	index  []int
}

// jsonFields are the fields of a struct, in the order of their declaration.
type jsonFields []jsonField

var fieldsCache sync.Map // reflect.Type → jsonFields; bounded by the number of types in the program

func fieldsOf(t reflect.Type) jsonFields {
	if fields, ok := fieldsCache.Load(t); ok {
		return fields.(jsonFields)
	}
	fields, _ := fieldsCache.LoadOrStore(t, dominant(allFields(t)))
	return fields.(jsonFields)
}

// find returns the field for a key: the one with exactly this name, else the first that differs
// only in case, else nil.
func (fs jsonFields) find(key []byte) *jsonField {
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

// An embeddedStruct is a struct whose fields are yet to be listed.
type embeddedStruct struct {
	t     reflect.Type
	index []int
	twice bool // embedded twice on one level, so its fields hide each other
}

// allFields lists the fields of t and of the structs embedded in it, level by level. It skips a
// type that was seen on a level above, because the fields there hide those below.
func allFields(t reflect.Type) []jsonField {
	var fields []jsonField
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
					below = addLevel(below, embedded, index)
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

// addLevel adds t to a level, or marks it as being there twice.
func addLevel(level []embeddedStruct, t reflect.Type, index []int) []embeddedStruct {
	for i := range level {
		if level[i].t == t {
			level[i].twice = true
			return level
		}
	}
	return append(level, embeddedStruct{t: t, index: index})
}

// fieldOf returns the name and options that f has in JSON. For an embedded struct whose fields
// count as if they stood in its place, it returns the type of that struct instead. For a field that
// JSON ignores it returns neither.
func fieldOf(f reflect.StructField) (field jsonField, embedded reflect.Type) {
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
	field = jsonField{name: name, tagged: name != ""}
	if name == "" {
		field.name = f.Name
	}
	field.quoted = isScalar(f.Type) && slices.Contains(strings.Split(options, ","), "string")
	return field, nil
}

// isScalar reports whether t, or what it points to, is a string, a bool or a real number. The tag
// option "string" applies to those only.
func isScalar(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	v := reflect.Zero(t)
	return t.Kind() == reflect.String || t.Kind() == reflect.Bool || v.CanInt() || v.CanUint() || v.CanFloat()
}

// validTagName reports whether encoding/json accepts name in a tag.
func validTagName(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// dominant returns at most one field of each name: the least embedded one, and among those the one
// with a tag. If several remain, it returns none of them, as Go itself does.
func dominant(all []jsonField) jsonFields {
	best := map[string][]jsonField{}
	for _, f := range all {
		rivals := best[f.name]
		switch {
		case len(rivals) == 0 || beats(f, rivals[0]):
			best[f.name] = []jsonField{f}
		case !beats(rivals[0], f):
			best[f.name] = append(rivals, f)
		}
	}
	var fields jsonFields
	for _, rivals := range best {
		if len(rivals) == 1 {
			fields = append(fields, rivals[0])
		}
	}
	slices.SortFunc(fields, func(a, b jsonField) int { return slices.Compare(a.index, b.index) })
	return fields
}

// beats reports whether a hides b, a field of the same name.
func beats(a, b jsonField) bool {
	if len(a.index) != len(b.index) {
		return len(a.index) < len(b.index)
	}
	return a.tagged && !b.tagged
}
