package e2e

// Trials of the gallery's pieces about sending, targets and swaps, by name.

var ofSending = map[string]func(piece){
	"wx-send": func(p piece) {
		p.press("button")
		p.says("output", "Answer")
	},
	"form": func(p piece) {
		p.press("[value=tea]")
		p.press("[value=cake]")
		p.press("button")
		p.says("output", `{"name":"Ann","likes":["tea","cake"],"action":"save"`)
	},
	"field": func(p piece) {
		p.write("abc")
		p.says("output", `"q":"abc"`)
	},
	"wx-data": func(p piece) {
		p.press("button")
		p.says("output", `"tags":["a","b"]`)
	},
	"data-*": func(p piece) {
		p.press("button")
		p.says("output", `"user-id":"7"`)
	},
	"wx-config": func(p piece) { // works while the page's own client is disconnected
		p.eval(`wsx.disconnect()`, nil)
		p.press("button")
		p.says("output", "click")
		p.eval(`wsx.connect()`, nil)
		p.wait(`wsx.isConnected()`)
	},
}

var ofTargets = map[string]func(piece){
	"wx-target": func(p piece) {
		p.press("button")
		p.says("output", "Answer")
		p.run(`$("output").replaceChildren()`)
		p.press("button:last-child")
		p.says("output", "Answer")
	},
	"all": func(p piece) {
		p.press("button")
		p.shows(`$("p").textContent.match(/Answer/g)?.length === 2`)
	},
	"this": func(p piece) {
		p.press("button")
		p.says("button", "Answer")
	},
	"closest": func(p piece) {
		p.press("button")
		p.shows(`!$("button") && $("p").textContent.includes("Answer")`)
	},
	"find": func(p piece) {
		p.press("button")
		p.says("output", "Answer")
	},
	"next": func(p piece) {
		p.press("button")
		p.says("output", "Answer")
	},
	"previous": func(p piece) {
		p.press("button")
		p.says("output", "Answer")
	},
}

var ofSwaps = map[string]func(piece){
	"innerHTML": func(p piece) {
		p.press("button")
		p.says("#inner", "Answer")
	},
	"outerHTML": func(p piece) {
		p.run(`$("#outer").old = true`)
		p.press("button")
		p.shows(`$("#outer").textContent.includes("answer") && !$("#outer").old`)
	},
	"innerMorph": func(p piece) {
		p.run(`$("#kept").old = true`)
		p.write("mine")
		p.press("button")
		p.shows(`$("label").textContent.includes("Answer") && $("#kept").old && $("#kept").value === "mine"`)
	},
	"outerMorph": func(p piece) {
		p.run(`$("#whole").old = true; getSelection().selectAllChildren($("#whole"))`)
		p.press("button")
		p.shows(`$("#whole").textContent.includes("answer") && $("#whole").old`)
	},
	"textContent": func(p piece) {
		p.press("button")
		p.says("#text", "<b>Tags</b>")
	},
	"beside": func(p piece) {
		p.press("button")
		p.shows(`$("#here").previousElementSibling.textContent.includes("answer")`)
		p.press("button:last-child")
		p.shows(`$("#here").nextElementSibling.textContent.includes("answer")`)
	},
	"into": func(p piece) {
		p.press("button")
		p.says("li:first-child", "Line")
		p.press("button:last-child")
		p.says("li:last-child", "Line")
		p.shows(`$("li:nth-child(2)").textContent === "In the middle"`)
	},
	"delete": func(p piece) {
		p.press("button")
		p.shows(`!$("p")`)
	},
	"none": func(p piece) {
		p.counts()
		p.press("button")
		p.sent(1)
		p.shows(`$("button").textContent === "Send without showing the response"`)
	},
	"timing": func(p piece) {
		p.run(`const pressed = performance.now();
			$("#timed").addEventListener("wsx:beforeSwap", () => (window.waited = performance.now() - pressed));
			$("#timed").addEventListener("wsx:afterSwap", () => (window.settled = performance.now() - pressed));
			$("button").click()`)
		p.says("#timed", "Answer")
		p.wait(`window.waited >= 990 && window.settled >= window.waited + 190`)
	},
	"scroll": func(p piece) {
		p.press("button")
		p.shows(`$("#scrolled").scrollTop > 0 && $("#scrolled").scrollTop + $("#scrolled").clientHeight >= $("#scrolled").scrollHeight - 1`)
		p.press("button:last-child")
		p.shows(`$("#scrolled").scrollTop === 0 && $("li").textContent.includes("Line")`)
	},
	"transition":    transits,
	"wx-transition": transits,
	"settling": func(p piece) {
		p.run(`window.classes = []; new MutationObserver(() => classes.push($("#settled").className)).observe($("#settled"), { attributes: true })`)
		p.press("button")
		p.wait(`classes.join(", ") === "well wsx-settling, well wsx-settled, well"`)
	},
	"oob": func(p piece) {
		p.press("button")
		p.says("#both", "Answer")
		p.says("#aside", "too")
	},
	"x-": func(p piece) {
		p.press("button")
		p.shows(`$("#own").textContent.includes("Answer") && $("#own").getAnimations().length > 0`)
	},
	"wx-preserve": func(p piece) {
		p.run(`$("#volume").old = true`)
		p.press("button")
		p.shows(`$("#player").textContent.includes("Song") && $("#volume").old && $("#volume").textContent.includes("Volume")`)
	},
	"wx-nonce": func(p piece) {
		p.press("button")
		p.says("#scripted", "The script has run")
	},
	"wx-ignore": func(p piece) {
		p.counts()
		p.press("button") // a request would have started when this returns
		p.sent(0)
	},
}

func transits(p piece) {
	p.eval(`window.started ??= document.startViewTransition; window.transitions = 0;
		document.startViewTransition = function (...args) {
			transitions++
			window.transition = window.started.apply(this, args)
			return transition
		}`, nil)
	p.press("button")
	p.says("p.well", "Answer")
	p.wait(`transitions === 1`)
	p.eval(`transition.finished.then(() => 0)`, nil) // the transition covers the page until then
}
