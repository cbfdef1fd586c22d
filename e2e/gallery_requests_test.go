package e2e

// Trials of the gallery's pieces about requests, lists and the connection, by name.

var ofRequests = map[string]func(piece){
	"wx-pending": func(p piece) {
		p.press("button")
		p.shows(`$("button.wx-pending[aria-busy=true]")`)
		p.says("output", "Answer")
		p.shows(`!$("[class], [aria-busy]")`)
	},
	"wx-confirm": func(p piece) {
		p.counts()
		p.eval(`window.questions = []; window.confirm = (question) => questions.push(question) > 1`, nil)
		p.press("button")
		p.press("button")
		p.says("output", "Answer")
		p.sent(1)
		p.wait(`questions.join() === "Really count?,Really count?"`)
	},
	"wx-validate": func(p piece) {
		p.counts()
		p.write("ann\r")
		p.write("@example.org\r")
		p.says("output", "ann@example.org")
		p.sent(1)
	},
	"wx-include": func(p piece) {
		p.press("button:nth-of-type(1)")
		p.says("output", `{"city":"Oslo","street":"Storgata"`)
		p.press("button:nth-of-type(2)")
		p.says("output", `{"city":"Oslo","page"`)
		p.press("button:nth-of-type(3)")
		p.says("output", `{"name":"me","value":"7"`)
	},
	"wx-headers": func(p piece) {
		p.press("button")
		p.says("output", `"headers":{"tenant":"north","page":2}`)
	},
	"wx-disable": func(p piece) {
		p.press("button")
		p.shows(`$("button").disabled`)
		p.says("output", "Answer")
		p.shows(`!$("button").disabled && document.activeElement === $("button")`)
	},
	"wx-indicator": func(p piece) {
		for _, button := range []string{"button", "button ~ button"} {
			p.run(`$("output").replaceChildren()`)
			p.press(button)
			p.shows(`$("#wheel").checkVisibility()`)
			p.says("output", "Answer")
			p.shows(`!$("#wheel").checkVisibility()`)
		}
	},
	"wx-loading-class": func(p piece) {
		p.press("button")
		p.shows(`$("button.busy")`)
		p.says("output", "Answer")
		p.shows(`!$(".busy")`)
	},
	"wx-timeout": func(p piece) {
		p.counts()
		p.press("button")
		p.says("#late", "That did not work.")
		p.wait(`over.join() === "timeout"`)
		p.says("output", "Answer")
		p.shows(`$("#late").textContent === ""`)
	},
	"wx-retry": func(p piece) {
		p.press("button")
		p.says("output", "at the second attempt")
	},
	"wx-error": func(p piece) {
		p.press("button")
		p.says("#sorry[role=alert]", "That name is taken.")
		p.press("button ~ button")
		p.says("#sorry", "That did not work.")
	},
	"drop": func(p piece) {
		p.counts()
		p.press("button")
		p.press("button")
		p.says("output", "Answer")
		p.sent(1)
	},
	"replace": func(p piece) {
		p.counts()
		p.write("ab")
		p.says("output", `"q":"ab"`)
		p.sent(2)
		p.wait(`over.join() === "replaced,success"`)
	},
	"queue": func(p piece) {
		press := func(buttons string) { p.run(`for (const i of ` + buttons + `) $("#turns").children[i].click()`) }
		p.counts()
		press("[0, 1]")
		p.wait(`asked === 1`)
		p.wait(`asked === 2 && over.length === 1`)
		p.sent(2)
		p.counts()
		press("[0, 1, 2, 2]")
		p.sent(2) // the first and the last
	},
}

var ofLists = map[string]func(piece){
	"wx-stick": func(p piece) {
		p.press("button")
		p.shows(`$("li:last-child").textContent.includes("Line") && ` + isAtEnd)
	},
	"wx-unseen": func(p piece) {
		p.shows(`!$("[wx-unseen]").checkVisibility() && ` + isAtEnd)
		p.run(`$("ul").scrollTo({ top: 0, behavior: "instant" })`)
		p.eval(`new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(seen))))`, nil)
		p.press("button")
		p.press("button")
		p.shows(`$("[wx-unseen]").checkVisibility() && $("[wx-count]").textContent === "2" && $("ul").dataset.wsxUnseen === "2" && $("ul").scrollTop === 0`)
		p.press("[wx-unseen]")
		p.shows(`!$("[wx-unseen]").checkVisibility() && ` + isAtEnd)
	},
	"wx-limit": func(p piece) {
		p.press("button")
		p.shows(`$("ul").textContent.match(/Line \d+12$/)`)
		p.press("button ~ button")
		p.shows(`$("ul").textContent.match(/^12Line \d+$/)`)
	},
}

const isAtEnd = `$("ul").scrollTop + $("ul").clientHeight > $("ul").scrollHeight - 2`

var ofConnection = map[string]func(piece){
	"wx-status": func(p piece) {
		p.says("p[role=status]", "live")
		p.says("p ~ p", "Verbunden")
		p.counts()
		p.eval(`window.back = false; document.addEventListener("wsx:connected", () => (back = true), { once: true })`, nil)
		p.press("button")
		p.wait(`back`)
		p.wait(`over.join() === "lost"`)
	},
	"wx-ticket": func(p piece) {
		p.write("Hello <b>\r")
		p.says("#said", "Hello <b>")
	},
	"wx-reset": func(p piece) {
		p.says("#fetched", "Hello <b>")
	},
}
