// Command notifications shows how to tell some people, and only them: whoever follows somebody sees at once what that person
// posts, and friends come and go. Start it and open the link that it prints in two windows:
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
		Note: "No password needed. Open a second window and come in as somebody else: there must be somebody to follow.",
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

func (b *board) page(user string) (template.HTML, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return wsx.Execute(pages, "page", b.view(b.people[user]))
}

// view is what one person's page shows; its parts are what is pushed. mu is held.
func (b *board) view(p *person) map[string]any {
	friends, others := b.known(p)
	return map[string]any{
		"Me": p, "Posts": b.posts, "Friends": friends, "Others": others, "Maintenance": b.maintenance,
	}
}
