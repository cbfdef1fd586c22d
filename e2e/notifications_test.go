package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// Ann follows Bob, and Eve follows no one. Bob posts, leaves and returns.
func TestNotifications(t *testing.T) {
	t.Parallel()
	url := startExample(t, "notifications")
	b := newBrowser(t)
	ann := b.open(url).comeIn("Ann")
	ann.wait(`document.querySelector("#others + .none").checkVisibility()`)
	ann.lookAround("notifications-alone")
	bob, eve := b.openAlone(url).comeIn("Bob O'Hara"), b.openAlone(url).comeIn("<i>Eve</i>")

	step := func(what string, do func()) { t.Log(what); do() }
	post := func(p *tab, text string) {
		p.typeIn("#text", text)
		p.click(".compose button")
		p.wait(fmt.Sprintf(`document.querySelector("#posts .text")?.innerText === %q && document.querySelector("#text").value === ""`, text))
	}
	step("a new user appears on the other pages", func() {
		ann.sees("#others .name", "Bob O'Hara", "<i>Eve</i>")
		ann.sees("#others .state", "Online", "Online")
	})
	step("following works in all tabs and keeps the focus", func() {
		again := b.open(url)
		again.wait(`window.wsx?.isConnected()`)
		ann.click("#others li:first-child button")
		for _, p := range []*tab{ann, again} {
			p.sees("#friends .name", "Bob O'Hara")
			p.sees("#others .name", "<i>Eve</i>")
		}
		ann.wait(`document.activeElement.innerText.startsWith("Unfollow")`)
		again.do("closing the tab", chromedp.Navigate("about:blank"))
	})
	step("followers are notified, others only see the post", func() {
		post(bob, "<b>Cake</b> in the kitchen")
		bob.sees("#told", "Posted. Followers notified: 1.")
		ann.sees(".toast .text", "<b>Cake</b> in the kitchen")
		ann.sees("#badge .count", "1")
		ann.wait(`document.title === "(1) Notifications"`)
		eve.sees("#posts .text", "<b>Cake</b> in the kitchen")
		eve.sees(".toast")
		eve.sees("#badge .count")
		post(bob, "It is gone")
		ann.sees("#badge .count", "2")
		ann.lookAround("notifications-toasts")
	})
	step("the number on the bell survives a reload and disappears in all tabs", func() {
		again := b.open(url)
		again.sees("#badge .count", "2")
		again.click("#bell summary")
		again.sees("#notes .new .text", "It is gone", "<b>Cake</b> in the kitchen")
		ann.sees("#badge .count")
		ann.wait(`document.title === "Notifications"`)
		again.sees("#badge .count")
		again.lookAround("notifications-bell")
		again.do("closing the tab", chromedp.Navigate("about:blank"))
	})
	step("a reload does not flicker", func() {
		ann.eval(`window.states = []; new MutationObserver(() => states.push(document.querySelector("#friends .state").innerText)).
			observe(document.querySelector("#people"), { childList: true, subtree: true })`, nil)
		for range 2 {
			bob.eval(`location.reload()`, nil)
			bob.wait(`window.wsx?.isConnected()`)
		}
		post(bob, "Back again")
		ann.sees("#badge .count", "1")
		var states []string
		ann.eval(`states`, &states)
		assert.Empty(t, states)
	})
	step("a user who leaves is offline and misses nothing", func() {
		ann.do("leaving", chromedp.Navigate("about:blank"))
		bob.sees("#others .state", "Online", "Offline")
		post(bob, "Is Ann there?")
		bob.sees("#told", "Posted. Followers notified: 1.")
		ann.do("coming back", chromedp.Navigate(url))
		ann.sees("#badge .count", "2")
		bob.sees("#others .state", "Online", "Online")
	})
	step("the operator reaches all users", func() {
		eve.typeIn("#announce", "Back in <5> minutes\r")
		for _, p := range []*tab{ann, bob, eve} {
			p.wait(`document.querySelector("#maintenance p")?.innerText.startsWith("Back in <5> minutes")`)
		}
		ann.lookAround("notifications-operator")
		bob.click("#maintenance button")
		for _, p := range []*tab{ann, bob, eve} {
			p.wait(`document.querySelector("#maintenance").children.length === 0`)
		}
	})
	step("unfollowing stops notifications", func() {
		ann.click("#friends button")
		ann.sees("#friends .name")
		post(bob, "Hello?")
		bob.sees("#told", "Posted. Followers notified: 0.")
		ann.sees("#badge .count", "2")
	})
}

// Takes the screenshots artifacts/notifications-*.png.
func TestNotificationsLooks(t *testing.T) {
	t.Parallel()
	url := startExample(t, "notifications")
	b := newBrowser(t)
	maya := b.openAlone(url).comeIn("Maya")
	people := map[string]*tab{}
	for i, name := range []string{"Jonas Weber", "Ada", "Omar", "Ines"} {
		people[name] = b.openAlone(url).comeIn(name)
		maya.wait(fmt.Sprintf(`document.querySelectorAll("#others .on").length === %d`, i+1))
	}
	for n, name := range []string{"Ada", "Jonas Weber"} {
		maya.click(fmt.Sprintf(`#others [data-name=%q]`, name))
		maya.wait(fmt.Sprintf(`document.querySelectorAll("#friends li").length === %d`, n+1))
	}
	people["Omar"].do("leaving", chromedp.Navigate("about:blank"))
	maya.wait(`document.querySelectorAll("#others .on").length === 1`)
	for _, line := range []struct{ name, text string }{
		{"Ines", "Who has the key to the roof? The weather is too good for desks."},
		{"Jonas Weber", "The slides of yesterday's talk are on the wiki now, with the demo that did not work and the reason why."},
		{"Ada", "Found it: the clock of one machine was four minutes ahead. Everything else was fine all along."},
	} {
		people[line.name].typeIn("#text", line.text)
		people[line.name].click(".compose button")
		maya.wait(fmt.Sprintf(`document.querySelector("#posts .text")?.innerText === %q`, line.text))
	}
	maya.lookAround("notifications")
}
