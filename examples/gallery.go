package main

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

//go:embed web
var web embed.FS

var pages = look.Parse(web)

// hello has no flags, so it can't be started on a free port.
var leftOut = []string{"hello", "internal"}

type gallery struct {
	hub *wsx.Hub
	dir string

	mu       sync.Mutex // held while changing an example and broadcasting it, so that updates stay in order
	examples []*example
}

// newGallery returns a gallery of the examples in dir: its folders that contain a main.go.
func newGallery(dir string) (*gallery, error) {
	programs, err := filepath.Glob(filepath.Join(dir, "*", "main.go"))
	if err != nil {
		return nil, err
	}
	g := &gallery{hub: wsx.New(nil), dir: dir}
	for _, path := range programs {
		name := filepath.Base(filepath.Dir(path))
		if slices.Contains(leftOut, name) {
			continue
		}
		e := &example{Name: name, State: waiting}
		readme, _ := os.ReadFile(filepath.Join(dir, name, "README.md")) // without a README the card shows the name
		e.describe(string(readme))
		_, err := os.Stat(g.screenshot(name))
		e.HasScreenshot = err == nil
		g.examples = append(g.examples, e)
	}
	// The cards may have changed between loading the page and connecting.
	g.hub.OnConnect(func(_ context.Context, c *wsx.Connection) error {
		g.mu.Lock()
		defer g.mu.Unlock()
		html, err := wsx.Execute(pages, "cards", g.examples)
		if err != nil {
			return err
		}
		return c.Send("#cards", html, wsx.Inner)
	})
	return g, nil
}

// update changes an example and broadcasts its card.
func (g *gallery) update(e *example, change func(*example)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change(e)
	html, err := wsx.Execute(pages, "card", e)
	if err == nil {
		err = g.hub.Broadcast(wsx.ID(e.Name), html, wsx.Outer)
	}
	if err != nil && !errors.Is(err, wsx.ErrClosed) {
		slog.Error("examples: show", "example", e.Name, "err", err)
	}
}

func (g *gallery) routes() http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, g.hub, web)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		look.Show(w, http.StatusOK, pages, "page", g.examples)
	})
	mux.HandleFunc("GET /screenshots/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		// Only known names become part of a path.
		if !slices.ContainsFunc(g.examples, func(e *example) bool { return e.Name == name && e.HasScreenshot }) {
			http.NotFound(w, r)
			return
		}
		http.ServeFile(w, r, g.screenshot(name))
	})
	return mux
}

func (g *gallery) screenshot(name string) string { return filepath.Join(g.dir, name, "screenshot.png") }
