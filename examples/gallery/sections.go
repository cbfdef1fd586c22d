package main

import "slices"

// newSections returns the gallery in the order of the page.
func newSections() []section {
	return withCode(slices.Concat(attributes, scripting))
}

// attributes are the sections about what a page's HTML says.
var attributes = []section{
	{"sending", "Sending", "An element with wx-send sends a request to the named handler, with its data.", []demo{
		{Name: "wx-send", Text: "Names the handler. A button sends when pressed.", handler: "count"},
		{Name: "form", Text: "A form sends its fields and the pressed button. Several values with one name become an array.", handler: "echo"},
		{Name: "field", Text: "A field sends its value under its name."},
		{Name: "wx-data", Text: "Adds data as JSON."},
		{Name: "data-*", Text: "Add data as text."},
		{Name: "wx-config", Text: "Starts a client. A second client on a page handles its own part of it."},
	}},
	{"targets", "Targets", "Where the response goes. The default is the body.", []demo{
		{Name: "wx-target", Text: "The first element that matches a selector. Elements inherit wx-target and wx-swap."},
		{Name: "all", Text: "All elements that match."},
		{Name: "this", Text: "The element with the attribute."},
		{Name: "closest", Text: "The nearest ancestor that matches."},
		{Name: "find", Text: "The first match inside the element."},
		{Name: "next", Text: "The next element, or the next match."},
		{Name: "previous", Text: "The previous element, or the previous match."},
	}},
	{"swaps", "Swaps", "How the response changes its target. wx-swap has a style, then modifiers.", []demo{
		{Name: "innerHTML", Text: "Replaces the content. The default."},
		{Name: "outerHTML", Text: "Replaces the element."},
		{Name: "innerMorph", Text: "Changes only what differs in the content. Typed text, focus and selection stay.", handler: "field"},
		{Name: "outerMorph", Text: "Changes only what differs in the element."},
		{Name: "textContent", Text: "Inserts the response as plain text.", handler: "tags"},
		{Name: "beside", Text: "beforebegin and afterend insert before and after the target."},
		{Name: "into", Text: "afterbegin and beforeend insert at the start and end of the target."},
		{Name: "delete", Text: "Removes the target.", handler: "nothing"},
		{Name: "none", Text: "Shows nothing, except other fragments of the response."},
		{Name: "timing", Text: "swap: delays the swap; settle: delays its end."},
		{Name: "scroll", Text: "scroll: scrolls the target; show: scrolls it into view."},
		{Name: "transition", Text: "Uses a view transition, if the browser supports it."},
		{Name: "wx-transition", Text: "Uses view transitions for all swaps inside."},
		{Name: "settling", Text: "The target has the class wsx-settling while a swap settles, then wsx-settled for a moment."},
		{Name: "oob", Text: "A response can change other elements too.", handler: "both"},
		{Name: "x-", Text: "A custom swap style, see WSX.swaps.", handler: "own"},
		{Name: "wx-preserve", Text: "A morph around the element doesn't change it. Needs an id."},
		{Name: "wx-nonce", Text: "Allows scripts with the page's nonce. Without it, no script runs.", handler: "script"},
		{Name: "wx-ignore", Text: "No element inside sends, and no morph changes it."},
	}},
	{"triggers", "Triggers", "When an element sends. The default depends on the element: click, submit, change or input.", []demo{
		{Name: "wx-trigger", Text: "One or more events."},
		{Name: "keys", Text: "Keys, with modifiers."},
		{Name: "conditions", Text: "Conditions on the event or the element, without eval."},
		{Name: "wx-if", Text: "Sends if the condition is true."},
		{Name: "wx-unless", Text: "Sends unless the condition is true."},
		{Name: "custom", Text: "A custom event."},
		{Name: "load", Text: "When the element is added to the page."},
		{Name: "revealed", Text: "When the element first becomes visible."},
		{Name: "intersect", Text: "Each time the given share of the element becomes visible."},
		{Name: "every", Text: "At an interval, but not in hidden tabs."},
		{Name: "bottom", Text: "At the end of a scrolling list."},
		{Name: "once", Text: "Only the first time."},
		{Name: "changed", Text: "If the value differs from the last one sent."},
		{Name: "delay", Text: "After a pause in the events."},
		{Name: "throttle", Text: "At most once per interval; the last value is always sent."},
		{Name: "from", Text: "Events of another element."},
		{Name: "target", Text: "Only events of matching elements."},
		{Name: "consume", Text: "An event triggers only the innermost sender, with or without this word."},
	}},
	{"requests", "Requests", "What happens between the event and the response.", []demo{
		{Name: "wx-pending", Text: "The sender has this class and aria-busy while it waits.", handler: "slow"},
		{Name: "wx-confirm", Text: "Asks for confirmation. For a custom dialog, see wsx:confirm."},
		{Name: "wx-validate", Text: "Sends only valid data; the browser reports errors."},
		{Name: "wx-include", Text: "Adds the fields of the form or of matching elements, or properties of the sender."},
		{Name: "wx-headers", Text: "Adds data from all ancestors under headers; the nearest wins."},
		{Name: "wx-disable", Text: "Disables the sender or matching elements while it waits."},
		{Name: "wx-indicator", Text: "Shows an element while it waits. wx-loading does the same."},
		{Name: "wx-loading-class", Text: "Adds classes while it waits."},
		{Name: "wx-timeout", Text: "Reports an error after this time. A late response is still shown."},
		{Name: "wx-retry", Text: "Sends again if the connection was lost.", handler: "flaky"},
		{Name: "wx-error", Text: "Where error messages go.", handler: "fail"},
		{Name: "drop", Text: "wx-sync: one request at a time; others are ignored."},
		{Name: "replace", Text: "wx-sync: a new request replaces the older one."},
		{Name: "queue", Text: "wx-sync: one after another, here for all buttons of the row."},
	}},
	{"lists", "Lists", "Lists that grow while a user reads them.", []demo{
		{Name: "wx-stick", Text: "Stays at the bottom unless you scroll up."},
		{Name: "wx-unseen", Text: "Counts new items below the visible part."},
		{Name: "wx-limit", Text: "Limits the number of items; removes items at the other end."},
	}},
	{"connection", "Connection", "The client reconnects by itself and misses no message of a room with history.", []demo{
		{Name: "wx-status", Text: "Shows the state of the connection, with your own texts if you like.", handler: "cut"},
		{Name: "wx-ticket", Text: "Joins a room with history. No message is lost between loading the page and connecting."},
		{Name: "wx-reset", Text: "Where to refetch the element from if missed messages are no longer available."},
	}},
}

// scripting are the sections about what servers and scripts do.
var scripting = []section{
	{"verbs", "Verbs", "What a server can do besides sending HTML.", all(verb,
		"SetText", "Sets the text.", "Remove", "Removes an element.", "SetValue", "Fills a field.",
		"SetAttr", "Sets an attribute.", "RemoveAttr", "Removes an attribute.", "AddClass", "Adds classes.", "RemoveClass", "Removes classes.",
		"ToggleClass", "Adds or removes them.", "Focus", "Focuses an element.", "ScrollTo", "Scrolls to an element.",
		"Dispatch", "Fires an event. A paragraph under Triggers listens to this one.", "SetTitle", "Sets the page's title.",
		"PushURL", "Changes the URL and adds a history entry.", "ReplaceURL", "Changes the URL.",
		"Navigate", "Opens another page.", "Reload", "Reloads the page.", "Announce", "Announces a text to screen readers.")},
	{"events", "Events", "All events bubble, so you can listen on the document.", all(event,
		"wsx:connected", "The connection is open. The list shows all events on this page.", "wsx:disconnected", "The connection is lost or closed.",
		"wsx:status", "The state of the connection has changed.", "wsx:refused", "The server refused the connection, often because the login has expired.",
		"wsx:beforeRequest", "Before a request is sent. Can change or cancel it.", "wsx:confirm", "Before a confirmation is shown.",
		"wsx:afterRequest", "A request has finished.", "wsx:error", "A request has failed.",
		"wsx:beforeSwap", "Before an update is shown. Can change or cancel it.", "wsx:afterSwap", "An update was shown.",
		"wsx:unseen", "The number of unseen items has changed.", "wsx:reset", "A region is being refetched, or refetching failed.")},
	{"methods", "Methods", "Methods of wsx, the page's client, and of its class WSX.", all(method,
		"send", "Sends a request without an element.", "trigger", "Sends the request of an element.", "isConnected", "Reports whether the client is connected.",
		"disconnect", "Closes the connection and stays offline.", "connect", "Connects again.", "reconnect", "Opens a new connection.",
		"process", "Makes the content of a shadow root send. This one asks for the time.", "debug", "Shows a panel with all activity.",
		"version", "The version of the client.", "swaps", "Custom swap styles. This one is used under Swaps.", "verbs", "The implementations of verbs. Here announce also shows its text.",
		"new", "A second client. destroy() ends it without changing the page.")},
}

// all returns pieces from pairs of names and texts.
func all(k kind, namesAndTexts ...string) (demos []demo) {
	for i := 0; i < len(namesAndTexts); i += 2 {
		demos = append(demos, demo{Name: namesAndTexts[i], Text: namesAndTexts[i+1], kind: k})
	}
	return demos
}

// withCode returns a copy of sections with the code of each demo.
func withCode(sections []section) []section {
	for i := range sections {
		demos := slices.Clone(sections[i].Demos)
		for j, d := range demos {
			demos[j] = d.withCode()
		}
		sections[i].Demos = demos
	}
	return sections
}
