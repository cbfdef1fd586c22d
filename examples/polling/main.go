// Command polling shows the same notes twice, polled over HTTP and pushed by wsx, and the cost of each. Run it and open the link
// that it prints:
//
//	go run ./examples/polling
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
		mux.Handle("GET /pushed", b.costs.upgrade(b.hub)) // like /live, with counting
		mux.Handle("GET /notes", b.costs.http(b.list))
		mux.Handle("POST /notes", b.costs.http(b.post))
		mux.HandleFunc("GET /costs", b.showCosts)
		mux.HandleFunc("GET /{$}", b.page)
		return http.NewCrossOriginProtection().Handler(mux), b.hub, nil // rejects posts from other sites
	})
}
