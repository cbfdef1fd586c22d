package contender

import (
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// gorillaServer is the hub of gorilla's chat example, with a mutex instead of a goroutine and without pings.
type gorillaServer struct {
	upgrader websocket.Upgrader

	mu      sync.Mutex
	clients map[*gorillaClient]struct{}
}

type gorillaClient struct {
	conn *websocket.Conn
	send chan *websocket.PreparedMessage
}

func newGorilla(int) Contender {
	return &gorillaServer{
		upgrader: websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024},
		clients:  map[*gorillaClient]struct{}{},
	}
}

func (s *gorillaServer) Serve(ln net.Listener) error { return serveHTTP(ln, s.connect) }

func (s *gorillaServer) connect(w http.ResponseWriter, r *http.Request) {
	conn, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &gorillaClient{conn, make(chan *websocket.PreparedMessage, queued)}
	s.mu.Lock()
	s.clients[c] = struct{}{}
	s.mu.Unlock()
	go c.write()
	go s.read(c)
}

// read discards what browsers send. It is needed for close frames, and to notice lost connections.
func (s *gorillaServer) read(c *gorillaClient) {
	defer c.conn.Close()
	defer s.remove(c)
	for {
		if _, _, err := c.conn.ReadMessage(); err != nil {
			return
		}
	}
}

func (c *gorillaClient) write() {
	defer c.conn.Close()
	for m := range c.send {
		if c.conn.SetWriteDeadline(time.Now().Add(10*time.Second)) != nil || c.conn.WritePreparedMessage(m) != nil {
			return
		}
	}
}

func (s *gorillaServer) remove(c *gorillaClient) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeLocked(c)
}

func (s *gorillaServer) removeLocked(c *gorillaClient) {
	if _, there := s.clients[c]; there {
		delete(s.clients, c)
		close(c.send)
	}
}

func (s *gorillaServer) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

func (s *gorillaServer) Broadcast(html string) {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(html))
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.clients {
		select {
		case c.send <- m:
		// A full queue ends the connection, as in the example.
		default:
			s.removeLocked(c)
		}
	}
}
