package contender

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// coderServer is the chat example of coder/websocket.
type coderServer struct {
	mu          sync.Mutex
	subscribers map[*coderSubscriber]struct{}
}

type coderSubscriber struct {
	msgs      chan []byte
	closeSlow func()
}

func newCoder(int) Contender { return &coderServer{subscribers: map[*coderSubscriber]struct{}{}} }

func (s *coderServer) Serve(ln net.Listener) error { return serveHTTP(ln, s.subscribe) }

func (s *coderServer) subscribe(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	sub := &coderSubscriber{
		msgs: make(chan []byte, queued),
		closeSlow: func() {
			conn.Close(websocket.StatusPolicyViolation, "connection too slow to keep up with messages")
		},
	}
	s.mu.Lock()
	s.subscribers[sub] = struct{}{}
	s.mu.Unlock()
	defer s.remove(sub)

	ctx := conn.CloseRead(context.Background())
	for {
		select {
		case msg := <-sub.msgs:
			if writeTimeout(ctx, 5*time.Second, conn, msg) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func writeTimeout(ctx context.Context, timeout time.Duration, conn *websocket.Conn, msg []byte) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return conn.Write(ctx, websocket.MessageText, msg)
}

func (s *coderServer) remove(sub *coderSubscriber) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.subscribers, sub)
}

func (s *coderServer) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.subscribers)
}

func (s *coderServer) Broadcast(html string) {
	msg := []byte(html)
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subscribers {
		select {
		case sub.msgs <- msg:
		// A full queue ends the connection, as in the example.
		default:
			go sub.closeSlow()
		}
	}
}
