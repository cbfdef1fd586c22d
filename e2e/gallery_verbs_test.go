package e2e

import "github.com/stretchr/testify/assert"

// Trials of the gallery's pieces about verbs, events and methods, by name.

var ofVerbs = map[string]func(piece){
	"SetText":     does(`$("p").textContent === "1 < 2"`),
	"Remove":      does(`!$("p")`),
	"SetValue":    does(`$("input").value === "Set by the server"`),
	"SetAttr":     does(`$("details").open`),
	"RemoveAttr":  does(`!$("details").open`),
	"AddClass":    does(`$("p.problem")`),
	"RemoveClass": does(`!$("p.problem")`),
	"ToggleClass": does(`$("p.problem")`),
	"Focus":       does(`document.activeElement === $("input")`),
	"ScrollTo":    does(`document.querySelector("#sending").getBoundingClientRect().top >= 0`),
	"Dispatch": func(p piece) {
		p.eval(`document.querySelector("#basket").replaceChildren()`, nil)
		p.press("button")
		p.wait(`document.querySelector("#basket").textContent.includes("item-added")`)
	},
	"SetTitle": does(`document.title.startsWith("Another title")`),
	"PushURL": func(p piece) {
		p.eval(`window.entries = history.length`, nil)
		p.press("button")
		p.wait(`location.search === "?pushed" && history.length === entries + 1`)
		p.eval(`history.back()`, nil)
		p.wait(`window.entries === undefined && location.search === ""`) // it has been loaded
		p.arrive()
	},
	"ReplaceURL": func(p piece) {
		p.eval(`window.entries = history.length`, nil)
		p.press("button")
		p.wait(`location.search === "?replaced" && history.length === entries`)
	},
	"Navigate": func(p piece) {
		p.eval(`window.old = true`, nil)
		p.press("button")
		p.wait(`!window.old && location.hash === "#verbs" && location.search === ""`)
		p.arrive()
	},
	"Reload": func(p piece) {
		p.eval(`window.old = true`, nil)
		p.press("button")
		p.wait(`!window.old`)
		p.arrive()
	},
	"Announce": func(p piece) {
		p.press("button")
		p.wait(`[...document.querySelectorAll("[aria-live=polite]")].some((place) => place.textContent.includes("one new message"))`)
	},
}

// does returns a trial that presses the piece's button and waits for a condition.
func does(what string) func(piece) {
	return func(p piece) {
		p.press("button")
		p.shows(what)
	}
}

var ofEvents = map[string]func(piece){
	"wsx:connected": func(p piece) {
		p.eval(`wsx.disconnect(); wsx.connect()`, nil)
		p.heard("wsx:connected")
	},
	"wsx:disconnected": func(p piece) { p.heard("wsx:disconnected") },
	"wsx:status": func(p piece) {
		p.eval(`wsx.disconnect()`, nil)
		p.heard("wsx:status")
		p.wait(`document.querySelector("header [data-wsx-status=offline]")`)
		p.eval(`wsx.connect()`, nil)
		p.wait(`document.querySelector("header [data-wsx-status=live]")`)
	},
	"wsx:refused": func(p piece) { // this server has no login, so it never happens by itself
		p.eval(`window.old = true; document.dispatchEvent(new Event("wsx:refused"))`, nil)
		p.wait(`!window.old`)
		p.arrive()
	},
	"wsx:beforeRequest": func(p piece) {
		p.eval(`location.hash = "#events"; document.querySelector("#d-wx-data ~ .live button").click()`, nil)
		p.wait(`document.querySelector("#out-data").textContent.includes('"page":"#events"')`)
		p.heard(p.name)
	},
	"wsx:confirm": func(p piece) {
		p.eval(`window.confirm = () => true; document.querySelector("#d-wx-confirm ~ .live button").click()`, nil)
		p.heard(p.name)
	},
	"wsx:afterRequest": func(p piece) { p.heard(p.name) },
	"wsx:error": func(p piece) {
		p.eval(`document.querySelector("#d-wx-error ~ .live button").click()`, nil)
		p.heard(p.name)
	},
	"wsx:beforeSwap": func(p piece) { p.heard(p.name) },
	"wsx:afterSwap":  func(p piece) { p.heard(p.name) },
	"wsx:unseen": func(p piece) {
		ofLists["wx-unseen"](piece{p.tab, "wx-unseen"})
		p.heard(p.name)
	},
	"wsx:reset": func(p piece) { // see TestGalleryAfterARestart
		var told string // read before the next event
		p.eval(`document.querySelector("#fetched").dispatchEvent(new CustomEvent("wsx:reset", { bubbles: true, detail: {} }));
			document.querySelector("#told").textContent`, &told)
		assert.Equal(p.t, "Refetching", told)
	},
}

var ofMethods = map[string]func(piece){
	"send": func(p piece) {
		p.press("button")
		p.says("output", `"text":"Hello"`)
	},
	"trigger": func(p piece) {
		p.press("button")
		p.wait(`document.querySelector("#out-events").textContent.includes('"more":"data"')`)
	},
	"isConnected": func(p piece) {
		p.press("button")
		p.says("output", "true")
	},
	"disconnect": func(p piece) {
		p.press("button")
		p.wait(`!wsx.isConnected()`)
		piece{p.tab, "wx-status"}.says("p ~ p", "Kein Netz")
	},
	"connect": func(p piece) {
		p.press("button")
		p.wait(`wsx.isConnected()`)
		piece{p.tab, "wx-status"}.says("p ~ p", "Verbunden")
	},
	"reconnect": func(p piece) {
		p.eval(`window.back = false; document.addEventListener("wsx:connected", ({ detail }) => (back = detail.reconnected), { once: true })`, nil)
		p.press("button")
		p.wait(`back`)
	},
	"process": func(p piece) {
		p.press("button")
		p.shows(`/^\d\d:\d\d:\d\d$/.test($("output span").shadowRoot.textContent)`)
	},
	"debug": func(p piece) {
		p.press("button")
		p.wait(`document.querySelector("[data-wsx-debug]")`)
		p.eval(`void wsx.debug(false)`, nil)
		p.wait(`!document.querySelector("[data-wsx-debug]")`)
	},
	"version": func(p piece) {
		p.press("button")
		p.shows(`$("output").textContent === WSX.version`)
	},
	"swaps": func(p piece) {
		p.press("button")
		p.says("output", "ready")
	},
	"verbs": func(p piece) {
		p.press("button")
		piece{p.tab, "Announce"}.press("button")
		p.says("output", "announced: You have one new message")
		ofVerbs["Announce"](piece{p.tab, "Announce"})
	},
	"new": func(p piece) {
		p.press("button")
		p.says("output", "another client")
	},
}
