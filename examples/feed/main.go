// Feed puts a fast producer behind wsx.RateLimiter and wsx.Batcher and lets everybody turn the knobs. See README.md.
package main

import (
	"embed"
	"net/http"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

//go:embed web
var web embed.FS

var pages = look.Parse(web)

func main() {
	serve.Main("Feed", func() (http.Handler, *wsx.Hub, error) {
		f := newFeed()
		go f.run()
		mux := http.NewServeMux()
		look.Serve(mux, f.hub, web)
		mux.HandleFunc("GET /{$}", f.page)
		return mux, f.hub, nil
	})
}
