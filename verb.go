package wsx

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// The functions of this file return fragments that do something else than show html: to be sent by [Hub.Publish], to be added to a
// [Response] or a [Batch]. They can be misused only with a URL or an attribute that is not allowed; whoever sends such a fragment gets
// ErrSwap. Original clients cannot be told of them: see Stats.Dropped, "verb".

// SetText makes text all that is inside the target.
func SetText(target, text string) Fragment { return Fragment{target, Text(text), TextContent} }

// Remove takes the target out of the page.
func Remove(target string) Fragment { return Fragment{target, "", Delete} }

// SetValue sets what stands in a field, or which option is chosen, as if the visitor had not touched it. A checkbox or radio button is
// checked if value is its own, and else not; for a group of radio buttons the target is "all [name=color]".
func SetValue(target, value string) Fragment { return action(target, "value", value) }

// SetAttr sets an attribute of the target; not what a visitor has changed since, see SetValue. Attributes that can run scripts
// (on..., srcdoc) and addresses that do (javascript:) are refused.
func SetAttr(target, name, value string) Fragment { return action(target, "attr", name, value) }

// RemoveAttr removes an attribute of the target, if it is there.
func RemoveAttr(target, name string) Fragment { return action(target, "attr", name) }

// AddClass adds classes to the target; those that it has stay. The target "html" is the element itself here, not its body.
func AddClass(target string, names ...string) Fragment { return action(target, "addClass", names...) }

// RemoveClass removes classes of the target; those that it has not are skipped.
func RemoveClass(target string, names ...string) Fragment {
	return action(target, "removeClass", names...)
}

// ToggleClass adds those classes that the target has not, and removes the others.
func ToggleClass(target string, names ...string) Fragment {
	return action(target, "toggleClass", names...)
}

// Focus puts the caret into the target. What cannot have the focus, such as a heading, becomes able to (tabindex="-1").
func Focus(target string) Fragment { return action(target, "focus") }

// ScrollTo brings the target into view, unless it is.
func ScrollTo(target string) Fragment { return action(target, "scroll") }

// Dispatch fires an event at the target that bubbles; detail, which may be nil, becomes its detail, as JSON. What cannot be JSON
// is ErrSwap when it is sent.
func Dispatch(target, event string, detail any) Fragment {
	text, err := json.Marshal(detail)
	if err != nil {
		return Fragment{Target: target, Swap: actionStyle + " [\"dispatch\"]"}
	}
	return action(target, "dispatch", event, string(text))
}

// SetTitle sets the title of the page.
func SetTitle(title string) Fragment { return action("html", "title", title) }

// PushURL puts another address of the same origin into the address bar, with an entry in the history. The page stays, also when the
// visitor goes back: a page that is to show something else then listens to popstate.
func PushURL(url string) Fragment { return action("html", "push", url) }

// ReplaceURL does so without an entry in the history.
func ReplaceURL(url string) Fragment { return action("html", "replace", url) }

// Navigate leads the browser to another page of the same origin, once everything before has been shown. See [Request.Redirect].
func Navigate(url string) Fragment { return action("html", verbRedirect, url) }

// Reload loads the page again.
func Reload() Fragment { return action("html", "reload") }

// Announce has a screen reader say text, when it has finished what it is saying. Nothing is to be seen of it.
func Announce(text string) Fragment { return action("html", "announce", text) }

const (
	actionStyle  = "action"
	verbRedirect = "redirect"
)

// verbs are the verbs with the number of their arguments, at least and at most.
var verbs = map[string]struct{ least, most int }{
	"value": {1, 1}, "attr": {1, 2}, "addClass": {0, 64}, "removeClass": {0, 64}, "toggleClass": {0, 64},
	"focus": {0, 0}, "scroll": {0, 0}, "dispatch": {2, 2}, "title": {1, 1}, "push": {1, 1}, "replace": {1, 1},
	verbRedirect: {1, 1}, "reload": {0, 0}, "announce": {1, 1},
}

// action returns the fragment of a verb. Its arguments go with it in the Swap, as a JSON array of texts.
func action(target, verb string, args ...string) Fragment {
	return Fragment{Target: target, Swap: Swap(appendTexts([]byte(actionStyle+" "), slices.Concat([]string{verb}, args)))}
}

// action returns the verb and the arguments of a fragment that is no html; false: it is html.
func (s Swap) action() (args []string, ok bool) {
	list, ok := strings.CutPrefix(string(s), actionStyle+" ")
	if !ok {
		return nil, false
	}
	err := strictjson.Elements([]byte(list), 1, func(element []byte) error {
		text, isText := strictjson.String(element)
		if !isText {
			return ErrSwap
		}
		args = append(args, text)
		return nil
	})
	return args, err == nil
}

// normalAction returns f as it goes to browsers, or an error that wraps ErrSwap unless the verb is known and may be done.
func normalAction(f Fragment, args []string) (Fragment, error) {
	if len(args) == 0 {
		return f, fmt.Errorf("%w: an action without a verb", ErrSwap)
	}
	verb, args := args[0], args[1:]
	bounds, known := verbs[verb]
	if !known || len(args) < bounds.least || len(args) > bounds.most {
		return f, fmt.Errorf("%w: the action %.64q with %d arguments", ErrSwap, verb, len(args))
	}
	switch verb {
	case verbRedirect, "push", "replace":
		to, err := localURL(args[0])
		if err != nil {
			return f, err
		}
		return action(f.Target, verb, to), nil
	case "attr":
		return f, checkAttr(args[0], args[1:])
	}
	return f, nil
}

// checkAttr refuses attributes that run scripts, whatever else they are for.
func checkAttr(name string, value []string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'<>/=", r) || r == 0x7f }):
		return fmt.Errorf("%w: SetAttr: %.64q is no name of an attribute", ErrSwap, name)
	case strings.HasPrefix(lower, "on"), lower == "srcdoc":
		return fmt.Errorf("%w: SetAttr: the attribute %.64q can run scripts", ErrSwap, name)
	case len(value) > 0 && runsScript(value[0]):
		return fmt.Errorf("%w: SetAttr: the value of %.64q can run scripts", ErrSwap, name)
	}
	return nil
}

// runsScript reports addresses that are scripts. Browsers skip blanks and control characters before and inside the scheme
// (WHATWG URL, section 4.4).
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
