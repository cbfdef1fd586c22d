package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Three people use the rooms, and two of them exchange a private message that the third must not see.
func TestRooms(t *testing.T) {
	t.Parallel()
	url := startExample(t, "rooms")
	b := newBrowser(t)
	login := b.openAlone(url)
	login.lookAround("rooms-login")
	ann := login.comeIn("Ann")
	bob, eve := b.openAlone(url).comeIn("Bob O'Hara"), b.open(url).comeIn("<i>Eve</i>")
	ann.lookAround("rooms-lobby")

	step := func(what string, do func()) { t.Log(what); do() }
	say := func(p *tab, text string) { p.typeIn("#text", text+"\r") }
	enter := func(p *tab, id string) {
		p.click(fmt.Sprintf(`#rooms button[data-room=%q]`, id))
		p.wait(fmt.Sprintf(`document.querySelector("#room [data-room=%s]")`, id))
	}
	step("all pages show the counts", func() {
		enter(ann, "kitchen")
		enter(bob, "kitchen")
		for _, p := range []*tab{ann, bob, eve} {
			p.sees("#rooms .count > :first-child", "2", "0", "0", "0")
		}
		eve.sees("#rooms [aria-current]")
		bob.wait(`document.querySelector("#rooms [aria-current]").dataset.room === "kitchen"`)
		enter(eve, "kitchen")
		ann.sees("#rooms .count > :first-child", "3", "0", "0", "0")
		ann.sees(".members .name", "<i>Eve</i>", "Ann", "Bob O'Hara")
	})
	step("a message reaches the whole room", func() {
		say(ann, "<b>Coffee</b> is ready")
		for _, p := range []*tab{ann, bob, eve} {
			p.sees(".feed .body", "<b>Coffee</b> is ready")
		}
	})
	step("a private message reaches only its recipient", func() {
		bob.click(`.members [data-name="Ann"] button`)
		bob.wait(`document.querySelector("#to .name").innerText === "Ann" && document.activeElement.id === "text"`)
		say(bob, "The good cups are behind the tea")
		ann.sees(".feed .private .body", "The good cups are behind the tea")
		bob.sees(".feed .private .body", "The good cups are behind the tea")
		bob.click("#to button")
		bob.wait(`!document.querySelector("#to").children.length && document.activeElement.id === "text"`)
		say(bob, "Thank you!")
		eve.sees(".feed .body", "<b>Coffee</b> is ready", "Thank you!")
		ann.sees(".feed .body", "<b>Coffee</b> is ready", "The good cups are behind the tea", "Thank you!")
		ann.lookAround("rooms-private")
	})
	var before []string // ids of the feed's entries
	step("a reload returns to the room, shows the same, and doesn't count as leaving", func() {
		ann.eval(`[...document.querySelectorAll(".feed li")].map((e) => e.id)`, &before)
		bob.eval(`location.reload()`, nil)
		bob.wait(`document.querySelectorAll(".feed li").length === ` + fmt.Sprint(len(before)))
		bob.sees(".feed .private .body", "The good cups are behind the tea")
		eve.eval(`location.reload()`, nil)
		eve.sees(".feed .body", "<b>Coffee</b> is ready", "Thank you!")
		say(ann, "Anybody?")
		ann.wait(`[...document.querySelectorAll(".feed li")].at(-1).innerText.includes("Anybody?")`)
		var after []string
		ann.eval(`[...document.querySelectorAll(".feed li")].map((e) => e.id)`, &after)
		assert.Len(t, after, len(before)+1)
	})
	step("a new connection rejoins the room and keeps the text in the box", func() {
		bob.typeIn("#text", "I was about to")
		bob.eval(`document.querySelector(".feed li").remove(); window.wsx.reconnect()`, nil)
		bob.wait(`document.querySelectorAll(".feed li").length === ` + fmt.Sprint(len(before)+1))
		bob.wait(`document.querySelector("#text").value === "I was about to"`)
		bob.eval(`document.querySelector("#say").reset()`, nil)
	})
	step("leaving is shown to the others", func() {
		bob.click(".title button")
		bob.wait(`document.querySelector("#room h1").innerText === "Choose a room"`)
		ann.wait(`[...document.querySelectorAll(".feed .left .by")].at(-1)?.innerText.startsWith("Bob O'Hara left")`)
		ann.sees(".members .name", "<i>Eve</i>", "Ann")
		bob.sees("#rooms .count > :first-child", "2", "0", "0", "0")
	})
	step("a message to a user outside the room is rejected", func() {
		enter(bob, "terrace")
		ann.eval(`window.wsx.send("say", { data: { text: "Psst", to: "Bob O'Hara" } })`, nil)
		ann.sees("#trouble", "Bob O'Hara is no longer here.")
		say(bob, "Alone at last")
		bob.sees(".feed .body", "Alone at last")
		ann.wait(`document.querySelector("#count-terrace").innerText === "1"`)
		var heard bool
		ann.eval(`document.body.innerText.includes("Alone at last")`, &heard)
		assert.False(t, heard)
	})
}

// Takes the screenshots artifacts/rooms-*.png.
func TestRoomsLooks(t *testing.T) {
	t.Parallel()
	url := startExample(t, "rooms")
	b := newBrowser(t)
	people := map[string]*tab{}
	for _, name := range []string{"Maya", "Jonas Weber", "Ada", "Omar"} {
		people[name] = b.openAlone(url).comeIn(name)
	}
	enter := func(name, room string) {
		people[name].click(fmt.Sprintf(`#rooms button[data-room=%q]`, room))
		people[name].wait(`document.querySelector("#room [data-room]")`)
	}
	enter("Omar", "workshop")
	maya := people["Maya"]
	n := 0
	for _, line := range []struct{ name, text string }{
		{"Maya", ""},
		{"Maya", "The new espresso machine is here. It has more buttons than our deployment."},
		{"Jonas Weber", ""},
		{"Jonas Weber", "On my way. Which one makes coffee?"},
		{"Ada", ""},
		{"Ada", "The big one. The small one calls support."},
		{"Maya", "> Please do not tell Ada that I called them twice."},
		{"Jonas Weber", "Who would like one?"},
	} {
		who := people[line.name]
		text, private := strings.CutPrefix(line.text, "> ")
		switch {
		case text == "":
			enter(line.name, "kitchen")
		case private:
			who.click(`.members [data-name="Jonas Weber"] button`)
			who.wait(`document.querySelector("#to .name")`)
			who.typeIn("#text", text+"\r")
		default:
			who.typeIn("#text", text+"\r")
		}
		n++
		maya.wait(fmt.Sprintf(`document.querySelectorAll(".feed li").length === %d`, n))
	}
	maya.lookAround("rooms")
}
