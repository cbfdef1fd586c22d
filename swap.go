package wsx

import "github.com/wsxgo/wsx/internal/protocol"

// Swap says how HTML is inserted at a target: a style, then modifiers separated by spaces, as in
// Append + " scroll:bottom".
//
// The styles are the constants below. A style that begins with "x-" is one of the page's own verbs.
// The empty Swap is Inner, and "morph" is Morph. Whatever sends a fragment returns ErrSwap for any
// other style. Modifiers are interpreted by the browser, which ignores unknown ones.
type Swap string

// The styles that every browser knows. A plain client is one that doesn't speak our format, such as
// that of the original wsx. It gets Morph as Outer, and MorphInner and TextContent as Inner.
const (
	Inner       Swap = protocol.Inner       // replaces what is inside the target
	Outer       Swap = protocol.Outer       // replaces the target
	Morph       Swap = protocol.Morph       // turns the target into the HTML and keeps what is equal
	MorphInner  Swap = protocol.MorphInner  // like Morph, for what is inside the target
	TextContent Swap = protocol.TextContent // shows the text of the HTML, so that Text(s) appears as s
	Before      Swap = protocol.Before      // inserts the HTML before the target
	Prepend     Swap = protocol.Prepend     // inserts the HTML at the beginning of the target
	Append      Swap = protocol.Append      // inserts the HTML at the end of the target
	After       Swap = protocol.After       // inserts the HTML after the target
	Delete      Swap = protocol.Delete      // removes the target; the HTML is not shown
	None        Swap = protocol.None        // changes nothing at the target
)
