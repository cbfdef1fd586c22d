// Command dashboard shows live charts of the machine, the process and its hub to administrators. Run it and open the link that
// it prints:
//
//	go run ./examples/dashboard
package main

import (
	"net/http"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

func main() {
	serve.Main("Dashboard", func() (http.Handler, *wsx.Hub, error) {
		b := newBoard()
		go func() {
			for now := range time.Tick(time.Second) {
				b.tick(now)
			}
		}()
		return b.routes(), b.hub, nil
	})
}
