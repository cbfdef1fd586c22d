package contender

import (
	"html/template"
	"net"
	"net/http"
	"strconv"

	"github.com/wsxgo/wsx"

	"github.com/wsxgo/wsx/bench/internal/load"
)

type wsxServer struct{ hub *wsx.Hub }

func newWsx(sockets int) Contender { return newWsxWith(sockets, &wsx.Options{}) }

func newWsxDeflate(sockets int) Contender {
	return newWsxWith(sockets, &wsx.Options{Compression: true})
}

// newWsxWith joins rooms through Authenticate, so that a connection is complete when its handshake
// is.
func newWsxWith(sockets int, opts *wsx.Options) Contender {
	opts.PingInterval = -1
	opts.Authenticate = func(r *http.Request) (wsx.Identity, error) {
		var who wsx.Identity
		for _, room := range load.RoomsOf(number(r), sockets) {
			who.Rooms = append(who.Rooms, roomName(room))
		}
		return who, nil
	}
	return &wsxServer{wsx.New(opts)}
}

func roomName(room int) string { return "room-" + strconv.Itoa(room) }

func (s *wsxServer) Serve(ln net.Listener) error { return serveHTTP(ln, s.hub.ServeHTTP) }

func (s *wsxServer) Connections() int { return s.hub.Count() }

func (s *wsxServer) Broadcast(html string) { s.send(html) }

func (s *wsxServer) BroadcastRoom(room int, html string) { s.send(html, wsx.Room(roomName(room))) }

func (s *wsxServer) send(html string, to ...wsx.Filter) {
	if err := s.hub.Broadcast("#messages", template.HTML(html), wsx.Append, to...); err != nil {
		panic(err)
	}
}
