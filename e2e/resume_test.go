package e2e

import (
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wsxgo/wsx"
)

// A board is a page with a list of messages, and its database.
type board struct {
	t   *testing.T
	hub *wsx.Hub

	mu   sync.Mutex
	said []int // guarded by mu
}

func newBoard(t *testing.T) *board {
	b := &board{t: t, hub: wsx.New(&wsx.Options{Logger: slog.New(slog.DiscardHandler)})}
	// More than the messages sent during an outage.
	b.hub.ConfigureRooms("board", wsx.RoomOptions{History: 50_000, HistoryBytes: 16 << 20})
	t.Cleanup(func() { b.hub.Shutdown(context.Background()) })
	return b
}

// say commits a message, then publishes it.
func (b *board) say() {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.said)
	b.said = append(b.said, n)
	if err := b.hub.Broadcast("#board", item(n), wsx.Append, wsx.Room("board")); err != nil {
		b.t.Error(err)
	}
}

func item(n int) template.HTML { return wsx.HTMLf(`<li id="m%d">%d</li>`, n, n) }

// text returns the expected text of the page.
func (b *board) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Trim(fmt.Sprint(b.said), "[]")
}

// talk sends a message every few milliseconds until it is stopped.
func (b *board) talk() (stop func()) {
	end := make(chan struct{})
	var talking sync.WaitGroup
	talking.Go(func() {
		for {
			select {
			case <-end:
				return
			case <-time.After(5 * time.Millisecond):
				b.say()
			}
		}
	})
	return sync.OnceFunc(func() {
		close(end)
		talking.Wait()
	})
}

// handler serves the page. It calls between after reading the database and before responding.
func (b *board) handler(between func()) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/ws", b.hub)
	mux.Handle("/wsx.js", wsx.Script())
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		ticket, err := b.hub.Ticket(r.Context(), "", "board")
		if err != nil {
			b.t.Error(err)
		}
		var items template.HTML
		b.mu.Lock()
		for n := range b.said {
			items += item(n)
		}
		b.mu.Unlock()
		between()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", strictPolicy+"; img-src data:")
		fmt.Fprintf(w, `<!doctype html><title>Board</title><link rel="icon" href="data:,"><script src="/wsx.js" defer></script>
			<body wx-config='{"url":"/ws","reconnectInterval":20}'><ol id="board" wx-ticket="%s">%s</ol>`, ticket, items)
	})
	return mux
}

// shown returns the text of the page, in the form of [board.text].
const shown = `[...document.querySelectorAll("#board li")].map((li) => li.textContent).join(" ")`

// count returns the number of messages on the page.
const count = `document.querySelectorAll("#board li").length`

// agrees waits until the page shows all messages.
func (b *board) agrees(page *tab) {
	b.t.Helper()
	page.wait(fmt.Sprintf("%s === %q", shown, b.text()))
}

var networks = []struct {
	name string
	make func() *network
}{
	{"over WebSocket", func() *network { return &network{} }},
	{"over server-sent events", func() *network { return &network{refuseUpgrades: true} }},
	{"over long polls", func() *network { return &network{refuseUpgrades: true, refuseStreams: true} }},
}

// cutErrors are Chromium's console errors for lost connections.
var cutErrors = []string{"WebSocket connection to", "Failed to load resource", "net::ERR_"}

func TestAHundredCuts(t *testing.T) {
	t.Parallel()
	chromium := newBrowser(t)
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) {
			b := &browser{t, chromium.ctx}
			board, net := newBoard(t), n.make()
			newNetwork(t, net, board.handler(func() {
				for range 5 { // before the socket opens
					board.say()
				}
			}))
			page := b.open(net.URL)
			page.allow(cutErrors...)
			page.wait("wsx.isConnected()")
			board.agrees(page)

			stop := board.talk()
			defer stop()
			for range 100 {
				var before int
				page.eval(count, &before)
				net.cut()
				page.wait(fmt.Sprintf("%s > %d", count, before))
			}
			stop()
			board.agrees(page)
			if resets := board.hub.Stats().Resets; resets > 0 {
				t.Errorf("%d resets, though the room remembers everything", resets)
			}
			if !net.refuseUpgrades && net.scripts.Load() > 0 {
				t.Error("it left WebSocket, which had worked")
			}
		})
	}
}

func TestHostileNetworks(t *testing.T) {
	t.Parallel()
	chromium := newBrowser(t)
	for _, n := range []struct {
		name string
		net  *network
	}{
		{"that refuses upgrades", &network{refuseUpgrades: true}},
		{"that refuses upgrades and loses the script that helps", &network{refuseUpgrades: true, loseScripts: 4}},
		{"that swallows frames", &network{swallow: true}},
		{"that cuts every 3 seconds", &network{lifetime: 3 * time.Second}},
		{"that lets nothing through but short requests", &network{refuseUpgrades: true, refuseStreams: true}},
	} {
		t.Run("a network "+n.name, func(t *testing.T) {
			b, board := &browser{t, chromium.ctx}, newBoard(t)
			newNetwork(t, n.net, board.handler(func() {}))
			page := b.open(n.net.URL)
			page.allow(cutErrors...)
			board.say()
			began := time.Now()
			board.agrees(page)
			t.Logf("live after %v", time.Since(began).Round(10*time.Millisecond))
			for range 3 { // and stays that way
				board.say()
				board.agrees(page)
			}
		})
	}
}
