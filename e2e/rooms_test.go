package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Three people walk through the rooms, and two of them have a word that the third one must not see.
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
	step("everybody sees how many are where", func() {
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
	step("what is said, all hear", func() {
		say(ann, "<b>Coffee</b> is ready")
		for _, p := range []*tab{ann, bob, eve} {
			p.sees(".feed .body", "<b>Coffee</b> is ready")
		}
	})
	step("a word to one member reaches nobody else", func() {
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
	var before []string // what has happened, by ids
	step("a reload comes back to the room, sees the same, and is no coming or going", func() {
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
	step("a new connection comes back to the room and leaves half a sentence in the box", func() {
		bob.typeIn("#text", "I was about to")
		bob.eval(`document.querySelector(".feed li").remove(); window.wsx.reconnect()`, nil)
		bob.wait(`document.querySelectorAll(".feed li").length === ` + fmt.Sprint(len(before)+1))
		bob.wait(`document.querySelector("#text").value === "I was about to"`)
		bob.eval(`document.querySelector("#say").reset()`, nil)
	})
	step("who leaves is missed, after the time that a reload may take", func() {
		bob.click(".title button")
		bob.wait(`document.querySelector("#room h1").innerText.startsWith("Where")`)
		ann.wait(`[...document.querySelectorAll(".feed .left .by")].at(-1)?.innerText.startsWith("Bob O'Hara left")`)
		ann.sees(".members .name", "<i>Eve</i>", "Ann")
		bob.sees("#rooms .count > :first-child", "2", "0", "0", "0")
	})
	step("nobody can be written to who is not there", func() {
		enter(bob, "terrace")
		ann.eval(`window.wsx.send("say", { data: { text: "Psst", to: "Bob O'Hara" } })`, nil)
		ann.sees("#trouble", "Bob O'Hara is not here any more.")
		say(bob, "Alone at last")
		bob.sees(".feed .body", "Alone at last")
		ann.wait(`document.querySelector("#count-terrace").innerText === "1"`)
		var heard bool
		ann.eval(`document.body.innerText.includes("Alone at last")`, &heard)
		assert.False(t, heard)
	})
}

// Not a test of much, but what people look at: artifacts/rooms-*.png.
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
		{"Jonas Weber", "On my way. Does anybody know which one makes coffee?"},
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
