package protocol

import (
	"errors"
	"fmt"
	"strings"
)

// The errors of invalid fragments. The root package exports them.
var (
	ErrTarget = errors.New("wsx: target is not a selector")
	ErrSwap   = errors.New("wsx: unknown swap style")
)

// A Fragment is one piece of HTML and where to show it, or a verb. It has been checked: frames are
// built from fragments without looking at their swap again.
type Fragment struct {
	Target string
	HTML   string
	Swap   string // with an explicit style; for a verb, see Action
	style  style
}

// Check returns the fragment to send. It returns ErrTarget if target is empty or looks like HTML,
// and ErrSwap if swap has an unknown style or a verb that isn't allowed.
func Check(target, html, swap string) (Fragment, error) {
	if trimmed := strings.TrimSpace(target); trimmed == "" || trimmed[0] == '<' {
		return Fragment{}, fmt.Errorf("%w: %.64q; use a selector such as %q", ErrTarget, target, "#messages")
	}
	if list, ok := strings.CutPrefix(swap, actionPrefix); ok {
		return checkAction(Fragment{target, html, swap, actionStyle}, list)
	}
	s, written := parseSwap(swap)
	if s == unknownStyle {
		return Fragment{}, fmt.Errorf("%w: %.64q; use a constant of type Swap", ErrSwap, swap)
	}
	return Fragment{target, html, written, s}, nil
}

// Size returns the bytes of the fragment before encoding.
func (f *Fragment) Size() int { return len(f.Target) + len(f.HTML) + len(f.Swap) }

// SwapPlain returns the swap for a plain client, which doesn't know morphs. The boolean reports
// whether a plain client can show the fragment at all.
func (f *Fragment) SwapPlain() (swap string, ok bool) {
	switch f.style {
	case morph:
		return Outer + f.Swap[len(Morph):], true
	case morphInner:
		return Inner + f.Swap[len(MorphInner):], true
	case textContent:
		return Inner + f.Swap[len(TextContent):], true
	case ownStyle, actionStyle:
		return f.Swap, false
	}
	return f.Swap, true
}

// SameForAll reports whether plain and full clients get the same swap.
func (f *Fragment) SameForAll() bool {
	return f.style < morph || f.style > textContent && f.style < ownStyle
}

// ReplacesInside reports whether the fragment replaces the content of one element, named by its id,
// and does nothing else. Only ids count, because any other selector may match another element
// later.
func (f *Fragment) ReplacesInside() bool {
	switch f.Swap { // a modifier such as scroll is an effect of its own
	case Inner, MorphInner, TextContent:
		return isID(f.Target)
	}
	return false
}

// isID reports whether a selector is one id and nothing else. An id that needs escaping in CSS
// doesn't count, because it can be written in several ways.
func isID(selector string) bool {
	id, found := strings.CutPrefix(selector, "#")
	return found && id != "" && !strings.ContainsFunc(id, func(r rune) bool {
		return r < 0x80 && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

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
