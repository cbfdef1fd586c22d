// Package look contains what the pages of the examples share: a style sheet, a short script, avatars, and helpers that render
// pages.
package look

import (
	"embed"
	"encoding/base64"
	"hash/fnv"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
)

//go:embed web
var web embed.FS

var funcs = template.FuncMap{"initial": initial, "color": color, "slug": Slug, "stamp": stamp}

// Parse returns the templates in web/*.html of files and those of this package: "head", "live", "lines", "me", "avatar" and
// "time". It panics if a template is invalid.
func Parse(files fs.FS) *template.Template {
	own := template.Must(template.New("").Funcs(funcs).ParseFS(web, "web/*.html"))
	return template.Must(own.ParseFS(files, "web/*.html"))
}

// Serve registers the hub at /live, the wsx script, the assets of this package, and style.css, app.js and icon.svg from the
// directory web of files.
func Serve(mux *http.ServeMux, hub *wsx.Hub, files fs.FS) {
	mux.Handle("/live", hub)
	mux.Handle("GET /wsx.js", wsx.Script())
	mux.Handle("GET /look/", http.StripPrefix("/look", http.FileServerFS(web)))
	for _, name := range []string{"style.css", "app.js", "icon.svg"} {
		mux.Handle("GET /web/"+name, http.FileServerFS(files))
	}
}

// Show renders a template and writes it as a page.
func Show(w http.ResponseWriter, status int, t *template.Template, name string, data any) {
	page, err := wsx.Execute(t, name, data)
	Write(w, status, page, err)
}

// Write writes a page, or an error page if err is not nil. Pages must not be cached, because they contain the current state
// for one user.
func Write(w http.ResponseWriter, status int, page template.HTML, err error) {
	if err != nil {
		slog.Error("examples: render page", "err", err)
		http.Error(w, "This page can't be shown right now.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	io.WriteString(w, string(page))
}

// Slug encodes text for use in an element's id, which must not contain spaces.
func Slug(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// stamp formats t for the datetime attribute. live.js converts it to the reader's time zone.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// initial returns the letter in the avatar of name.
func initial(name string) string {
	r, _ := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r))
}

// color picks one of the eight avatar colors of the style sheet, always the same one for a name.
func color(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32() % 8
}
