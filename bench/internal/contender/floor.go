package contender

import (
	"bufio"
	"crypto/sha1" // required by RFC 6455, section 1.3
	"encoding/base64"
	"encoding/binary"
	"net"
	"net/http"
	"sync"

	"github.com/wsxgo/wsx/bench/internal/load"
)

// floor is the lower bound for any library: a loop of writes. It doesn't even read.
type floor struct {
	sockets int

	mu    sync.Mutex
	conns []net.Conn
	rooms map[int][]net.Conn
}

func newFloor(sockets int) Contender { return &floor{sockets: sockets, rooms: map[int][]net.Conn{}} }

func (f *floor) Serve(ln net.Listener) error {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		go f.accept(conn)
	}
}

// accept does the least that makes a socket a WebSocket. The client checks only the status.
func (f *floor) accept(conn net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, err = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"))
	}
	if err != nil {
		conn.Close()
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns = append(f.conns, conn)
	for _, room := range load.RoomsOf(number(r), f.sockets) {
		f.rooms[room] = append(f.rooms[room], conn)
	}
}

func (f *floor) Connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

func (f *floor) Broadcast(html string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	write(f.conns, appendFrame(nil, html))
}

func (f *floor) BroadcastRoom(room int, html string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	write(f.rooms[room], appendFrame(nil, html))
}

func (f *floor) BroadcastJoined(html []string) {
	var frames []byte
	for _, one := range html {
		frames = appendFrame(frames, one)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	write(f.conns, frames)
}

// write blocks on a full socket. A library must not do that, which is one reason why this is only a
// bound.
func write(conns []net.Conn, frames []byte) {
	for _, conn := range conns {
		_, _ = conn.Write(frames) // the client detects lost messages
	}
}

// appendFrame appends a text frame to b.
func appendFrame(b []byte, payload string) []byte {
	b = append(b, 0x81)
	switch n := len(payload); {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return append(b, payload...)
}
