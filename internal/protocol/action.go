package protocol

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// The verbs that browsers know besides swaps.
const (
	VerbValue       = "value"
	VerbAttr        = "attr"
	VerbAddClass    = "addClass"
	VerbRemoveClass = "removeClass"
	VerbToggleClass = "toggleClass"
	VerbFocus       = "focus"
	VerbScroll      = "scroll"
	VerbDispatch    = "dispatch"
	VerbTitle       = "title"
	VerbPush        = "push"
	VerbReplace     = "replace"
	VerbRedirect    = "redirect"
	VerbReload      = "reload"
	VerbAnnounce    = "announce"
)

// verbs holds the least and the greatest number of arguments of each verb.
var verbs = map[string]struct{ least, most int }{
	VerbValue: {1, 1}, VerbAttr: {1, 2}, VerbAddClass: {0, 64}, VerbRemoveClass: {0, 64}, VerbToggleClass: {0, 64},
	VerbFocus: {0, 0}, VerbScroll: {0, 0}, VerbDispatch: {2, 2}, VerbTitle: {1, 1}, VerbPush: {1, 1}, VerbReplace: {1, 1},
	VerbRedirect: {1, 1}, VerbReload: {0, 0}, VerbAnnounce: {1, 1},
}

const (
	actionWord   = "action"
	actionPrefix = actionWord + " "
)

// Action returns the swap of a verb: the word "action", then a JSON array of the verb and its
// arguments. In this form a verb travels wherever a fragment does.
func Action(verb string, args ...string) string {
	return string(AppendStrings([]byte(actionPrefix), slices.Concat([]string{verb}, args)))
}

// args returns the JSON array of a verb and its arguments.
func (f *Fragment) args() string { return f.Swap[len(actionPrefix):] }

// readAction returns the strings in the JSON array of a verb and its arguments, of which there is
// at least one.
func readAction(list string) (args []string, err error) {
	err = strictjson.Elements([]byte(list), 1, func(element []byte) error {
		text, isText := strictjson.String(element)
		if !isText {
			return ErrSwap
		}
		args = append(args, text)
		return nil
	})
	if err == nil && len(args) == 0 {
		err = ErrSwap
	}
	return args, err
}

// RedirectIn returns the reference that a swap redirects to. It is "" if the swap isn't a redirect.
// It returns ErrSwap for a reference that isn't allowed.
func RedirectIn(swap string) (ref string, err error) {
	list, ok := strings.CutPrefix(swap, actionPrefix)
	if !ok {
		return "", nil
	}
	args, err := readAction(list)
	if err != nil || len(args) != 2 || args[0] != VerbRedirect {
		return "", nil
	}
	return localURL(VerbRedirect, args[1])
}

// checkAction returns f in the form that browsers get. It returns ErrSwap for an unknown verb, a
// wrong number of arguments and arguments that aren't allowed. It encodes the arguments again, so
// that the frame can't contain what the check hasn't read.
func checkAction(f Fragment, list string) (Fragment, error) {
	args, err := readAction(list)
	if err != nil {
		return Fragment{}, fmt.Errorf("%w: %.64q is not a verb with its arguments", ErrSwap, list)
	}
	verb, args := args[0], args[1:]
	bounds, known := verbs[verb]
	if !known || len(args) < bounds.least || len(args) > bounds.most {
		return Fragment{}, fmt.Errorf("%w: the verb %.64q with %d arguments", ErrSwap, verb, len(args))
	}
	switch verb {
	case VerbRedirect, VerbPush, VerbReplace:
		if args[0], err = localURL(verb, args[0]); err != nil {
			return Fragment{}, err
		}
	case VerbAttr:
		if err := checkAttr(args[0], args[1:]); err != nil {
			return Fragment{}, err
		}
	}
	f.Swap = Action(verb, args...)
	return f, nil
}

// checkAttr refuses attributes that run scripts. A program may take names and values from users.
func checkAttr(name string, value []string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'<>/=", r) || r == 0x7f }):
		return fmt.Errorf("%w: %.64q is not the name of an attribute", ErrSwap, name)
	case strings.HasPrefix(lower, "on"), lower == "srcdoc":
		return fmt.Errorf("%w: the attribute %.64q can run scripts", ErrSwap, name)
	case len(value) > 0 && runsScript(value[0]):
		return fmt.Errorf("%w: the value of the attribute %.64q can run scripts", ErrSwap, name)
	}
	return nil
}

// runsScript reports whether a URL runs a script. Browsers skip spaces and control characters
// before and inside the scheme (WHATWG URL, section 4.4).
func runsScript(value string) bool {
	scheme, _, found := strings.Cut(value, ":")
	scheme = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, scheme)
	return found && slices.Contains([]string{"javascript", "vbscript", "data"}, strings.ToLower(scheme))
}

// localURL returns a reference that no browser resolves to another origin. It refuses more than
// url.Parse does, because browsers parse URLs differently.
func localURL(verb, ref string) (string, error) {
	u, err := url.Parse(ref)
	switch {
	case err != nil:
		err = errors.New("it cannot be parsed") // the parser's error would repeat the reference
	case ref == "":
		err = errors.New("it is empty")
	case !utf8.ValidString(ref) || strings.ContainsFunc(ref, isUnusual):
		err = errors.New("it has a character that is not allowed in a URL")
	case u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || strings.HasPrefix(ref, "//"):
		err = errors.New("it names a scheme or a host")
	}
	if err != nil {
		return "", fmt.Errorf("%w: %s: not a reference within the same origin: %w", ErrSwap, verb, err)
	}
	return u.String(), nil
}

// isUnusual reports whether browsers drop r from a URL or read it as another character.
func isUnusual(r rune) bool {
	return r == '\\' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r)
}
