// Gallery shows everything that the browser client can do, with its code beside it. See README.md.
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

// The same to read: showing a template rewrites it.
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
