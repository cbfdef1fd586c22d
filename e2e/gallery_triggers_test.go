package e2e

// Trials of the gallery's pieces about triggers, by name.

var ofTriggers = map[string]func(piece){
	"wx-trigger": func(p piece) {
		p.counts()
		p.run(`$("#hover").focus()`)
		p.sent(1)
		p.run(`$("#hover").dispatchEvent(new MouseEvent("mouseenter"))`)
		p.sent(2)
		p.says("output", "mouseenter")
	},
	"keys": func(p piece) {
		p.counts()
		p.write("ab")
		p.write("\r")
		p.sent(1)
		p.says("output", `"text":"ab"`)
		p.run(`$("input").dispatchEvent(new KeyboardEvent("keydown", { key: "s", ctrlKey: true, bubbles: true }))`)
		p.sent(2)
	},
	"conditions": func(p piece) {
		p.counts()
		p.write("ab")
		p.typeIn(p.stage()+" label:nth-of-type(2) input", "\r") // it is empty
		p.typeIn(p.stage()+" label:nth-of-type(2) input", "x\r")
		p.says("output", `"q":"x"`)
		p.write("c")
		p.says("output", `"q":"abc"`)
		p.sent(2)
	},
	"wx-if": func(p piece) {
		p.counts()
		p.press("input")
		p.says("output", `"sure":"on"`)
		p.press("input")
		p.press("input")
		p.sent(2)
	},
	"wx-unless": func(p piece) {
		p.counts()
		p.write("a\r")
		p.says("output", `"q":"a"`)
		p.write("\b\r")
		p.write("b\r")
		p.says("output", `"q":"b"`)
		p.sent(2)
	},
	"custom": func(p piece) {
		p.press("button")
		p.says("#basket", "item-added")
	},
	"load": func(p piece) {
		p.says("p", "Answer")
	},
	"revealed": func(p piece) {
		p.run(`$("p").scrollIntoView({ behavior: "instant" })`)
		p.says("p", "Answer")
	},
	"intersect": func(p piece) {
		p.run(`$("p").scrollIntoView({ behavior: "instant", block: "center" })`)
		p.says("p", "Answer")
		p.run(`window.before = $("p").textContent; scrollTo({ top: 0, behavior: "instant" })`)
		p.eval(`new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(seen))))`, nil)
		p.run(`$("p").scrollIntoView({ behavior: "instant", block: "center" })`)
		p.shows(`$("p").textContent !== window.before`)
	},
	"every": func(p piece) {
		p.shows(`/^\d\d:\d\d:\d\d$/.test($("p").textContent)`)
		p.run(`window.before = $("p").textContent`)
		p.shows(`$("p").textContent !== window.before`)
	},
	"bottom": func(p piece) {
		p.run(`window.before = $("ul").children.length; $("ul").scrollTop = $("ul").scrollHeight`)
		p.shows(`$("ul").children.length === window.before + 3`)
	},
	"once": func(p piece) {
		p.counts()
		p.press("button")
		p.says("output", "Answer")
		p.press("button")
		p.sent(1)
	},
	"changed": func(p piece) {
		p.counts()
		p.write("a")
		p.says("output", `"q":"a"`)
		p.run(`$("input").dispatchEvent(new KeyboardEvent("keyup", { key: "Shift", bubbles: true }))`)
		p.write("b")
		p.says("output", `"q":"ab"`)
		p.sent(2)
	},
	"delay": func(p piece) {
		p.counts()
		p.run(`for (const field of $("output").parentElement.querySelectorAll("input")) {
			for (const value of ["a", "ab", "abc"]) { field.value = value; field.dispatchEvent(new Event("input", { bubbles: true })) }
		}`)
		p.sent(2)
		p.says("output", `"q":"abc"`)
	},
	"throttle": func(p piece) {
		p.counts()
		p.run(`for (const value of [10, 20, 30]) { $("input").value = value; $("input").dispatchEvent(new Event("input", { bubbles: true })) }`)
		p.says("output", `"value":"10"`)
		p.says("output", `"value":"30"`)
		p.sent(2)
	},
	"from": func(p piece) {
		p.press("button")
		p.says("p", "Answer")
	},
	"target": func(p piece) {
		p.counts()
		p.press("li:last-child")
		p.press("button")
		p.says("output", "Answer")
		p.sent(1)
	},
	"consume": func(p piece) {
		p.counts()
		p.press("button")
		p.says("output", "Answer")
		p.sent(1)
	},
}
