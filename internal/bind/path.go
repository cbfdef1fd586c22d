package bind

import "strconv"

// A path leads from the data to a value, as a list from the value upwards. It becomes text only
// when there is a problem. The nil path is that of the data itself.
type path struct {
	parent *path
	kind   stepKind
	name   string // of a struct's field, or the key of a map's entry
	index  int    // of a list's element
}

type stepKind byte

const (
	inStruct stepKind = iota
	inMap
	inList
)

// String returns a text such as order.items[3].price, or the end of it if it is too long.
func (p *path) String() string {
	var text string
	for ; p != nil && len(text) <= maxPath; p = p.parent {
		if text != "" && text[0] != '[' {
			text = "." + text
		}
		switch p.kind {
		case inStruct:
			text = p.name + text
		case inMap:
			text = "[" + quote(p.name) + "]" + text
		case inList:
			text = "[" + strconv.Itoa(p.index) + "]" + text
		}
	}
	if p != nil {
		text = "…" + text
	}
	return text
}
