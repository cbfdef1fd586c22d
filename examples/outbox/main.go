// Command outbox is a café's order board that publishes every committed change, even if it is killed between commit and publish.
// Run it and open the link that it prints in two windows:
//
//	go run ./examples/outbox
//
// To read the code, start with store.go, then relay.go, then board.go.
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
	pause := flag.Duration("pause", 0, "wait between commit and publish, to have time to kill the program")
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
