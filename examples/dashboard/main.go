// Dashboard shows administrators, live, how the machine, this process and its hub are doing. See README.md.
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
