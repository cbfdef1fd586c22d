package main

import (
	"embed"
	"net/http"

	"github.com/wsxgo/wsx/examples/internal/look"
)

//go:embed web
var web embed.FS

var pages = look.Parse(web)

func (t *town) routes() http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, t.hub, web)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		look.Show(w, http.StatusOK, pages, "page", view{
			Places: places, Kinds: kinds, You: places[0].point, MaxText: maxText, Scale: unitsPerKM,
		})
	})
	return mux
}

// view is the data of the page before it connects and receives events.
type view struct {
	Places         []place
	Kinds          []kind
	You            point
	MaxText, Scale int
}

// Radius returns the radius of the circle in the units of the map.
func (p point) Radius() int { return radius * unitsPerKM }

func (p point) Where() string { return describe(p) }
