package contender

import (
	"net"
	"net/http"
	"time"

	"github.com/olahol/melody"

	"github.com/wsxgo/wsx/bench/internal/load"
)

type melodyServer struct {
	sockets int
	hub     *melody.Melody
}

func newMelody(sockets int) Contender {
	hub := melody.New()
	// An hour is longer than any measurement, so no pings are sent.
	hub.Config.PingPeriod, hub.Config.PongWait = time.Hour, 2*time.Hour
	return &melodyServer{sockets, hub}
}

func (s *melodyServer) Serve(ln net.Listener) error {
	return serveHTTP(ln, func(w http.ResponseWriter, r *http.Request) {
		var keys map[string]any
		for _, room := range load.RoomsOf(number(r), s.sockets) {
			if keys == nil {
				keys = map[string]any{}
			}
			keys[roomName(room)] = true
		}
		_ = s.hub.HandleRequestWithKeys(w, r, keys) // it has responded to any error itself
	})
}

func (s *melodyServer) Connections() int { return s.hub.Len() }

func (s *melodyServer) Broadcast(html string) {
	if err := s.hub.Broadcast([]byte(html)); err != nil {
		panic(err)
	}
}

func (s *melodyServer) BroadcastRoom(room int, html string) {
	name := roomName(room)
	err := s.hub.BroadcastFilter([]byte(html), func(session *melody.Session) bool {
		_, in := session.Get(name)
		return in
	})
	if err != nil {
		panic(err)
	}
}
