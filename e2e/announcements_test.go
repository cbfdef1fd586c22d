package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A visitor, two readers and an admin: who may send, who receives what, and how many pages each announcement reaches.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	url := startExample(t, "announcements")
	b := newBrowser(t)
	comeInAs := func(p *tab, name, role string) *tab {
		p.click(`.bar a[href="/login"]`)
		p.wait(`document.querySelector("#name")`)
		p.click(fmt.Sprintf("input[value=%s]", role))
		if role == "admin" {
			p.lookAround("announcements-login")
		}
		return p.comeIn(name)
	}
	visitor := b.openAlone(url)
	ann := comeInAs(b.open(url), "Ann", "admin")
	pat, ben := comeInAs(b.openAlone(url), "<b>Pat</b>", "premium"), comeInAs(b.openAlone(url), "Ben", "basic")

	step := func(what string, do func()) { t.Log(what); do() }
	announce := func(level, text string) {
		ann.click("input[value=" + level + "]")
		ann.typeIn("#text", text)
		ann.click(".announce button")
		ann.wait(fmt.Sprintf(`document.querySelector("#news .text")?.innerText === %q`, text))
	}
	step("the form shows how many pages each level would reach", func() {
		ann.sees(".announce .count > :first-child", "4", "2", "1")
		again := b.open(url)
		ann.sees(".announce .count > :first-child", "5", "3", "2")
		again.eval(`window.wsx.disconnect()`, nil)
		ann.sees(".announce .count > :first-child", "4", "2", "1")
	})
	step("each level reaches its readers", func() {
		announce("low", "The <cron> jobs moved to 03:00")
		ann.sees("#reached", "Reached 1 of 4 open pages.")
		announce("medium", "A new export is being tested")
		ann.sees("#reached", "Reached 2 of 4 open pages.")
		announce("high", "We are closed on Friday")
		ann.sees("#reached", "Reached 4 of 4 open pages.")
		ann.sees("#news .text", "We are closed on Friday", "A new export is being tested", "The <cron> jobs moved to 03:00")
		pat.sees("#news .text", "We are closed on Friday", "A new export is being tested")
		ben.sees("#news .text", "We are closed on Friday")
		visitor.sees("#news .text", "We are closed on Friday")
	})
	step("a reload shows the same", func() {
		for p, n := range map[*tab]int{ann: 3, pat: 2, ben: 1, visitor: 1} {
			p.eval(`location.reload()`, nil)
			p.wait(fmt.Sprintf(`window.wsx?.isConnected() && document.querySelectorAll("#news li").length === %d`, n))
		}
	})
	step("each reader is counted once", func() {
		pat.click("#a3 button")
		pat.sees("#a3 .tick", "✓ Seen")
		for _, p := range []*tab{ann, pat, ben, visitor} {
			p.sees("#seen-3", "1")
		}
		ben.click("#a3 button")
		visitor.sees("#seen-3", "2")
		ben.sees(".tick", "✓ Seen")
	})
	step("requests without permission are rejected", func() {
		for _, p := range []*tab{pat, ben, visitor} {
			p.eval(`window.wsx.send("announce", { data: { level: "high", text: "I am the captain now" } })`, nil)
			p.sees("#trouble", "You don't have permission to do that.")
		}
		visitor.eval(`window.wsx.send("seen", { data: { id: 3 } })`, nil)
		ben.eval(`window.wsx.send("seen", { data: { id: 1 } })`, nil)
		ben.sees("#trouble", "That announcement no longer exists.")
		ann.sees("#seen-3", "2")
		ann.sees("#seen-1", "0")
		var heard bool
		ann.eval(`document.body.innerText.includes("captain")`, &heard)
		assert.False(t, heard)
	})
	step("rejected text stays in the box", func() {
		ann.eval(`document.querySelector(".announce").noValidate = true`, nil)
		ann.typeIn("#text", "   ")
		ann.click(".announce button")
		ann.sees(".announce .problem", "Write something first.")
		ann.wait(`document.querySelector("#text").value === "   "`)
		ann.eval(`document.querySelector(".announce").reset()`, nil)
	})
	step("a user who logs out becomes a visitor", func() {
		ben.click(".me button")
		ben.wait(`document.querySelector("#name")`)
		ann.sees(".announce .count > :first-child", "3", "2", "1")
	})
	ann.click("#a2 button")
	ann.lookAround("announcements-refused")
}

// Takes the screenshots artifacts/announcements-*.png.
func TestAnnouncementsLooks(t *testing.T) {
	t.Parallel()
	url := startExample(t, "announcements")
	b := newBrowser(t)
	visitors := []*tab{b.openAlone(url), b.openAlone(url)}
	var readers []*tab
	for _, one := range []struct{ name, role string }{{"Maya", "admin"}, {"Jonas Weber", "premium"}, {"Ada", "premium"}, {"Omar", "basic"}} {
		p := b.openAlone(url + "login")
		p.click(fmt.Sprintf("input[value=%s]", one.role))
		readers = append(readers, p.comeIn(one.name))
	}
	maya := readers[0]
	for _, line := range []struct{ level, text string }{
		{"low", "The backups of last night are complete. Restoring one took eleven minutes."},
		{"medium", "Exports can be scheduled now. Tell us what is missing before the release next month."},
		{"high", "On Friday from 18:00 to 18:10 UTC the service is read-only, while the database moves."},
	} {
		maya.click("input[value=" + line.level + "]")
		maya.typeIn("#text", line.text)
		maya.click(".announce button")
		maya.wait(fmt.Sprintf(`document.querySelector("#news .text")?.innerText === %q`, line.text))
	}
	for i, p := range readers[1:] {
		p.click("#a3 button")
		maya.sees("#seen-3", fmt.Sprint(i+1))
	}
	readers[1].click("#a2 button")
	maya.sees("#seen-2", "1")
	maya.click("#a3 button")
	maya.sees("#a3 .tick", "✓ Seen")
	maya.lookAround("announcements")
	readers[1].lookAround("announcements-premium")
	visitors[0].lookAround("announcements-visitor")
}
