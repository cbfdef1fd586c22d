package wsx

// supersedes reports whether a queued message gives way to a newer one, because a page that shows only the newer one ends up the
// same. Last says that nothing is queued after the older one. The newer one takes its place at the tail.
//
// With a key the program has promised as much. Without a key it holds for fragments that replace all that is inside one element,
// and only if nothing lies between them: any fragment in between may have its target inside what the older one shows. Dropping any
// older replacing fragment of the same target is the obvious rule, and it shows wrong pages.
func supersedes(newer, older *message, last bool) bool {
	if newer.room != older.room || newer.reply || older.reply || newer.volatile && !older.volatile {
		return false
	}
	if newer.key != "" && newer.key == older.key {
		return true
	}
	return last && newer.replacesInside() && older.replacesInside() && newer.fragments[0].Target == older.fragments[0].Target
}

// replacesInside reports whether m replaces all that is inside one element and does nothing else.
func (m *message) replacesInside() bool {
	return len(m.fragments) == 1 && m.fragments[0].ReplacesInside()
}
