package main

import (
	"bytes"
	"cmp"
	"embed"
	"hash/fnv"
	"html/template"
	"log/slog"
	"net/http"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
)

//go:embed web
var web embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"initial": initial, "color": color}).
	ParseFS(web, "web/*.html"))

// policy allows only scripts, styles and images that this program serves. With Trusted Types, only wsx.js may turn strings
// into HTML.
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types wsx"

func (c *chat) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/ws", c.hub)
	mux.Handle("GET /wsx.js", wsx.Script())
	mux.Handle("GET /web/app.js", http.FileServerFS(web))
	mux.Handle("GET /web/style.css", http.FileServerFS(web))
	mux.Handle("GET /web/icon.svg", http.FileServerFS(web))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/rooms/"+rooms[0].ID, http.StatusSeeOther)
	})
	mux.HandleFunc("GET /rooms/{room}", c.roomPage)
	mux.HandleFunc("GET /login", c.loginPage)
	mux.HandleFunc("POST /login", c.login)
	mux.HandleFunc("POST /logout", c.logout)

	sameOrigin := http.NewCrossOriginProtection().Handler(mux) // rejects posts from other sites
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		sameOrigin.ServeHTTP(w, r)
	})
}

func (c *chat) roomPage(w http.ResponseWriter, r *http.Request) {
	room, ok := findRoom(r.PathValue("room"))
	if !ok {
		show(w, http.StatusNotFound, "missing", rooms[0])
		return
	}
	user, _, err := c.sessions.user(r)
	if err != nil {
		http.Redirect(w, r, "/login?room="+room.ID, http.StatusSeeOther)
		return
	}
	// The ticket is taken before the messages are read, so that the page misses none before it connects.
	ticket, err := c.hub.Ticket(r.Context(), user, messages(room.ID))
	if err != nil {
		slog.ErrorContext(r.Context(), "chat: make a ticket", "err", err)
		http.Error(w, "The chat is about to end.", http.StatusServiceUnavailable)
		return
	}
	said, err := c.store.recent(r.Context(), room.ID, shown)
	if err != nil {
		slog.ErrorContext(r.Context(), "chat: read the messages", "err", err)
		http.Error(w, "The messages can't be loaded right now.", http.StatusInternalServerError)
		return
	}
	show(w, http.StatusOK, "room", map[string]any{
		"User": user, "Room": room, "Rooms": rooms, "Ticket": ticket, "Messages": said, "People": c.people(room.ID),
	})
}

func (c *chat) loginPage(w http.ResponseWriter, r *http.Request) {
	show(w, http.StatusOK, "login", map[string]any{"Room": r.FormValue("room"), "MaxName": maxName})
}

func (c *chat) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	name, err := cleanName(r.PostFormValue("name"))
	if err != nil {
		show(w, http.StatusUnprocessableEntity, "login", map[string]any{
			"Room": r.PostFormValue("room"), "MaxName": maxName, "Name": r.PostFormValue("name"), "Error": err.Error(),
		})
		return
	}
	c.sessions.login(w, r, name)
	room, _ := findRoom(r.PostFormValue("room")) // an unknown room is the zero value, so the first room is used
	http.Redirect(w, r, "/rooms/"+cmp.Or(room.ID, rooms[0].ID), http.StatusSeeOther)
}

// logout also closes the connections of the user's other tabs, after the cookie has been deleted. They reload (see web/app.js)
// and show the login page.
func (c *chat) logout(w http.ResponseWriter, r *http.Request) {
	user, _, err := c.sessions.user(r)
	c.sessions.logout(w, r)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	if err == nil {
		// The browser must delete the cookie before the tabs reload, or they would still be logged
		// in.
		http.NewResponseController(w).Flush()
		c.hub.Disconnect(nil, wsx.User(user))
	}
}

// show renders into a buffer first, so that an error can still change the status.
func show(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		slog.Error("chat: render", "page", name, "err", err)
		http.Error(w, "This page can't be shown right now.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // the page contains the current state for one user
	w.WriteHeader(status)
	page.WriteTo(w)
}

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
