// Command announcements shows how tags select who receives a broadcast and who may send one. Run it, open the link that it
// prints in several private windows, and log in with a different role in each:
//
//	go run ./examples/announcements
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
	serve.Main("announcements", func() (http.Handler, *wsx.Hub, error) {
		sessions := login.New("announcements")
		station := newStation(sessions.Authenticate)
		return station.routes(sessions), station.hub, nil
	})
}

func (s *station) routes(sessions *login.Sessions) http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, s.hub, web)
	(&login.Pages{
		Sessions: sessions, Hub: s.hub, App: "Announcements",
		Roles: []login.Role{
			{ID: "basic", Name: "Basic", About: "Reads high-priority announcements"},
			{ID: "premium", Name: "Premium", About: "Also reads medium-priority announcements"},
			{ID: "admin", Name: "Admin", About: "Reads everything, and sends announcements"},
		},
		Note: "No password needed: in this example you choose your own role.",
	}).Register(mux)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		id, _ := sessions.Authenticate(r) // on an error id is empty: a visitor
		page, err := s.page(id)
		look.Write(w, http.StatusOK, page, err)
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// page renders the page for one role. It uses the rule that the filters of the broadcasts
// implement, so that a reload shows no more and no less.
func (s *station) page(id wsx.Identity) (template.HTML, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	role := id.Tags["role"]
	return wsx.Execute(pages, "page", map[string]any{
		"User": id.User, "Role": role, "Levels": s.reach(), "News": s.visible(id.User, role),
	})
}
