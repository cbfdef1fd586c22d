// Package textcut shortens text that a browser or a program chose, before it is logged or sent.
package textcut

import (
	"strings"
	"unicode/utf8"
)

// Truncate returns the longest prefix of s that has at most limit bytes and ends between runes.
// Invalid UTF-8 in s is replaced by U+FFFD first, so the result is always valid.
func Truncate(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= limit {
		return s
	}
	for !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
