// Command notifications shows how to send to single users: followers of a person are notified of each post, and see who is
// online. Run it and open the link that it prints in two windows:
//
//	go run ./examples/notifications
package main

import (
	"embed"
	"html/template"
	"net/http"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/login"
	"github.com/wsxgo/wsx/examples/internal/look"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

//go:embed web
var web embed.FS

var pages = look.Parse(web)

func main() {
	serve.Main("notifications", func() (http.Handler, *wsx.Hub, error) {
		sessions := login.New("notifications")
		board := newBoard(sessions.Authenticate)
		return board.routes(sessions), board.hub, nil
	})
}

func (b *board) routes(sessions *login.Sessions) http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, b.hub, web)
	(&login.Pages{
		Sessions: sessions, Hub: b.hub, App: "Notifications", Admit: b.admit,
		Note: "No password needed. Log in with another name in a private window, so that there is a person to follow.",
	}).Register(mux)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		id, err := sessions.Authenticate(r)
		if err != nil {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		page, err := b.page(id.User)
		look.Write(w, http.StatusOK, page, err)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// page holds mu, so that the page shows one consistent state.
func (b *board) page(user string) (template.HTML, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return wsx.Execute(pages, "page", b.view(b.people[user]))
}

// view returns the data of one user's page, and of the fragments that are pushed into it. The caller holds mu.
func (b *board) view(p *person) map[string]any {
	friends, others := b.known(p)
	return map[string]any{
		"Me": p, "Posts": b.posts, "Friends": friends, "Others": others, "Maintenance": b.maintenance,
	}
}
