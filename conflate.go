package wsx

import "strings"

// supersedes reports that a queued message gives way to a newer one, because a page that shows the newer alone ends up the
// same. Last says that nothing is queued after the older. The newer takes its place at the tail.
//
// With a key the program has promised as much. Without one it holds for what replaces all that is inside one element, and
// only if nothing lies between: any fragment between may have its place inside what the older one shows. Dropping any older
// replacing fragment of the same target is the obvious rule, and a wrong one.
func supersedes(newer, older *message, last bool) bool {
	if newer.room != older.room || newer.reply || older.reply || newer.volatile && !older.volatile {
		return false
	}
	if newer.key != "" && newer.key == older.key {
		return true
	}
	return last && replacesInside(newer.fragments) && replacesInside(older.fragments) &&
		newer.fragments[0].Target == older.fragments[0].Target
}

// replacesInside reports that fragments is one that replaces all that is inside one element.
func replacesInside(fragments []Fragment) bool {
	if len(fragments) != 1 || !isID(fragments[0].Target) {
		return false
	}
	switch fragments[0].Swap { // with a modifier it is none of these
	case Inner, MorphInner, TextContent:
		return true
	}
	return false
}

// isID reports that a selector is one id and nothing else. An id that CSS wants escaped is left out: two writings of it may
// or may not be the same.
func isID(selector string) bool {
	id, found := strings.CutPrefix(selector, "#")
	return found && id != "" && !strings.ContainsFunc(id, func(r rune) bool {
		return r < 0x80 && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
