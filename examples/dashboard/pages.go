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
	{ID: admin, Name: "Administrator", About: "Sees the charts"},
	{ID: "visitor", Name: "Visitor", About: "Is counted, but receives no charts"},
}

func (b *board) routes() http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, b.hub, web)
	(&login.Pages{
		Sessions: b.sessions, Hub: b.hub, App: "Dashboard", Roles: roles,
		Note: "No password needed: in this example any user can be an administrator.",
	}).Register(mux)
	mux.HandleFunc("GET /{$}", b.home)
	return http.NewCrossOriginProtection().Handler(mux) // rejects posts from other sites
}

// home shows the dashboard to administrators, and a short explanation to other users.
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
			http.Error(w, "The charts can't be shown right now.", http.StatusInternalServerError)
			return
		}
	}
	look.Show(w, http.StatusOK, pages, page, data)
}

// mayWatch returns an error unless the user is an administrator. A handler must check this itself: a page without the button
// can still send the request.
func mayWatch(c *wsx.Connection) error {
	if c.Tag("role") != admin {
		return wsx.UserErrorf("Only administrators can do this.")
	}
	return nil
}
