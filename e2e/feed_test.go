package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// Two users watch the feed and change the rate and the window.
func TestFeed(t *testing.T) {
	t.Parallel()
	url := startExample(t, "feed")
	b := newBrowser(t)
	ann, ben := b.openAlone(url), b.openAlone(url)
	live := `window.wsx?.isConnected() && document.querySelectorAll("#trades li").length > 2`
	ann.wait(live)
	ben.wait(live)
	// count is a JavaScript expression for a number in the table, by row name and column.
	count := func(name string, column int) string {
		return fmt.Sprintf(`Number([...document.querySelectorAll("#counts tr")].find((r) => r.cells[0].innerText.startsWith(%q))?.cells[%d].innerText)`, name, column)
	}
	turn := func(p *tab, knob string, value int) {
		p.eval(fmt.Sprintf(`{ const knob = document.getElementById(%q); knob.value = %d; knob.dispatchEvent(new Event("input", { bubbles: true })) }`, knob, value), nil)
	}
	step := func(what string, do func()) { t.Log(what); do() }

	step("prices conflate, and nothing is refused while the rate is high enough", func() {
		ann.wait(count("Sent", 2) + " > 10")
		ann.wait(count("Conflated", 2) + " > 10")
		turn(ann, "rate", 200)
		ann.sees("#rate-is", "200")
		ben.sees("#rate-is", "200")
		ben.wait(`document.getElementById("rate").value === "200"`)
		ann.wait(count("Refused", 2) + " === 0")
		ann.wait(`document.querySelectorAll(".tiles :is(.up, .down)").length === 6`)
	})
	step("a low rate fills the queue and refuses", func() {
		turn(ben, "rate", 5)
		ann.sees("#rate-is", "5")
		ann.wait(count("Refused", 2) + " > 0")
		ann.wait(count("Waiting", 1) + " === 20")
		ann.wait(count("Sent", 2) + " < 15")
	})
	step("the new rate applies once the old queue is empty", func() {
		turn(ann, "rate", 200)
		ann.wait(count("Sent", 2) + " > 50")
		ann.wait(count("Waiting", 1) + " < 20")
	})
	step("a long window makes few frames", func() {
		turn(ann, "window", 1000)
		ben.sees("#window-is", "1000")
		ann.wait(count("Frames", 2) + " <= 6")
		ann.wait(count("Sent", 2) + " > 50")
		turn(ann, "window", 10)
		ann.wait(count("Frames", 2) + " > 20")
	})
	step("the list is limited, and a paused page receives nothing", func() {
		ann.wait(`document.querySelectorAll("#trades li").length === 12`)
		ann.click("#pause")
		ann.sees("#pause", "Resume")
		var before, after string
		ann.eval(`document.getElementById("stage").innerText`, &before)
		ben.eval(`window.seen = document.getElementById("trades").innerText`, nil)
		ben.wait(`document.getElementById("trades").innerText !== window.seen`)
		ann.eval(`document.getElementById("stage").innerText`, &after)
		if before != after {
			t.Errorf("the paused page changed:\n%s\n%s", before, after)
		}
		ann.click("#pause")
		ann.sees("#pause", "Pause")
		ann.eval(`window.seen = document.getElementById("trades").innerText`, nil)
		ann.wait(`document.getElementById("trades").innerText !== window.seen`)
	})
	step("invalid values are rejected with a message", func() {
		ann.eval(`window.wsx.send("turn", { data: { rate: 100000 } })`, nil)
		ann.sees("#trouble", "The rate must be 5 to 200 per second, the window 10 to 1000 ms.")
		ann.eval(`window.wsx.send("turn", { data: { rate: "fast" } })`, nil)
		ben.sees("#trouble", "")
	})
	step("screenshots", func() {
		turn(ann, "window", 100)
		turn(ann, "rate", 25)
		ben.wait(count("Refused", 2) + " > 0")
		ben.lookAround("feed")
		ben.do("keyboard", chromedp.Focus(chromedp.CSS("#rate")))
		ben.wait(`document.activeElement.id === "rate"`)
	})
}
