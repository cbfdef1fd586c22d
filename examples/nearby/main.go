// Nearby shows on a map what is going on within 10 km of the place that a visitor chooses, live. See README.md.
package main

import (
	"flag"
	"net/http"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

func main() {
	every := flag.Duration("every", 3*time.Second, "how often something is invented to happen; 0: never")
	life := flag.Duration("life", 90*time.Second, "how long an event is shown")
	serve.Main("Nearby", func() (http.Handler, *wsx.Hub, error) {
		t := newTown(*life)
		go t.run(*every)
		return t.routes(), t.hub, nil
	})
}
