package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The same notes, polled and pushed, sent by POST and over the WebSocket, and the cost of each.
func TestPolling(t *testing.T) {
	t.Parallel()
	url := startExample(t, "polling")
	b := newBrowser(t)
	ann, ben := b.openAlone(url), b.openAlone(url)
	figure := func(id string) string {
		return fmt.Sprintf(`Number(document.getElementById(%q).innerText.replace(/[^0-9]/g, "") || NaN)`, id)
	}
	read := func(p *tab, id string) (n int) { p.eval(figure(id), &n); return n }
	newest := func(p *tab, list, text string) {
		p.wait(fmt.Sprintf(`document.querySelector("#%s .name")?.innerText === %q`, list, text))
	}
	step := func(what string, do func()) { t.Log(what); do() }
	ann.wait(`window.wsx?.isConnected()`)
	ben.wait(`window.wsx?.isConnected()`)

	step("a posted note appears on both sides of both pages", func() {
		ann.typeIn("#by-post [name=text]", "By <b>POST</b>\r")
		for _, p := range []*tab{ann, ben} {
			newest(p, "pushed", "By <b>POST</b>")
			newest(p, "polled", "By <b>POST</b>")
		}
		ann.wait(`document.querySelector("#by-post [name=text]").value === ""`)
		ann.wait(figure("pushed-latency") + " < " + figure("polled-latency"))
	})
	step("so does a note sent over the WebSocket", func() {
		ben.typeIn("#by-socket [name=text]", "By socket\r")
		for _, p := range []*tab{ann, ben} {
			newest(p, "pushed", "By socket")
			newest(p, "polled", "By socket")
		}
		ben.wait(figure("pushed-latency") + " < " + figure("polled-latency"))
		ann.wait(`document.querySelectorAll("#polled li").length === 2 && document.querySelectorAll("#pushed li").length === 2`)
	})
	step("both show the same errors", func() {
		for _, form := range []string{"#by-post", "#by-socket"} {
			ann.eval(fmt.Sprintf(`document.querySelector("%s").noValidate = true`, form), nil)
			ann.typeIn(form+" [name=text]", "  \r")
			ann.sees(form+" .problem", "Write something first.")
			ann.eval(fmt.Sprintf(`document.querySelector("%s").reset()`, form), nil)
		}
		ann.allow("422") // the browser logs failed requests to the console
	})
	step("only polling costs something without changes", func() {
		before := read(ann, "polled-requests")
		bytes, pushed := read(ann, "polled-bytes"), read(ann, "pushed-requests")
		ann.wait(figure("polled-requests") + fmt.Sprintf(" >= %d", before+4))
		assert.Greater(t, read(ann, "polled-bytes"), bytes+800)
		assert.Equal(t, 2, pushed)
		assert.Equal(t, 2, read(ann, "pushed-requests"))
		ann.wait(figure("pushed-messages") + " >= 6")
	})
	step("a shorter interval lowers the latency", func() {
		for _, p := range []*tab{ann, ben} {
			p.eval(`{ const every = document.getElementById("every"); every.value = "1000"; every.dispatchEvent(new Event("change")) }`, nil)
		}
		ann.typeIn("#by-socket [name=text]", "Sooner\r")
		newest(ann, "polled", "Sooner")
		ann.wait(figure("polled-latency") + " < 3000")
	})
	step("screenshots", func() {
		ann.typeIn("#by-post [name=text]", "A note that is long enough to need a second line on a phone\r")
		newest(ann, "polled", "A note that is long enough to need a second line on a phone")
		ann.lookAround("polling")
	})
}
