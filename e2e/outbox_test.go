package e2e

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
)

// cafe is the board of examples/outbox, open in two tabs.
type cafe struct {
	maya, omar *tab
}

func openCafe(t *testing.T, url string) cafe {
	b := newBrowser(t)
	c := cafe{b.open(url), b.open(url)}
	for _, p := range []*tab{c.maya, c.omar} {
		p.allow("net::ERR_", "WebSocket connection to") // while the server is down or shutting down
		p.wait(`window.wsx?.isConnected()`)
	}
	return c
}

func (c cafe) sees(column string, drinks ...string) {
	c.maya.t.Helper()
	for _, p := range []*tab{c.maya, c.omar} {
		p.sees("#"+column+" .drink", drinks...)
	}
}

func (p *tab) order(name, drink string) {
	p.t.Helper()
	p.typeIn("#name", name)
	p.typeIn("#drink", drink+"\r")
	p.wait(`document.querySelector("#name").value === ""`)
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	c := openCafe(t, startExample(t, "outbox", "-db", filepath.Join(t.TempDir(), "orders.db")))
	step := func(what string, do func()) { t.Log(what); do() }
	c.maya.lookAround("outbox-empty")
	step("an order reaches both", func() {
		c.maya.order("Maya", "<i>Flat white</i>")
		c.maya.sees("#told", "Order 1 is committed.")
		c.sees("ordered", "<i>Flat white</i>")
		c.omar.order("Omar", "Espresso")
		c.sees("ordered", "<i>Flat white</i>", "Espresso")
	})
	step("a button moves it in both, and keeps the focus", func() {
		c.omar.click("#move-1")
		c.sees("ordered", "Espresso")
		c.sees("making", "<i>Flat white</i>")
		c.omar.wait(`document.activeElement.id === "move-1"`)
	})
	step("a collected order disappears", func() {
		c.maya.click("#move-1")
		c.sees("ready", "<i>Flat white</i>")
		c.maya.click("#move-1")
		c.sees("ready")
		c.sees("ordered", "Espresso")
	})
}

// The program is killed between commit and publish, while two pages show the board.
func TestOutboxKilled(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "orders.db")
	program := buildExample(t, "outbox")
	server := program.start(t, "-db", db, "-pause", "1h")
	c := openCafe(t, server.url)
	c.maya.order("Ada", "Green tea")
	c.maya.sees("#told", "Order 1 is committed.")
	c.omar.order("Omar", "Espresso")
	c.omar.sees("#told", "Order 2 is committed.")
	c.sees("ordered")

	server.end(syscall.SIGKILL)
	program.start(t, "-db", db, "-addr", server.address())
	c.sees("ordered", "Green tea", "Espresso")
	c.omar.click("#move-1")
	c.sees("making", "Green tea")
	c.maya.order("Ines", "Cappuccino")
	c.sees("ordered", "Espresso", "Cappuccino")
	for _, p := range []*tab{c.maya, c.omar} {
		p.sees("#status", "")
		p.wait(`document.querySelectorAll("#board li").length === 3`)
	}
}

// Takes the screenshots artifacts/outbox-*.png.
func TestOutboxLooks(t *testing.T) {
	t.Parallel()
	url := startExample(t, "outbox", "-db", filepath.Join(t.TempDir(), "orders.db"))
	p := newBrowser(t).open(url)
	p.wait(`window.wsx?.isConnected()`)
	for i, line := range []struct{ name, drink, column string }{
		{"Maya", "Flat white", "ready"},
		{"Jonas Weber", "Espresso", "ready"},
		{"Ada", "Green tea", "making"},
		{"Omar", "Cappuccino with oat milk, extra hot", "making"},
		{"Ines", "Flat white", "ordered"},
		{"Table four, by the window", "Two espressos and a glass of water", "ordered"},
		{"Lena", "Hot chocolate", "ordered"},
	} {
		p.typeIn("#name", line.name)
		p.typeIn("#drink", line.drink+"\r")
		order := fmt.Sprint("#order-", i+1)
		p.wait(fmt.Sprintf(`document.querySelector("#ordered %s")`, order))
		for _, column := range []string{"making", "ready"} {
			if line.column == "ready" || line.column == column {
				p.click(order + " button")
				p.wait(fmt.Sprintf(`document.querySelector("#%s %s")`, column, order))
			}
		}
	}
	p.lookAround("outbox")
}
