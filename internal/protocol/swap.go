package protocol

import "strings"

// A style is the first word of a swap after it has been checked. The zero style is invalid.
type style uint8

const (
	unknownStyle style = iota
	inner
	outer
	morph
	morphInner
	textContent
	before
	prepend
	appendStyle
	after
	deleteStyle
	none
	ownStyle    // begins with "x-"; defined by the page
	actionStyle // a verb and its arguments instead of HTML
)

// The names of the styles that browsers know: those of the original, and htmx 4's where the
// original has none.
const (
	Inner       = "innerHTML"
	Outer       = "outerHTML"
	Morph       = "outerMorph"
	MorphInner  = "innerMorph"
	TextContent = "textContent"
	Before      = "beforebegin"
	Prepend     = "afterbegin"
	Append      = "beforeend"
	After       = "afterend"
	Delete      = "delete"
	None        = "none"
)

// morphAlias is the name that htmx's extensions use for Morph.
const morphAlias = "morph"

// styleOf returns the style with this name, or unknownStyle.
func styleOf(word string) style {
	switch word {
	case Inner:
		return inner
	case Outer:
		return outer
	case Morph:
		return morph
	case MorphInner:
		return morphInner
	case TextContent:
		return textContent
	case Before:
		return before
	case Prepend:
		return prepend
	case Append:
		return appendStyle
	case After:
		return after
	case Delete:
		return deleteStyle
	case None:
		return none
	}
	if strings.HasPrefix(word, "x-") {
		return ownStyle
	}
	return unknownStyle
}

// parseSwap returns the style of a swap, and the swap with an explicit style, followed by its
// modifiers. If the swap begins with a modifier, a word with a colon, the style is Inner, as in the
// original.
func parseSwap(swap string) (s style, written string) {
	if s = styleOf(swap); s != unknownStyle && !strings.Contains(swap, " ") && !strings.Contains(swap, ":") {
		return s, swap // the common case, without allocations
	}
	text := strings.TrimSpace(swap)
	first, rest, found := strings.Cut(text, " ")
	switch {
	case first == "":
		return inner, Inner
	case first == morphAlias:
		return morph, Morph + strings.TrimPrefix(text, first)
	case strings.Contains(first, ":"):
		return inner, Inner + " " + text
	case found:
		return styleOf(first), first + " " + rest
	}
	return styleOf(first), first
}

// RequestedSwap returns the swap that a browser asks for, with an explicit style. An unknown style
// is read as Inner, as in the original.
func RequestedSwap(swap string) string {
	s, written := parseSwap(swap)
	if s == unknownStyle {
		return Inner
	}
	return written
}
