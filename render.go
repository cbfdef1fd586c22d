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

// Everything that wsx sends is template.HTML, so that a string of a user's does
// not compile where HTML is wanted. The functions of this file are the ways to
// get one without a conversion. They keep no state and may be called from any
// number of goroutines. None of them bounds the size of what it returns: a
// message that is too large is refused when it is sent.

// Text returns s as HTML that shows s: for the text of an element, and for the
// value of an attribute between quotes. It is not enough for an attribute
// without quotes, for a URL that s begins ("javascript:..."), nor inside script
// and style elements: use Execute there, since html/template knows where it is.
// Text("") is empty.
func Text(s string) template.HTML {
	return template.HTML(template.HTMLEscapeString(s))
}

// literal is a string that only a constant of the program can be: the type is
// not exported, so no variable of another package converts to it unseen.
type literal string

// HTMLf formats like fmt.Sprintf and escapes what each argument contributes, as
// Text does and in the same places. All verbs, flags, widths and argument
// indexes of package fmt work; * takes an int.
//
// Only a template.HTML that is itself an argument, not one inside a slice, is
// inserted as it is, and only by %s and %v without a precision: cutting or
// quoting a piece of HTML can turn text of an attribute into markup, so any
// other directive's output is escaped too. The format must be a constant. A
// directive that does not fit its argument leaves fmt's usual remark, escaped.
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

// escaped is an argument of HTMLf. It holds a pointer because fmt shows
// of a nested pointer the address and nothing more: should a directive ever reach
// the struct without passing through Format, no text gets out.
type escaped struct{ arg *any }

func (e escaped) Format(state fmt.State, verb rune) { formatEscaped(state, verb, *e.arg) }

// escapedInt is an int argument. Its kind is what lets fmt take it for a *.
type escapedInt int

func (n escapedInt) Format(state fmt.State, verb rune) { formatEscaped(state, verb, int(n)) }

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
	_, _ = io.WriteString(state, text) // a fmt.State takes everything
}

// privateVerb moves a verb to Unicode's last private plane, where fmt knows none.
const privateVerb = 0x100000

// formatterVerbs replaces the verbs that fmt does not pass to a Formatter: with
// %T, %p and %w it would look at the wrapper instead of the argument.
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

// Execute renders the template called name among t's, or t itself when name is
// empty. On an error nothing is returned of what was rendered before it. A nil
// t is an error.
func Execute(t *template.Template, name string, data any) (template.HTML, error) {
	if t == nil {
		return "", fmt.Errorf("wsx: rendering template %q: the template is nil", name)
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
		return "", fmt.Errorf("wsx: rendering template %q: %w", name, err)
	}
	return template.HTML(b.String()), nil
}

// Component renders itself as HTML. Every component of github.com/a-h/templ is
// one. Render writes only markup in which it has escaped what users wrote, and
// returns the first error that it met; it keeps neither ctx nor w.
type Component interface {
	Render(ctx context.Context, w io.Writer) error
}

// Render renders c, to which it passes ctx. On an error nothing is returned of
// what was written before it. A nil c is an error.
func Render(ctx context.Context, c Component) (template.HTML, error) {
	if c == nil {
		return "", errors.New("wsx: rendering component: the component is nil")
	}
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		return "", fmt.Errorf("wsx: rendering component: %w", err)
	}
	return template.HTML(b.String()), nil
}

// ID returns the selector of the element with this id, "#" and the id escaped
// as CSS.escape does it in a browser: an id from a database may begin with a
// digit or contain a dot. ID("") is "#", which selects nothing.
//
// See https://drafts.csswg.org/cssom/#serialize-an-identifier.
func ID(id string) string {
	const hex = "0123456789abcdef"
	b := make([]byte, 1, len(id)+8)
	b[0] = '#'
	for i, r := range id { // an invalid byte comes as U+FFFD
		digit := '0' <= r && r <= '9'
		switch {
		case r == 0:
			b = append(b, "\uFFFD"...)
		case r < ' ' || r == 0x7f || digit && (i == 0 || i == 1 && id[0] == '-'):
			// As a number, which the blank ends.
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
