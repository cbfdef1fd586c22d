package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// An administrator watches examples/dashboard, a visitor does not get to, and nothing is drawn when nobody looks.
func TestDashboard(t *testing.T) {
	t.Parallel()
	url := startExample(t, "dashboard")
	b := newBrowser(t)
	ann := dashboardTab{b.openAlone(url)}
	ann.enter("Ann", "admin")

	t.Log("the charts move by themselves")
	ann.wait(`document.querySelectorAll(".chart path.area").length >= 6`) // elsewhere than on Linux the machine's are not known
	var before string
	ann.eval(`document.querySelector("#connections .area").getAttribute("d")`, &before)
	ann.wait(fmt.Sprintf(`document.querySelector("#connections .area").getAttribute("d") !== %q`, before))
	ann.wait(`document.querySelector("#connections .area").getBoundingClientRect().width > 0`) // a path of the SVG namespace
	ann.wait(`document.querySelector("#connections b").innerText === "1"`)

	t.Log("a visitor is counted and gets nothing")
	bob := dashboardTab{b.openAlone(url)}
	bob.enter("Bob", "visitor")
	ann.wait(`document.querySelector("#connections b").innerText === "2"`)
	bob.eval(`window.wsx.send("work")`, nil)
	bob.wait(`document.getElementById("trouble").innerText === "This is for administrators."`)
	bob.wait(`document.querySelector("h1").innerText === "This page is for administrators" && !document.querySelector("svg")`)
	bob.eval(`document.getElementById("trouble").textContent = ""`, nil)
	bob.lookAround("dashboard-visitor")

	for _, c := range []struct{ name, stop, start string }{
		{"a hidden tab", `Object.defineProperty(document, "hidden", {value: true, configurable: true}); document.dispatchEvent(new Event("visibilitychange"))`,
			`delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))`},
		{"a tab whose reader has pressed Pause", `document.getElementById("pause").click()`, `document.getElementById("pause").click()`},
	} {
		t.Log(c.name, "is not drawn for")
		skipped := ann.skipped()
		ann.eval(c.stop, nil)
		ann.waitUntilServerSkipped(skipped + 2)
		assert.Equal(t, skipped, ann.skipped(), "%s stands still", c.name)
		ann.eval(c.start, nil)
		ann.wait(fmt.Sprintf(`Number(document.getElementById("skipped").innerText) >= %d`, skipped+2))
	}

	t.Log("work is seen, and refused while there is some")
	ann.eval(`for (const time of [1, 2]) document.querySelector("[wx-send=work]").click()`, nil)
	ann.wait(`document.getElementById("trouble").innerText === "It is at work already."`)
	ann.wait(`document.querySelector("#gc small").innerText !== "peak 0"`)

	t.Log("logging out ends it in every tab")
	again := b.openAlone(url)
	dashboardTab{again}.enter("Ann", "admin") // the same person, elsewhere: her connections are closed and come back
	again.click(".me button")
	again.wait(`location.pathname === "/login"`)
	ann.wait(`document.querySelector(".chart") && window.wsx?.isConnected() && performance.getEntriesByType("navigation")[0].type === "reload"`)
	ann.lookAround("dashboard")
}

type dashboardTab struct{ *tab }

func (d dashboardTab) enter(name, role string) {
	d.t.Helper()
	d.click(fmt.Sprintf("input[value=%q]", role))
	d.comeIn(name)
}

// skipped is what the page says of the seconds in which nothing was drawn.
func (d dashboardTab) skipped() (n int) {
	d.t.Helper()
	d.eval(`Number(document.getElementById("skipped").innerText)`, &n)
	return n
}

// waitUntilServerSkipped asks the server, by loading the page beside the one that stands still.
func (d dashboardTab) waitUntilServerSkipped(seconds int) {
	d.t.Helper()
	d.eval(fmt.Sprintf(`(async () => {
		for (let skipped = 0; skipped < %d; ) {
			const page = await (await fetch("/")).text()
			skipped = Number(/id="skipped">(\d+)/.exec(page)[1])
		}
	})()`, seconds), nil)
}
