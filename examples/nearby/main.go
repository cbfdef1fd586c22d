// Command nearby shows live events within 10 km of a place that the visitor chooses on a map. Run it and open the link that it
// prints in two windows:
//
//	go run ./examples/nearby
package main

import (
	"flag"
	"net/http"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

func main() {
	every := flag.Duration("every", 3*time.Second, "interval between generated events; 0 generates none")
	life := flag.Duration("life", 90*time.Second, "how long an event lasts")
	serve.Main("Nearby", func() (http.Handler, *wsx.Hub, error) {
		t := newTown(*life)
		go t.run(*every)
		return t.routes(), t.hub, nil
	})
}
