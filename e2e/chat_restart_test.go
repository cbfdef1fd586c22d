package e2e

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
)

// Two users write while the server is killed or stopped, and started again. Both see every message once and in the same order.
func TestChatRestart(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			flags := []string{"-db", filepath.Join(t.TempDir(), "chat.db")}
			program := buildExample(t, "chat")
			server := program.start(t, flags...)
			b := newBrowser(t)
			ann, bob := joinChat(b.openAlone(server.url), "Ann"), joinChat(b.openAlone(server.url), "Bob")
			for _, p := range []chatTab{ann, bob} {
				p.allow("net::ERR_", "WebSocket connection to") // while the server is down or shutting down
			}
			var said []string
			say := func(who chatTab, text string) {
				t.Helper()
				said = append(said, text)
				who.say(text)
				ann.seesMessages(said...)
				bob.seesMessages(said...)
			}
			say(ann, "Before, said by Ann")
			say(bob, "Before, said by Bob")

			server.end(signal)
			for _, p := range []chatTab{ann, bob} {
				p.wait(`document.getElementById("status").innerText.startsWith("Connection lost")`)
				p.eval(`window.sameDocument = true`, nil)
			}
			for i := range 3 {
				ann.say(fmt.Sprint("Meanwhile, said by Ann ", i)) // queued in the page
			}
			program.start(t, append(flags, "-addr", server.address())...)

			ann.wait(`document.querySelectorAll("#messages .body").length === 5`)
			for i := range 3 {
				said = append(said, fmt.Sprint("Meanwhile, said by Ann ", i))
			}
			ann.seesMessages(said...)
			bob.seesMessages(said...)
			say(bob, "After, said by Bob")
			say(ann, "After, said by Ann")
			for _, p := range []chatTab{ann, bob} {
				p.seesPeople("Ann", "Bob")
				p.wait(`document.getElementById("status").innerText === ""`)
				p.wait(`window.sameDocument`) // without a reload
				p.wait(`new Set([...document.querySelectorAll("#messages li")].map((li) => li.id)).size === 7`)
				p.wait(`document.querySelectorAll("#messages [data-day]").length === 1`)
			}
			ann.screenshot("chat-restart-" + name)
		})
	}
}
