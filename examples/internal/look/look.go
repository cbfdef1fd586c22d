// Package look is what the examples share that has nothing to do with wsx: a style sheet, the few lines of script that
// every live page wants, avatars, and how a page is written.
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

// Parse returns the templates in web/*.html of files, together with those of this package: "head", "live", "lines",
// "me", "avatar" and "time". It panics on a mistake in one.
func Parse(files fs.FS) *template.Template {
	own := template.Must(template.New("").Funcs(funcs).ParseFS(web, "web/*.html"))
	return template.Must(own.ParseFS(files, "web/*.html"))
}

// Serve adds to mux the hub at /live, wsx's script, what the pages of this package need, and style.css, app.js and icon.svg
// from the directory web of files.
func Serve(mux *http.ServeMux, hub *wsx.Hub, files fs.FS) {
	mux.Handle("/live", hub)
	mux.Handle("GET /wsx.js", wsx.Script())
	mux.Handle("GET /look/", http.StripPrefix("/look", http.FileServerFS(web)))
	for _, name := range []string{"style.css", "app.js", "icon.svg"} {
		mux.Handle("GET /web/"+name, http.FileServerFS(files))
	}
}

// Show writes a page that it makes of a template.
func Show(w http.ResponseWriter, status int, t *template.Template, name string, data any) {
	page, err := wsx.Execute(t, name, data)
	Write(w, status, page, err)
}

// Write writes a page, or says that there is none if err is not nil. A page is about one person and of this moment, so
// nothing may keep it.
func Write(w http.ResponseWriter, status int, page template.HTML, err error) {
	if err != nil {
		slog.Error("rendering a page", "error", err)
		http.Error(w, "This page cannot be shown just now.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	io.WriteString(w, string(page))
}

// Slug makes a part of an id of any text: names hold blanks and quotes, which ids must not.
func Slug(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// stamp is a time for scripts; live.js shows it in the reader's zone.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// initial is what stands in the circle beside a name.
func initial(name string) string {
	r, _ := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r))
}

// color is one of eight classes of the style sheet, always the same for a name.
func color(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32() % 8
}
