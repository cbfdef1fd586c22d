// Command gallery shows every feature of the browser client with its code beside it. Run it and open the link that it prints:
//
//	go run ./examples/gallery
package main

import (
	"embed"
	"html/template"
	"net/http"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

//go:embed web
var web embed.FS

//go:embed handlers.go verbs.go web/app.js
var sources embed.FS

var pages = look.Parse(web)

// written is a copy for showing the source, because executing a template changes its tree.
var written = template.Must(pages.Clone())

func main() {
	serve.Main("Gallery", func() (http.Handler, *wsx.Hub, error) {
		s := newServer()
		mux := http.NewServeMux()
		look.Serve(mux, s.hub, web)
		mux.HandleFunc("GET /{$}", s.page)
		return mux, s.hub, nil
	})
}
