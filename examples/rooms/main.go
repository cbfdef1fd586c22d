// Command rooms shows how open connections join and leave rooms, who is in each room, and private messages. Run it and open
// the link that it prints in two windows:
//
//	go run ./examples/rooms
package main

import (
	"context"
	"embed"
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
	serve.Main("rooms", func() (http.Handler, *wsx.Hub, error) {
		sessions := login.New("rooms")
		house := newHouse(sessions.Authenticate)
		return house.routes(sessions), house.hub, nil
	})
}

func (h *house) routes(sessions *login.Sessions) http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, h.hub, web)
	(&login.Pages{
		Sessions: sessions, Hub: h.hub, App: "Rooms",
		Note: "No password needed. Other people in the room see your name.",
	}).Register(mux)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		id, err := sessions.Authenticate(r)
		if err != nil {
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		look.Show(w, http.StatusOK, pages, "page", map[string]any{"User": id.User, "Rooms": h.list(r.Context())})
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// listed is a room with its number of members.
type listed struct {
	*room
	Members int
}

func (h *house) list(ctx context.Context) []listed {
	var all []listed
	for _, room := range h.rooms {
		members, _ := h.hub.Presence(ctx, room.ID) // fails only if ctx is done
		all = append(all, listed{room, len(members)})
	}
	return all
}
