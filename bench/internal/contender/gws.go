package contender

import (
	"net"
	"net/http"

	"github.com/lxzan/gws"

	"github.com/wsxgo/wsx/bench/internal/load"
)

// gwsServer uses the Broadcaster of gws. The library has no rooms, so each session stores its own.
type gwsServer struct {
	gws.BuiltinEventHandler
	sockets  int
	upgrader *gws.Upgrader
	conns    *gws.ConcurrentMap[*gws.Conn, struct{}]
}

func newGws(sockets int) Contender {
	s := &gwsServer{sockets: sockets, conns: gws.NewConcurrentMap[*gws.Conn, struct{}](16)}
	s.upgrader = gws.NewUpgrader(s, &gws.ServerOption{
		Authorize: func(r *http.Request, session gws.SessionStorage) bool {
			for _, room := range load.RoomsOf(number(r), sockets) {
				session.Store(roomName(room), true)
			}
			return true
		},
	})
	return s
}

func (s *gwsServer) Serve(ln net.Listener) error {
	return serveHTTP(ln, func(w http.ResponseWriter, r *http.Request) {
		conn, err := s.upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go conn.ReadLoop() // so that net/http can release the request's memory
	})
}

func (s *gwsServer) OnOpen(conn *gws.Conn) { s.conns.Store(conn, struct{}{}) }

func (s *gwsServer) OnClose(conn *gws.Conn, _ error) { s.conns.Delete(conn) }

func (s *gwsServer) OnMessage(_ *gws.Conn, message *gws.Message) { message.Close() }

func (s *gwsServer) Connections() int { return s.conns.Len() }

func (s *gwsServer) Broadcast(html string) { s.send(html, func(*gws.Conn) bool { return true }) }

func (s *gwsServer) BroadcastRoom(room int, html string) {
	name := roomName(room)
	s.send(html, func(conn *gws.Conn) bool {
		_, in := conn.Session().Load(name)
		return in
	})
}

func (s *gwsServer) send(html string, to func(*gws.Conn) bool) {
	b := gws.NewBroadcaster(gws.OpcodeText, []byte(html))
	defer b.Close()
	s.conns.Range(func(conn *gws.Conn, _ struct{}) bool {
		if to(conn) {
			_ = b.Broadcast(conn) // fails if the connection has ended
		}
		return true
	})
}
