package main

// newSections is the gallery, in the order of the page.
func newSections() []section {
	sections := []section{
		{"sending", "Sending", "An element with wx-send asks the handler of that name, with what it holds.", []demo{
			{Name: "wx-send", Text: "Names the handler. A button sends when it is pressed.", handler: "count"},
			{Name: "form", Text: "A form sends its fields and the button that was pressed. A name with several values is an array.", handler: "echo"},
			{Name: "field", Text: "A field sends its value, under its name."},
			{Name: "wx-data", Text: "More data, as JSON."},
			{Name: "data-*", Text: "More data, as text."},
			{Name: "wx-config", Text: "Starts a client. A second one on a page has its own part of it."},
		}},
		{"targets", "Targets", "Where the answer goes. Without wx-target that is the body.", []demo{
			{Name: "wx-target", Text: "A selector; its first match. It is inherited, as wx-swap is."},
			{Name: "all", Text: "Every match."},
			{Name: "this", Text: "The element that has the attribute."},
			{Name: "closest", Text: "The nearest ancestor that matches."},
			{Name: "find", Text: "The first match inside."},
			{Name: "next", Text: "The next element, or the next one that matches."},
			{Name: "previous", Text: "The previous one."},
		}},
		{"swaps", "Swaps", "How the answer takes its place: wx-swap has a style, then modifiers.", []demo{
			{Name: "innerHTML", Text: "Replaces what is inside. The default."},
			{Name: "outerHTML", Text: "Replaces the element."},
			{Name: "innerMorph", Text: "Changes what differs inside. What you typed stays, and so do focus and selection.", handler: "field"},
			{Name: "outerMorph", Text: "Changes what differs in the element."},
			{Name: "textContent", Text: "Shows the text, whatever it says.", handler: "tags"},
			{Name: "beside", Text: "beforebegin and afterend: before and after the target."},
			{Name: "into", Text: "afterbegin and beforeend: first and last in the target."},
			{Name: "delete", Text: "Removes the target.", handler: "nothing"},
			{Name: "none", Text: "Shows nothing. What comes beside the answer is shown."},
			{Name: "timing", Text: "swap: waits before, settle: until the swap counts as done."},
			{Name: "scroll", Text: "scroll: scrolls the target, show: brings it into view."},
			{Name: "transition", Text: "In a view transition, where the browser knows them."},
			{Name: "wx-transition", Text: "The same for all swaps inside."},
			{Name: "settling", Text: "The class wsx-settling is there while a swap settles, then wsx-settled for a moment."},
			{Name: "oob", Text: "An answer may change more than its target.", handler: "both"},
			{Name: "x-", Text: "A style of the page's own; see WSX.swaps.", handler: "own"},
			{Name: "wx-preserve", Text: "A morph of what is around it leaves it as it is. Needs an id."},
			{Name: "wx-nonce", Text: "Scripts run that bear the nonce of the page's own. Without it, none does.", handler: "script"},
			{Name: "wx-ignore", Text: "Nothing inside sends, and no morph changes it."},
		}},
		{"triggers", "Triggers", "What makes an element send. Without wx-trigger: click, or submit, change or input by its kind.", []demo{
			{Name: "wx-trigger", Text: "One event or more, by their names."},
			{Name: "keys", Text: "Keys, with modifiers."},
			{Name: "conditions", Text: "Conditions about the event or the element, without eval."},
			{Name: "wx-if", Text: "Sends if the condition holds."},
			{Name: "wx-unless", Text: "Sends unless it does."},
			{Name: "custom", Text: "An event of the page's own."},
			{Name: "load", Text: "When the element comes into the page."},
			{Name: "revealed", Text: "When it is seen for the first time."},
			{Name: "intersect", Text: "Each time that it comes into view, by that share."},
			{Name: "every", Text: "Again and again, but not in a hidden tab."},
			{Name: "bottom", Text: "At the end of a scroller."},
			{Name: "once", Text: "The first time only."},
			{Name: "changed", Text: "If the value differs from the one sent last."},
			{Name: "delay", Text: "When the events have paused for so long."},
			{Name: "throttle", Text: "Once in that time; the last value is never lost."},
			{Name: "from", Text: "Events of another element."},
			{Name: "target", Text: "Events of what matches only."},
			{Name: "consume", Text: "One event starts one sender, the innermost, with this word or without."},
		}},
		{"requests", "Requests", "What happens from the event to the answer.", []demo{
			{Name: "wx-pending", Text: "While it waits, the sender has this class and aria-busy.", handler: "slow"},
			{Name: "wx-confirm", Text: "Asks first. A page may show a dialog of its own: wsx:confirm."},
			{Name: "wx-validate", Text: "Sends what is valid only; the browser says what is not."},
			{Name: "wx-include", Text: "The fields of the form, of what matches, or a property of the sender."},
			{Name: "wx-headers", Text: "Data of all around, under headers; the nearest wins."},
			{Name: "wx-disable", Text: "Disabled while it waits: the sender or what matches."},
			{Name: "wx-indicator", Text: "Shown while it waits. wx-loading is the same."},
			{Name: "wx-loading-class", Text: "Classes while it waits."},
			{Name: "wx-timeout", Text: "Gives up after so long. A late answer is shown still."},
			{Name: "wx-retry", Text: "Sent again if the connection was cut.", handler: "flaky"},
			{Name: "wx-error", Text: "Where the words of an error go.", handler: "fail"},
			{Name: "drop", Text: "wx-sync: one at a time; more are ignored."},
			{Name: "replace", Text: "wx-sync: the answer to an older one is ignored."},
			{Name: "queue", Text: "wx-sync: one after another, here by turns of the row."},
		}},
		{"lists", "Lists", "Lists that grow while somebody reads.", []demo{
			{Name: "wx-stick", Text: "Stays at the bottom, unless you scroll up."},
			{Name: "wx-unseen", Text: "Counts what came in below."},
			{Name: "wx-limit", Text: "Keeps so many; those at the other end go."},
		}},
		{"connection", "Connection", "It comes back by itself, and misses nothing.", []demo{
			{Name: "wx-status", Text: "Says how the connection is, in your words if you like.", handler: "cut"},
			{Name: "wx-ticket", Text: "The right to a room that remembers. Nothing is lost between the page and its connection."},
			{Name: "wx-reset", Text: "From where the element is fetched, if what was missed cannot be had any more."},
		}},
	}
	return withCode(append(sections,
		section{"verbs", "Verbs", "What a server may do beside showing HTML.", all(verb,
			"SetText", "Shows a text.", "Remove", "Removes an element.", "SetValue", "Fills a field.",
			"SetAttr", "Sets an attribute.", "RemoveAttr", "Removes one.", "AddClass", "Adds classes.", "RemoveClass", "Removes them.",
			"ToggleClass", "Adds or removes them.", "Focus", "Puts the caret somewhere.", "ScrollTo", "Brings something into view.",
			"Dispatch", "Fires an event; here the one that a paragraph under Triggers waits for.", "SetTitle", "Sets the page's title.",
			"PushURL", "Changes the address, with an entry in the history.", "ReplaceURL", "Changes the address.",
			"Navigate", "Leads to another page.", "Reload", "Loads the page again.", "Announce", "Has a screen reader say something.")},
		section{"events", "Events", "All bubble, so the document hears them.", all(event,
			"wsx:connected", "The connection stands. Below are all events that this page hears.", "wsx:disconnected", "It does not any more.",
			"wsx:status", "How it is.", "wsx:refused", "Probably the visitor has to log in again.",
			"wsx:beforeRequest", "Something is about to be sent. May be changed or prevented.", "wsx:confirm", "A question is about to be asked.",
			"wsx:afterRequest", "A request is over.", "wsx:error", "It failed.",
			"wsx:beforeSwap", "An update is about to be shown. May be changed or prevented.", "wsx:afterSwap", "It was shown.",
			"wsx:unseen", "Something came in below what the visitor reads.", "wsx:reset", "A region is about to be fetched anew.")},
		section{"methods", "Methods", "Of wsx, the client of the page, and of its class WSX.", all(method,
			"send", "Asks without an element.", "trigger", "Sends what an element would send.", "isConnected", "Whether there is a connection.",
			"disconnect", "Stays away.", "connect", "Comes back.", "reconnect", "Connects anew.", "debug", "Shows what goes on, in a panel.",
			"version", "Of the client.", "swaps", "Styles of the page's own. This one is used under Swaps.", "verbs", "What verbs do. Here announce shows its words, too.",
			"new", "Another client, and destroy(), which ends it: the page stays as it is.")},
	))
}

// all makes pieces of names and texts.
func all(k kind, namesAndTexts ...string) (demos []demo) {
	for i := 0; i < len(namesAndTexts); i += 2 {
		demos = append(demos, demo{Name: namesAndTexts[i], Text: namesAndTexts[i+1], kind: k})
	}
	return demos
}

func withCode(sections []section) []section {
	for _, s := range sections {
		for i, d := range s.Demos {
			s.Demos[i] = d.withCode()
		}
	}
	return sections
}
