package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// Visitors at different places of the map receive only the events near them.
func TestNearby(t *testing.T) {
	t.Parallel()
	url := startExample(t, "nearby", "-every", "0", "-life", "20s")
	b := newBrowser(t)
	ann, bob := openNearby(b, url), openNearby(b, url)

	t.Log("a button chooses a place, by keyboard")
	bob.eval(`[...document.querySelectorAll(".places button")].find((b) => b.innerText === "Westcliff").focus()`, nil)
	bob.do("pressing Enter", chromedp.KeyEvent("\r"))
	bob.sees("#where", "Westcliff")
	bob.wait(`document.querySelector("#you [data-x]").dataset.x === "180"`)

	t.Log("an event reaches visitors near it, escaped, with the distance of each")
	cleo := openNearby(b, url)
	cleo.clickMap(450, 300)
	cleo.sees("#where", "3 km from Market Square")
	ann.click(`input[value="food"]`)
	ann.typeIn("#text", "<b>Soup</b> & bread\r")
	ann.sees("#told", "Added. 1 other page shows it.")
	ann.sees("#events p", "<b>Soup</b> & bread\nFood")
	ann.sees("#events b", "0.0 km")
	cleo.sees("#events p", "<b>Soup</b> & bread\nFood")
	cleo.wait(`/^2\.[789] km$/.test(document.querySelector("#events b").innerText)`) // a pixel is less precise than a point
	cleo.wait(`document.querySelectorAll("#pins .pin.food").length === 1`)
	cleo.wait(`document.querySelector("#pins .pin").getBoundingClientRect().width > 0`) // only elements in the SVG namespace are drawn
	assert.Zero(t, bob.pins())

	t.Log("an event appears and disappears as a visitor moves")
	bob.clickMap(500, 550)
	bob.wait(`document.querySelectorAll("#events li").length === 1`)
	assert.Equal(t, 1, bob.pins())
	bob.clickMap(500, 650)
	bob.wait(`document.querySelectorAll("#events li, #pins .pin").length === 0`)

	t.Log("an event disappears when it ends")
	for _, p := range []nearbyTab{ann, cleo} {
		p.wait(`document.querySelectorAll("#events li, #pins .pin").length === 0`)
		p.sees(".list .empty", "No events near you right now.")
	}

	t.Log("an error is shown, and the text is restored")
	ann.eval(`document.querySelector(".post form").noValidate = true`, nil)
	ann.typeIn("#text", "   \r")
	ann.sees("#problem", "Describe the event.")
}

// openNearby opens the map and waits until the server has received the place.
func openNearby(b *browser, url string) nearbyTab {
	b.t.Helper()
	p := nearbyTab{b.openAlone(url)}
	p.eval(`document.addEventListener("wsx:afterSwap", ({ target }) => { if (target.id === "events") window.shown = true })`, nil)
	p.eval(`window.wsx.send("move", { data: { ...document.querySelector("#you [data-x]").dataset } })`, nil)
	p.wait(`window.shown`)
	return p
}

type nearbyTab struct{ *tab }

func (n nearbyTab) pins() (count int) {
	n.t.Helper()
	n.eval(`document.querySelectorAll("#pins .pin").length`, &count)
	return count
}

// clickMap clicks a point, in the units of the drawing.
func (n nearbyTab) clickMap(x, y int) {
	n.t.Helper()
	var at struct{ X, Y float64 }
	n.eval(fmt.Sprintf(`(() => {
		const map = document.getElementById("map")
		map.scrollIntoView()
		const at = new DOMPoint(%d, %d).matrixTransform(map.getScreenCTM())
		return { X: at.x, Y: at.y }
	})()`, x, y), &at)
	n.do("clicking the map", chromedp.MouseClickXY(at.X, at.Y))
}

// Takes the screenshots artifacts/nearby-*.png.
func TestNearbyLooks(t *testing.T) {
	t.Parallel()
	p := openNearby(newBrowser(t), startExample(t, "nearby"))
	p.wait(`document.querySelectorAll("#events li").length > 0`)
	p.eval(`Promise.all(document.getAnimations().map((a) => a.finished))`, nil)
	p.lookAround("nearby")
}
