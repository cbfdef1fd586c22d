// Command outbox is the order board of a café that loses no order, whenever it is killed: whatever is committed is published.
// Start it and open the link that it prints in two windows:
//
//	go run ./examples/outbox
//
// Read store.go, relay.go, board.go, in this order.
package main

import (
	"embed"
	"flag"
	"net/http"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

//go:embed web
var web embed.FS

var pages = look.Parse(web)

func main() {
	path := flag.String("db", "orders.db", "SQLite `file` for orders and outbox")
	pause := flag.Duration("pause", 0, "wait so long between commit and publish: the moment to kill the program in")
	var b *board
	serve.Main("Orders", func() (http.Handler, *wsx.Hub, error) {
		store, err := openStore(*path)
		if err != nil {
			return nil, nil, err
		}
		b = newBoard(store, *pause)
		b.start()
		return b.routes(), b.hub, nil
	})
	b.stop()
}
