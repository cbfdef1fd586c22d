package wsx

import "strings"

// Swap says how html takes its place at a target: a style, then modifiers, each after a blank, as in
// Append + " scroll:bottom". The styles are the constants below; a style that begins with "x-" is a page's own. The empty
// Swap is Inner, and "morph" is Morph. Modifiers are read by the browser alone; those that it does not know are ignored there.
type Swap string

// The styles: the original's words, and htmx 4's where the original has none.
const (
	Inner       Swap = "innerHTML"   // replaces what is inside the target
	Outer       Swap = "outerHTML"   // replaces the target
	Morph       Swap = "outerMorph"  // turns the target into the html, keeping what is equal; plain clients: Outer
	MorphInner  Swap = "innerMorph"  // the same for what is inside the target; plain clients: Inner
	TextContent Swap = "textContent" // shows the text of the html, so that Text(s) comes out as s; plain clients: Inner
	Before      Swap = "beforebegin" // puts the html before the target
	Prepend     Swap = "afterbegin"  // puts the html first into the target
	Append      Swap = "beforeend"   // puts the html last into the target
	After       Swap = "afterend"    // puts the html after the target
	Delete      Swap = "delete"      // removes the target; the html is not shown
	None        Swap = "none"        // changes nothing at the target
)

// style returns the style of s and the modifiers that follow it, with their leading blank. A first word with a colon is
// a modifier already, as in the original.
func (s Swap) style() (style Swap, modifiers string) {
	text := strings.TrimSpace(string(s))
	first, rest, found := strings.Cut(text, " ")
	switch {
	case first == "morph": // as htmx's extensions call it
		return Morph, strings.TrimPrefix(text, first)
	case first == "":
		return Inner, ""
	case strings.Contains(first, ":"):
		return Inner, " " + text
	case found:
		return Swap(first), " " + rest
	}
	return Swap(first), ""
}

// verb reports that a style is a page's own.
func (s Swap) verb() bool { return strings.HasPrefix(string(s), "x-") }

// known reports that the style of s is one that clients know.
func (s Swap) known() bool {
	style, _ := s.style()
	switch style {
	case Inner, Outer, Morph, MorphInner, TextContent, Before, Prepend, Append, After, Delete, None:
		return true
	}
	return style.verb()
}

// normal returns s with its style written out. An unknown style is Inner, as in the original.
func (s Swap) normal() Swap {
	if s == Inner || s == "" {
		return Inner
	}
	if !s.known() {
		return Inner
	}
	style, modifiers := s.style()
	return style + Swap(modifiers)
}

// plain returns what an original client is sent instead of s; false: it cannot be told.
func (s Swap) plain() (Swap, bool) {
	if _, ok := s.action(); ok {
		return s, false
	}
	style, modifiers := s.style()
	switch style {
	case Morph:
		style = Outer
	case MorphInner, TextContent:
		style = Inner
	}
	return style + Swap(modifiers), !style.verb()
}

func (s Swap) morphs() bool {
	style, _ := s.style()
	return style == Morph || style == MorphInner
}
