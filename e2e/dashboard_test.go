package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// An administrator sees the charts, a visitor doesn't, and the server renders nothing without readers.
func TestDashboard(t *testing.T) {
	t.Parallel()
	url := startExample(t, "dashboard")
	b := newBrowser(t)
	ann := dashboardTab{b.openAlone(url)}
	ann.enter("Ann", "admin")

	t.Log("the charts update")
	ann.wait(`document.querySelectorAll(".chart path.area").length >= 6`) // other systems than Linux have no machine charts
	var before string
	ann.eval(`document.querySelector("#connections .area").getAttribute("d")`, &before)
	ann.wait(fmt.Sprintf(`document.querySelector("#connections .area").getAttribute("d") !== %q`, before))
	ann.wait(`document.querySelector("#connections .area").getBoundingClientRect().width > 0`) // a path of the SVG namespace
	ann.wait(`document.querySelector("#connections b").innerText === "1"`)

	t.Log("a visitor is counted and receives nothing")
	bob := dashboardTab{b.openAlone(url)}
	bob.enter("Bob", "visitor")
	ann.wait(`document.querySelector("#connections b").innerText === "2"`)
	bob.eval(`window.wsx.send("work")`, nil)
	bob.wait(`document.getElementById("trouble").innerText === "Only administrators can do this."`)
	bob.wait(`document.querySelector("h1").innerText === "This page is for administrators" && !document.querySelector("svg")`)
	bob.eval(`document.getElementById("trouble").textContent = ""`, nil)
	bob.lookAround("dashboard-visitor")

	for _, c := range []struct{ name, stop, start string }{
		{"a hidden tab", `Object.defineProperty(document, "hidden", {value: true, configurable: true}); document.dispatchEvent(new Event("visibilitychange"))`,
			`delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))`},
		{"a paused tab", `document.getElementById("pause").click()`, `document.getElementById("pause").click()`},
	} {
		t.Log(c.name, "receives no charts")
		skipped := ann.skipped()
		ann.eval(c.stop, nil)
		ann.waitUntilServerSkipped(skipped + 2)
		assert.Equal(t, skipped, ann.skipped(), "%s stands still", c.name)
		ann.eval(c.start, nil)
		ann.wait(fmt.Sprintf(`Number(document.getElementById("skipped").innerText) >= %d`, skipped+2))
	}

	t.Log("load is visible, and can't be started twice")
	ann.eval(`for (const time of [1, 2]) document.querySelector("[wx-send=work]").click()`, nil)
	ann.wait(`document.getElementById("trouble").innerText === "The load is already running."`)
	ann.wait(`document.querySelector("#gc small").innerText !== "peak 0"`)

	t.Log("logging out closes all tabs of the user")
	again := b.openAlone(url)
	dashboardTab{again}.enter("Ann", "admin") // the same user in another browser: her connections are closed and reconnect
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

// skipped returns the number of skipped seconds that the page shows.
func (d dashboardTab) skipped() (n int) {
	d.t.Helper()
	d.eval(`Number(document.getElementById("skipped").innerText)`, &n)
	return n
}

// waitUntilServerSkipped polls a fresh copy of the page, because the open one is not updated.
func (d dashboardTab) waitUntilServerSkipped(seconds int) {
	d.t.Helper()
	d.eval(fmt.Sprintf(`(async () => {
		for (let skipped = 0; skipped < %d; ) {
			const page = await (await fetch("/")).text()
			skipped = Number(/id="skipped">(\d+)/.exec(page)[1])
		}
	})()`, seconds), nil)
}
