// Package dom makes fragments that do something other than show HTML: set a title, a value or an
// attribute, move the focus, fire an event, or navigate.
//
// A verb is a [wsx.Fragment]. Send it with [wsx.Hub.Publish] or [wsx.Connection.Publish], add it to
// a response with [wsx.Response.With], or to a batch with [wsx.Batch.AddMessage]:
//
//	return r.Reply(html).With(dom.SetTitle("Saved")), nil
//
// The functions never fail and may be called concurrently. Whatever sends the fragment returns
// [wsx.ErrSwap] for a URL or an attribute that isn't allowed, and [wsx.ErrTarget] for an empty
// target.
//
// The original's client knows none of these verbs except SetText and Remove. Such a browser doesn't
// get the others, which count as "verb" in [wsx.Stats.Dropped].
package dom

import (
	"encoding/json"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/internal/protocol"
)

// page is the target of verbs that concern the page and not an element.
const page = "html"

// action returns the fragment of a verb. It doesn't check the arguments: whatever sends the
// fragment does.
func action(target, verb string, args ...string) wsx.Fragment {
	return wsx.Fragment{Target: target, Swap: wsx.Swap(protocol.Action(verb, args...))}
}

// SetText replaces the content of the target with text, which is escaped.
func SetText(target, text string) wsx.Fragment {
	return wsx.Fragment{Target: target, HTML: wsx.Text(text), Swap: wsx.TextContent}
}

// Remove removes the target from the page.
func Remove(target string) wsx.Fragment { return wsx.Fragment{Target: target, Swap: wsx.Delete} }

// SetValue sets the value of a field, or the chosen option, as if the visitor had never changed it.
//
// A checkbox or radio button becomes checked if value is its own value, and unchecked otherwise.
// For a group of radio buttons the target is "all [name=color]".
func SetValue(target, value string) wsx.Fragment {
	return action(target, protocol.VerbValue, value)
}

// SetAttr sets an attribute of the target. For the state of a field that the visitor may have
// changed, use [SetValue].
//
// Attributes that can run scripts (on…, srcdoc) and values that do (javascript:) are refused with
// [wsx.ErrSwap] when the fragment is sent.
func SetAttr(target, name, value string) wsx.Fragment {
	return action(target, protocol.VerbAttr, name, value)
}

// RemoveAttr removes an attribute of the target. A missing one has no effect.
func RemoveAttr(target, name string) wsx.Fragment { return action(target, protocol.VerbAttr, name) }

// AddClass adds classes to the target, which keeps its other classes. The target "html" is the
// element itself, not its body.
func AddClass(target string, names ...string) wsx.Fragment {
	return action(target, protocol.VerbAddClass, names...)
}

// RemoveClass removes classes from the target. Classes that it doesn't have are skipped.
func RemoveClass(target string, names ...string) wsx.Fragment {
	return action(target, protocol.VerbRemoveClass, names...)
}

// ToggleClass adds the classes that the target doesn't have and removes those that it has.
func ToggleClass(target string, names ...string) wsx.Fragment {
	return action(target, protocol.VerbToggleClass, names...)
}

// Focus moves the focus to the target. An element that can't have the focus, such as a heading, is
// made focusable with tabindex="-1".
func Focus(target string) wsx.Fragment { return action(target, protocol.VerbFocus) }

// ScrollTo scrolls the target into view, unless it is visible.
func ScrollTo(target string) wsx.Fragment { return action(target, protocol.VerbScroll) }

// Dispatch fires an event at the target. The event bubbles. detail, which may be nil, is encoded as
// JSON and becomes the event's detail. A detail that encoding/json can't encode is refused with
// [wsx.ErrSwap] when the fragment is sent.
func Dispatch(target, event string, detail any) wsx.Fragment {
	text, err := json.Marshal(detail)
	if err != nil {
		return action(target, protocol.VerbDispatch) // with too few arguments, so that sending it fails
	}
	return action(target, protocol.VerbDispatch, event, string(text))
}

// SetTitle sets the title of the page.
func SetTitle(title string) wsx.Fragment { return action(page, protocol.VerbTitle, title) }

// PushURL puts another URL of the same origin into the address bar and adds an entry to the
// history. The page stays as it is. When the visitor goes back or forward to an entry made so, the
// browser loads its URL, so a page at that URL has to show what belongs to it.
func PushURL(url string) wsx.Fragment { return action(page, protocol.VerbPush, url) }

// ReplaceURL puts another URL of the same origin into the address bar without adding an entry to
// the history.
func ReplaceURL(url string) wsx.Fragment { return action(page, protocol.VerbReplace, url) }

// Navigate loads another page of the same origin, after everything before it has been applied. In a
// response, [wsx.Request.Redirect] also works without JavaScript.
func Navigate(url string) wsx.Fragment { return action(page, protocol.VerbRedirect, url) }

// Reload loads the page again.
func Reload() wsx.Fragment { return action(page, protocol.VerbReload) }

// Announce makes a screen reader read text once it has finished its current output. Nothing becomes
// visible.
func Announce(text string) wsx.Fragment { return action(page, protocol.VerbAnnounce, text) }
