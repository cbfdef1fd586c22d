// Command feed puts a fast producer behind a wsx.RateLimiter and a wsx.Batcher. Run it and open the link that it prints:
//
//	go run ./examples/feed
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
