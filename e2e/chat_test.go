package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two users chat, and one of them loses the connection.
func TestChat(t *testing.T) {
	t.Parallel()
	url := startExample(t, "chat")
	cable := newCable(t, strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/"))
	b := newBrowser(t)
	ann := joinChat(b.openAlone(url), "Ann")
	bob := joinChat(b.open(cable.url()), "Bob") // not alone, so that Bob can open more tabs

	step := func(what string, do func()) { t.Log(what); do() } // not t.Run: the tabs belong to the whole test
	step("both see who is here", func() {
		ann.seesPeople("Ann", "Bob")
		bob.seesPeople("Ann", "Bob")
	})
	step("typing is shown to the other user and ends by itself", func() {
		bob.typeIn("#text", "Hel")
		ann.wait(`document.querySelector("#typing").innerText.includes("Bob is typing")`)
		assert.Empty(t, bob.text("#typing"))
		ann.wait(`document.querySelector("#typing").children.length === 0`)
	})
	step("a message reaches both and empties the box", func() {
		bob.typeIn("#text", "lo!\r")
		ann.seesMessages("Hello!")
		bob.seesMessages("Hello!")
		bob.wait(`document.activeElement.id === "text" && document.activeElement.value === ""`)
		ann.wait(`document.querySelector("#typing").children.length === 0`)
	})
	step("markup stays text", func() {
		ann.say(`<script>document.title = "pwned"</script><img src=x onerror="document.title='pwned'">`)
		want := []string{"Hello!", `<script>document.title = "pwned"</script><img src=x onerror="document.title='pwned'">`}
		ann.seesMessages(want...)
		bob.seesMessages(want...)
		bob.wait(`document.title === "General · Chat" && !document.querySelector("#messages :is(script, img)")`)
	})
	step("an empty message is rejected with a message", func() {
		bob.eval(`document.getElementById("compose").noValidate = true`, nil)
		bob.typeIn("#text", "  \r")
		bob.wait(`document.getElementById("problem").innerText === "Write something first."`)
		bob.screenshot("chat-refused")
		bob.eval(`document.getElementById("compose").reset()`, nil)
	})

	before := bob.messages()
	step("a disconnected user receives everything once", func() {
		bob.allow("WebSocket connection to", "net::ERR_")
		cable.cut()
		bob.wait(`document.getElementById("status").innerText.startsWith("Connection lost")`)
		bob.screenshot("chat-cut")
		ann.seesPeople("Ann")
		ann.say("Are you there?")
		ann.say("I'll wait.")
		ann.seesMessages(append(before, "Are you there?", "I'll wait.")...)
		bob.say("Sent from the tunnel") // queued until the connection is back
		assert.Equal(t, before, bob.messages())

		cable.mend()
		ann.seesPeople("Ann", "Bob")
		ann.say("Welcome back")
		ann.wait(`[...document.querySelectorAll("#messages .body")].length === ` + fmt.Sprint(len(before)+4))
		all := ann.messages()
		assert.ElementsMatch(t, append(before, "Are you there?", "I'll wait.", "Sent from the tunnel", "Welcome back"), all)
		bob.seesMessages(all...)
		bob.wait(`document.getElementById("status").innerText === ""`)
		bob.wait(`document.querySelector(".scroll").scrollTop === 0`) // the newest message is visible
	})
	step("a second tab is not a second person", func() {
		again := chatTab{b.open(cable.url() + "rooms/general")}
		again.seesPeople("Ann", "Bob")
		assert.Equal(t, ann.messages(), again.messages())
		ann.seesPeople("Ann", "Bob")
	})
	step("rooms are separate", func() {
		ann.click(`nav a[href="/rooms/help"]`)
		ann.wait(`document.querySelector("h1")?.innerText === "Help"`)
		bob.seesPeople("Bob")
		ann.seesPeople("Ann")
		ann.say("Only here")
		ann.seesMessages("Only here")
		bob.say("Still in General")
		bob.wait(`[...document.querySelectorAll("#messages .body")].at(-1).innerText === "Still in General"`)
		assert.NotContains(t, bob.messages(), "Only here")
		ann.seesMessages("Only here")
	})
	step("logging out closes all tabs of the user", func() {
		again := chatTab{b.open(cable.url() + "rooms/help")}
		ann.seesPeople("Ann", "Bob")
		again.click(".me button")
		again.wait(`document.querySelector("h1")?.innerText === "What is your name?"`)
		bob.wait(`document.querySelector("h1")?.innerText === "What is your name?"`)
		ann.seesPeople("Ann")
	})
}

// Takes the screenshots artifacts/chat-*.png.
func TestChatLooks(t *testing.T) {
	t.Parallel()
	url := startExample(t, "chat")
	b := newBrowser(t)
	login := b.openAlone(url)
	login.look("chat-login")
	maya, jonas, ada := joinChat(login, "Maya"), joinChat(b.openAlone(url), "Jonas Weber"), joinChat(b.openAlone(url), "Ada")
	for _, line := range []struct {
		who  chatTab
		text string
	}{
		{maya, "The new build is on staging. Can you try it on a phone?"},
		{jonas, "On it."},
		{jonas, "Works on mine, also after a walk through the basement without signal. Everything was there when I came back up, in order, and nothing twice."},
		{ada, "<script>alert(1)</script> is still just text, by the way."},
		{maya, "Let's ship it today. The notes are at https://example.com/releases/2026/november/everything-that-has-changed-since-the-last-one"},
		{ada, "Shipped."},
	} {
		line.who.say(line.text)
		maya.wait(fmt.Sprintf(`[...document.querySelectorAll("#messages .body")].at(-1)?.innerText === %q`, line.text))
	}
	maya.seesPeople("Ada", "Jonas Weber", "Maya")
	jonas.typeIn("#text", "Nice")
	maya.wait(`document.querySelector("#typing").innerText.includes("Jonas Weber is typing")`)
	maya.look("chat")
}

// cable is a TCP proxy that can be cut. Its connections are lost, and new ones fail until it is mended.
type cable struct {
	listener net.Listener
	mu       sync.Mutex
	isCut    bool
	open     map[net.Conn]bool
}

func newCable(t *testing.T, to string) *cable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cable{listener: listener, open: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { c.carry(from, to) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		c.cut()
		running.Wait()
	})
	return c
}

func (c *cable) url() string { return "http://" + c.listener.Addr().String() + "/" }

func (c *cable) carry(from net.Conn, address string) {
	defer from.Close()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer to.Close()
	if !c.plug(from, to) {
		return
	}
	var there sync.WaitGroup
	there.Go(func() {
		io.Copy(to, from)
		to.(*net.TCPConn).CloseWrite()
	})
	io.Copy(from, to)
	from.Close()
	there.Wait()
	c.mu.Lock()
	delete(c.open, from)
	delete(c.open, to)
	c.mu.Unlock()
}

func (c *cable) plug(conns ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		c.open[conn] = true
	}
	return !c.isCut
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isCut = true
	for conn := range c.open {
		conn.Close()
	}
	clear(c.open)
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isCut = false
}

// chatTab is a tab that shows a room.
type chatTab struct{ *tab }

func joinChat(p *tab, name string) chatTab {
	p.t.Helper()
	p.typeIn("#name", name+"\r")
	p.wait(`document.getElementById("messages") && window.wsx?.isConnected()`)
	return chatTab{p}
}

func (c chatTab) say(text string) {
	c.t.Helper()
	c.typeIn("#text", text+"\r")
}

func (c chatTab) messages() (texts []string) {
	c.t.Helper()
	c.eval(`[...document.querySelectorAll("#messages .body")].map((body) => body.innerText)`, &texts)
	return texts
}

func (c chatTab) text(selector string) (text string) {
	c.t.Helper()
	c.eval(fmt.Sprintf(`document.querySelector(%q).innerText`, selector), &text)
	return text
}

// seesMessages waits until the page shows exactly these messages, in this order.
func (c chatTab) seesMessages(texts ...string) {
	c.t.Helper()
	c.waitForList("#messages .body", texts)
}

func (c chatTab) seesPeople(names ...string) {
	c.t.Helper()
	c.waitForList("#people .name", names)
}

func (c chatTab) waitForList(selector string, want []string) {
	c.t.Helper()
	list, err := json.Marshal(want)
	require.NoError(c.t, err)
	c.wait(fmt.Sprintf(`JSON.stringify([...document.querySelectorAll(%q)].map((e) => e.innerText)) === JSON.stringify(%s)`, selector, list))
}

// look takes screenshots in a wide and a narrow window, light and dark.
func (p *tab) look(name string) {
	p.t.Helper()
	for _, size := range []struct{ width, height int64 }{{1200, 800}, {360, 740}} {
		for _, scheme := range []string{"light", "dark"} {
			p.do("emulating", chromedp.EmulateViewport(size.width, size.height), colorScheme(scheme))
			var overflow bool
			p.eval(`document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight`, &overflow)
			assert.False(p.t, overflow, "%s at %d: the page itself must not scroll", name, size.width)
			p.isAccessible(fmt.Sprintf("%s, %d wide, %s", name, size.width, scheme))
			p.screenshot(fmt.Sprintf("%s-%dx%d-%s", name, size.width, size.height, scheme))
		}
	}
	p.do("emulating", chromedp.EmulateReset(), colorScheme("light"))
}

func colorScheme(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}
