// Polling shows one board of notes twice on a page, once polled over HTTP and once pushed by wsx, and what each costs. See
// README.md.
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
	serve.Main("Polling", func() (http.Handler, *wsx.Hub, error) {
		b := newBoard()
		mux := http.NewServeMux()
		look.Serve(mux, b.hub, web)
		mux.Handle("GET /pushed", b.costs.upgrade(b.hub)) // the hub as at /live, but counted
		mux.Handle("GET /notes", b.costs.http(b.list))
		mux.Handle("POST /notes", b.costs.http(b.post))
		mux.HandleFunc("GET /costs", b.showCosts)
		mux.HandleFunc("GET /{$}", b.page)
		return http.NewCrossOriginProtection().Handler(mux), b.hub, nil // no other site can post here
	})
}
