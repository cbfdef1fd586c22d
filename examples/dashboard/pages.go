package main

import (
	"embed"
	"log/slog"
	"net/http"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/login"
	"github.com/wsxgo/wsx/examples/internal/look"
)

//go:embed web
var web embed.FS

var pages = look.Parse(web)

const admin = "admin"

var roles = []login.Role{
	{ID: admin, Name: "Administrator", About: "You see the figures"},
	{ID: "visitor", Name: "Visitor", About: "You are one of the figures"},
}

func (b *board) routes() http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, b.hub, web)
	(&login.Pages{
		Sessions: b.sessions, Hub: b.hub, App: "Dashboard", Roles: roles,
		Note: "No password needed: in this example anybody may be an administrator.",
	}).Register(mux)
	mux.HandleFunc("GET /{$}", b.home)
	return http.NewCrossOriginProtection().Handler(mux) // no other site can post here in somebody's name
}

// home is the dashboard for administrators, and a few polite words for others.
func (b *board) home(w http.ResponseWriter, r *http.Request) {
	id, err := b.sessions.Authenticate(r)
	if err != nil {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	page, data := "visitor", view{User: id.User}
	if id.Tags["role"] == admin {
		page = "board"
		if data, err = b.view(id.User, time.Now()); err != nil {
			slog.ErrorContext(r.Context(), "dashboard: draw", "err", err)
			http.Error(w, "The figures cannot be shown just now.", http.StatusInternalServerError)
			return
		}
	}
	look.Show(w, http.StatusOK, pages, page, data)
}

// mayWatch answers a handler that is for administrators alone. A page without a button keeps nobody from sending what the
// button would.
func mayWatch(c *wsx.Connection) error {
	if c.Tag("role") != admin {
		return wsx.UserErrorf("This is for administrators.")
	}
	return nil
}
