package e2e

import (
	"maps"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// piece is one piece of the gallery in a tab.
type piece struct {
	*tab
	name string
}

// stage returns a CSS selector of the piece's working part.
func (p piece) stage() string {
	return "#d-" + strings.NewReplacer(":", "-", "*", "all").Replace(p.name) + " ~ .live"
}

// press clicks an element of the piece.
func (p piece) press(selector string) {
	p.t.Helper()
	p.click(p.stage() + " " + selector)
}

// write types into the first field of the piece.
func (p piece) write(keys string) {
	p.t.Helper()
	p.typeIn(p.stage()+" input", keys)
}

// run evaluates js, in which $(selector) finds an element of the piece.
func (p piece) run(js string) {
	p.t.Helper()
	p.eval(p.scope()+js+"; 0 }", nil)
}

// shows waits for a condition, in which $(selector) finds an element of the piece.
func (p piece) shows(condition string) {
	p.t.Helper()
	p.wait("(() => " + p.scope() + "return " + condition + " } )()")
}

// says waits until an element of the piece contains text.
func (p piece) says(selector, text string) {
	p.t.Helper()
	p.shows("$(" + strconv.Quote(selector) + ")?.textContent.includes(" + strconv.Quote(text) + ")")
}

func (p piece) scope() string {
	return "{ const $ = (selector) => document.querySelector(" + strconv.Quote(p.stage()) + ").querySelector(selector); "
}

// counts starts counting the requests of the piece. sent waits until n have been sent and have finished.
func (p piece) counts() {
	p.t.Helper()
	p.eval(`window.counted = `+strconv.Quote(p.stage())+`; window.asked = 0; window.over = []`, nil)
}

func (p piece) sent(n int) {
	p.t.Helper()
	p.wait("window.asked === " + strconv.Itoa(n) + " && window.over.length === " + strconv.Itoa(n))
}

// heard waits until the gallery's list of events contains one with that name.
func (p piece) heard(name string) {
	p.t.Helper()
	p.wait(`[...document.querySelectorAll("#heard li")].some((line) => line.textContent.startsWith(` + strconv.Quote(name+" ") + `))`)
}

// arrive waits until a new page is connected and has loaded all its files.
func (p *tab) arrive() {
	p.t.Helper()
	p.wait(`window.wsx?.isConnected() && WSX.verbs.reload && document.querySelector("header [data-wsx-status=live]")`)
	p.eval(`window.counted = "none"; window.asked = 0; window.over = [];
		const isCounted = ({ target }) => target instanceof Element && target.closest(counted);
		document.addEventListener("wsx:beforeRequest", (event) => isCounted(event) && asked++);
		document.addEventListener("wsx:afterRequest", (event) => isCounted(event) && over.push(event.detail.code || "success"))`, nil)
}

// Tries every piece of the gallery, in its order.
func TestGalleryPieces(t *testing.T) {
	t.Parallel()
	p := newBrowser(t).open(startExample(t, "gallery"))
	p.arrive()
	trials := map[string]func(piece){}
	for _, some := range []map[string]func(piece){
		ofSending, ofTargets, ofSwaps, ofTriggers, ofRequests, ofLists, ofConnection, ofVerbs, ofEvents, ofMethods,
	} {
		maps.Copy(trials, some)
	}
	var names []string
	p.eval(`[...document.querySelectorAll("article h3")].map((title) => title.textContent)`, &names)
	require.NotEmpty(t, names)
	for _, name := range names {
		trial, ok := trials[name]
		if !assert.True(t, ok, "no trial for %s", name) {
			continue
		}
		t.Run(name, func(t *testing.T) { trial(piece{&tab{t: t, ctx: p.ctx}, name}) })
		delete(trials, name)
	}
	assert.Empty(t, trials, "pieces that are not in the gallery")
	p.eval(`document.activeElement.blur()`, nil)
	for _, scheme := range []string{"light", "dark"} {
		p.do("emulating", colorScheme(scheme))
		p.isAccessible("the gallery after all trials, " + scheme)
	}
}

// Takes screenshots of the gallery and tests the debug panel.
func TestGallery(t *testing.T) {
	t.Parallel()
	url := startExample(t, "gallery")
	b := newBrowser(t)
	p := b.open(url)
	p.arrive()
	p.lookAround("gallery")
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			p.do("emulating", chromedp.EmulateViewport(width, 900), colorScheme(scheme))
			for _, section := range []string{"targets", "swaps", "triggers", "requests", "lists", "connection", "verbs", "events", "methods"} {
				p.eval(`document.getElementById("`+section+`").scrollIntoView({ behavior: "instant" })`, nil)
				p.screenshot("gallery-" + section + "-" + strconv.FormatInt(width, 10) + "-" + scheme)
			}
		}
	}
	p.do("emulating", chromedp.EmulateViewport(1280, 800), colorScheme("light"))
	step := func(what string, do func()) { t.Log(what); do() }

	step("the contents link to every piece", func() {
		var lost []string
		p.eval(`[...document.querySelectorAll("nav a")].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id))`, &lost)
		assert.Empty(t, lost)
	})
	step("a text reaches every window", func() {
		other := b.open(url)
		other.arrive()
		p.typeIn("#d-wx-ticket ~ .live input", "Hello\r")
		other.sees("#said li", "Hello")
	})
	step("the debug panel works, light and dark", func() {
		p.eval(`void wsx.debug()`, nil)
		p.wait(`document.querySelector("[data-wsx-debug]")`)
		p.eval(`document.querySelector("#d-wx-send ~ .live button").click(); wsx.send("count", "#nowhere"); wsx.send("fail", "#nowhere")`, nil)
		p.wait(`document.querySelector("[data-wsx-debug]").shadowRoot.querySelectorAll("li.problem").length === 2`)
		for _, scheme := range []string{"light", "dark"} {
			p.do("emulating", chromedp.EmulateViewport(1280, 800), colorScheme(scheme))
			p.isAccessible("the panel, " + scheme)
			p.screenshot("gallery-debug-" + scheme)
		}
		p.do("emulating", chromedp.EmulateViewport(360, 740), colorScheme("light"))
		p.screenshot("gallery-debug-small")
		p.eval(`void wsx.debug(false)`, nil)
		p.wait(`!document.querySelector("[data-wsx-debug]")`)
	})
}

// After a restart the server rejects the old tickets, so the client refetches the regions.
func TestGalleryAfterARestart(t *testing.T) {
	t.Parallel()
	program := buildExample(t, "gallery")
	server := program.start(t)
	p := newBrowser(t).open(server.url)
	p.allow("net::ERR_", "WebSocket connection to")
	p.arrive()
	p.typeIn("#d-wx-ticket ~ .live input", "Hello\r")
	p.sees("#fetched li", "Hello")
	p.eval(`window.resets = []; document.addEventListener("wsx:reset", ({ target }) => resets.push(target.id))`, nil)
	server.end(syscall.SIGKILL)
	program.start(t, "-addr", server.address())
	p.wait(`resets.includes("fetched") && resets.includes("said")`)
	p.sees("#fetched li")
	p.sees("#said li")
	p.typeIn("#d-wx-ticket ~ .live input", "Again\r")
	p.sees("#fetched li", "Again")
	p.sees("#said li", "Again")
}
