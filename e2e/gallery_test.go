package e2e

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// Somebody tries some pieces of the gallery, and looks at the panel for developers.
func TestGallery(t *testing.T) {
	url := startExample(t, "gallery")
	b := newBrowser(t)
	p := b.open(url)
	p.wait(`window.wsx?.isConnected()`)
	p.lookAround("gallery")
	step := func(what string, do func()) { t.Log(what); do() }
	section := func(id, selector string) string {
		return `document.getElementById("d-` + id + `").closest("article").querySelector(` + strconv.Quote(selector) + `)`
	}

	step("the contents lead to every piece", func() {
		var lost []string
		p.eval(`[...document.querySelectorAll("nav a")].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id))`, &lost)
		assert.Empty(t, lost)
	})
	step("a button shows its answer", func() {
		p.eval(section("wx-send", "button")+`.click()`, nil)
		p.wait(`document.querySelector("#out-send").innerText.startsWith("Answer")`)
	})
	step("a form sends all that it holds", func() {
		p.eval(`{ const article = `+section("form", "form")+`; article.querySelector("[value=tea]").click(); article.querySelector("button").click() }`, nil)
		p.wait(`document.querySelector("#out-form code")?.innerText.includes('"action":"save"') && document.querySelector("#out-form").innerText.includes("tea")`)
	})
	step("an answer changes two things", func() {
		p.eval(section("oob", "button")+`.click()`, nil)
		p.wait(`document.querySelector("#aside").innerText.endsWith("too")`)
	})
	step("what is said reaches every window", func() {
		other := b.open(url)
		other.wait(`window.wsx?.isConnected()`)
		p.typeIn("#d-wx-ticket ~ .live input", "Hello\r")
		other.sees("#said li", "Hello")
	})
	step("the panel for developers shows what goes on, by day and by night", func() {
		p.eval(`void wsx.debug()`, nil)
		p.wait(`document.querySelector("[data-wsx-debug]")`)
		p.eval(section("wx-send", "button")+`.click(); wsx.send("count", "#nowhere"); wsx.send("fail", "#nowhere")`, nil)
		p.wait(`document.querySelector("[data-wsx-debug]").shadowRoot.querySelectorAll("li.problem").length === 2`)
		for _, scheme := range []string{"light", "dark"} {
			p.do("emulating", chromedp.EmulateViewport(1280, 800), colorScheme(scheme))
			p.screenshot("gallery-debug-" + scheme)
		}
		p.do("emulating", chromedp.EmulateViewport(360, 740), colorScheme("light"))
		p.screenshot("gallery-debug-small")
		p.eval(`void wsx.debug(false)`, nil)
		p.wait(`!document.querySelector("[data-wsx-debug]")`)
	})
}
