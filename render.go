package wsx

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

// Everything that wsx sends is a template.HTML, so that passing a user's string as HTML doesn't
// compile. The functions in this file make one without a conversion. None of them bounds the size
// of its result: a message that is too large is refused when it is sent.

// Text returns s as HTML that shows s. Use it for the text of an element and for the value of a
// quoted attribute. Text("") is empty.
//
// Text isn't enough for an attribute without quotes, for a URL that begins with s
// ("javascript:..."), or inside script and style elements. Use [Execute] there, because
// html/template knows the context. Text may be called concurrently.
func Text(s string) template.HTML {
	return template.HTML(template.HTMLEscapeString(s))
}

// literal is a string that only a constant converts to implicitly. The type isn't exported, so a
// variable of another package doesn't compile as a format.
type literal string

// HTMLf formats like fmt.Sprintf and escapes the output of each argument, for the same places as
// [Text]. All verbs, flags, widths and argument indexes of package fmt work; * takes an int. The
// format must be a constant.
//
// Only an argument that is itself a template.HTML is inserted unescaped, and only by %s and %v
// without a precision. All other directives are escaped, because cutting or quoting HTML can turn
// the text of an attribute into markup. So is a template.HTML inside a slice.
//
// A directive that doesn't fit its argument leaves fmt's usual error text, escaped. HTMLf may be
// called concurrently.
func HTMLf(format literal, args ...any) template.HTML {
	wrapped := make([]any, len(args))
	for i := range args {
		if n, ok := args[i].(int); ok {
			wrapped[i] = escapedInt(n)
		} else {
			wrapped[i] = escaped{&args[i]}
		}
	}
	return template.HTML(fmt.Sprintf(formatterVerbs(string(format)), wrapped...))
}

// escaped is an argument of HTMLf. It holds a pointer, because fmt prints only the address of a
// nested pointer: if a directive ever bypasses Format, no unescaped text appears.
type escaped struct{ arg *any }

func (e escaped) Format(state fmt.State, verb rune) { formatEscaped(state, verb, *e.arg) }

// escapedInt is an int argument. Its kind is what lets fmt accept it for a *.
type escapedInt int

func (n escapedInt) Format(state fmt.State, verb rune) { formatEscaped(state, verb, int(n)) }

// formatEscaped formats arg as fmt would without the wrapper, and escapes the result unless it is a
// whole template.HTML.
func formatEscaped(state fmt.State, verb rune, arg any) {
	if verb > privateVerb {
		verb -= privateVerb
	}
	text := fmt.Sprintf(fmt.FormatString(state, verb), arg)
	_, cut := state.Precision()
	whole := (verb == 's' || verb == 'v') && !cut && !state.Flag('#')
	if _, ok := arg.(template.HTML); !ok || !whole {
		text = template.HTMLEscapeString(text)
	}
	_, _ = io.WriteString(state, text) // a fmt.State never fails
}

// privateVerb moves a verb to Unicode's last private plane, where fmt defines none.
const privateVerb = 0x100000

// formatterVerbs replaces the verbs that fmt doesn't pass to a Formatter. For %T, %p and %w it
// would print the wrapper instead of the argument.
func formatterVerbs(format string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.*[]", format[i]) >= 0; i++ {
		}
		if i < len(format) && (format[i] == 'T' || format[i] == 'p' || format[i] == 'w') {
			b.WriteString(format[done:i])
			b.WriteRune(privateVerb + rune(format[i]))
			done = i + 1
		}
	}
	if done == 0 {
		return format
	}
	b.WriteString(format[done:])
	return b.String()
}

// Execute renders the template called name that is associated with t, or t itself if name is empty.
// It returns an error, and no HTML, if t is nil, if no template has that name, or if the template
// fails.
func Execute(t *template.Template, name string, data any) (template.HTML, error) {
	if t == nil {
		return "", fmt.Errorf("wsx: execute template %q: the template is nil", name)
	}
	var b strings.Builder
	var err error
	if name == "" {
		name = t.Name()
		err = t.Execute(&b, data)
	} else {
		err = t.ExecuteTemplate(&b, name, data)
	}
	if err != nil {
		return "", fmt.Errorf("wsx: execute template %q: %w", name, err)
	}
	return template.HTML(b.String()), nil
}

// Component renders itself as HTML. Every component of github.com/a-h/templ is a Component.
//
// Render writes markup in which all user input is escaped, and returns the first error. It must not
// keep ctx or w.
type Component interface {
	Render(ctx context.Context, w io.Writer) error
}

// Render renders c with ctx. It returns an error, and no HTML, if c is nil or fails.
func Render(ctx context.Context, c Component) (template.HTML, error) {
	if c == nil {
		return "", errors.New("wsx: render component: the component is nil")
	}
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		return "", fmt.Errorf("wsx: render component: %w", err)
	}
	return template.HTML(b.String()), nil
}

// ID returns the selector of the element with this id: "#" and the id, escaped like CSS.escape in
// browsers. Use it for ids from a database, which may begin with a digit or contain a dot. ID("")
// is "#", which selects nothing.
//
// See https://drafts.csswg.org/cssom/#serialize-an-identifier.
func ID(id string) string {
	const hex = "0123456789abcdef"
	b := make([]byte, 1, len(id)+8)
	b[0] = '#'
	for i, r := range id { // an invalid byte is read as U+FFFD
		digit := '0' <= r && r <= '9'
		switch {
		case r == 0:
			b = append(b, "\uFFFD"...)
		case r < ' ' || r == 0x7f || digit && (i == 0 || i == 1 && id[0] == '-'):
			// A hexadecimal escape, which the space terminates.
			b = append(b, '\\')
			if r >= 0x10 {
				b = append(b, hex[r>>4])
			}
			b = append(b, hex[r&0xf], ' ')
		case r == '-' && len(id) == 1:
			b = append(b, '\\', '-')
		case r >= utf8.RuneSelf, r == '-', r == '_', digit, 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, '\\', byte(r))
		}
	}
	return string(b)
}
