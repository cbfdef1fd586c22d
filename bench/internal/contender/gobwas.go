package contender

import (
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// gobwasServer is a hub for gobwas/ws, which has none: a channel and a writer goroutine for each
// connection, as in the examples of other libraries.
type gobwasServer struct {
	mu      sync.Mutex
	clients map[*gobwasClient]struct{}
}

type gobwasClient struct {
	conn net.Conn
	send chan []byte
}

func newGobwas(int) Contender { return &gobwasServer{clients: map[*gobwasClient]struct{}{}} }

func (s *gobwasServer) Serve(ln net.Listener) error {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		go s.connect(conn)
	}
}

func (s *gobwasServer) connect(conn net.Conn) {
	defer conn.Close()
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	c := &gobwasClient{conn, make(chan []byte, queued)}
	s.mu.Lock()
	s.clients[c] = struct{}{}
	s.mu.Unlock()
	defer s.remove(c)
	go c.write()
	for {
		if _, _, err := wsutil.ReadClientData(conn); err != nil {
			return
		}
	}
}

func (c *gobwasClient) write() {
	defer c.conn.Close()
	for frame := range c.send {
		if c.conn.SetWriteDeadline(time.Now().Add(10*time.Second)) != nil {
			return
		}
		if _, err := c.conn.Write(frame); err != nil {
			return
		}
	}
}

func (s *gobwasServer) remove(c *gobwasClient) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeLocked(c)
}

func (s *gobwasServer) removeLocked(c *gobwasClient) {
	if _, there := s.clients[c]; there {
		delete(s.clients, c)
		close(c.send)
	}
}

func (s *gobwasServer) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.clients)
}

func (s *gobwasServer) Broadcast(html string) {
	frame := ws.MustCompileFrame(ws.NewTextFrame([]byte(html)))
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.clients {
		select {
		case c.send <- frame:
		// A full queue ends the connection, as in gorilla's chat example.
		default:
			s.removeLocked(c)
		}
	}
}
