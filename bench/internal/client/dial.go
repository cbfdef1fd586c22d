//go:build linux

package client

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"

	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/load"
)

// Dial describes the sockets to connect.
type Dial struct {
	Addr    string // address of the server
	From    int    // number of the first socket
	Count   int
	Sockets int // number of sockets in the measurement, which determines the rooms; sockets beyond it are in none

	Contender string
	Stalled   bool // never read, with a small receive buffer
}

const (
	// A handshake is mostly waiting, so several run at a time.
	dialers       = 32
	dialTimeout   = 20 * time.Second
	stalledBuffer = 16 << 10 // receive buffer of a stalled socket; the kernel doubles it
)

// A dialed is one socket that is ready to receive messages.
type dialed struct {
	fd     int
	number int
	early  []byte // bytes that have arrived already
}

// dial connects socket number i, one step after the other.
func dial(d Dial, i int) (_ dialed, err error) {
	to, err := netip.ParseAddrPort(d.Addr)
	if err != nil {
		return dialed{}, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return dialed{}, err
	}
	defer func() {
		if err != nil {
			syscall.Close(fd)
		}
	}()
	if err := prepare(fd, d.Stalled); err != nil {
		return dialed{}, err
	}
	err = syscall.EINTR
	for errors.Is(err, syscall.EINTR) { // Linux continues the attempt
		err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	}
	if err != nil {
		return dialed{}, fmt.Errorf("connecting: %w", err)
	}
	entry, _ := contender.Find(d.Contender)
	rest, err := handshake(fd, i, entry.Deflate)
	if err == nil && entry.Centrifuge {
		rest, err = subscribe(fd, rest, load.RoomsOf(i, d.Sockets))
	}
	if err != nil {
		return dialed{}, fmt.Errorf("socket %d: %w", i, err)
	}
	return dialed{fd, i, rest}, nil
}

// prepare sets socket options before connecting: timeouts for the handshake, and closing without delay.
func prepare(fd int, stalled bool) error {
	timeout := syscall.NsecToTimeval(int64(dialTimeout))
	err := errors.Join(
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout),
		syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &timeout),
		syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}),
	)
	if stalled {
		err = errors.Join(err, syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, stalledBuffer))
	}
	return err
}

// handshake sends the upgrade request and returns the bytes after the response.
func handshake(fd, i int, deflate bool) (rest []byte, err error) {
	extension := ""
	if deflate {
		extension = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
	}
	// The key is that of RFC 6455, section 1.3. A new one for each socket would only cost time.
	asked := fmt.Sprintf("GET /?i=%d HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", i, extension)
	if _, err := syscall.Write(fd, []byte(asked)); err != nil {
		return nil, err
	}
	var got []byte
	for {
		if end := bytes.Index(got, []byte("\r\n\r\n")); end >= 0 {
			if !bytes.HasPrefix(got, []byte("HTTP/1.1 101")) {
				return nil, fmt.Errorf("the upgrade was refused: %.100q", got)
			}
			return got[end+4:], nil
		}
		if got, err = readMore(fd, got); err != nil {
			return nil, err
		}
	}
}

// readMore reads during the handshake, when the socket still blocks. The timeout of prepare
// applies.
func readMore(fd int, got []byte) ([]byte, error) {
	var buf [1024]byte
	n, err := syscall.Read(fd, buf[:])
	switch {
	case errors.Is(err, syscall.EINTR):
		return got, nil
	case err != nil:
		return nil, fmt.Errorf("reading: %w", err)
	case n == 0:
		return nil, errors.New("reading: the server closed the connection")
	}
	return append(got, buf[:n]...), nil
}

// subscribe speaks centrifuge's JSON protocol: connect, then one subscription after the other.
func subscribe(fd int, got []byte, rooms []int) (rest []byte, err error) {
	commands := []string{`{"id":1,"connect":{}}`, fmt.Sprintf(`{"id":2,"subscribe":{"channel":%q}}`, contender.AllChannel)}
	for _, room := range rooms {
		commands = append(commands, fmt.Sprintf(`{"id":%d,"subscribe":{"channel":%q}}`, len(commands)+1, contender.Channel(room)))
	}
	for i, command := range commands {
		if _, err := syscall.Write(fd, clientFrame(opText, []byte(command))); err != nil {
			return nil, err
		}
		f, size := parseFrame(got)
		for size == 0 {
			if got, err = readMore(fd, got); err != nil {
				return nil, err
			}
			f, size = parseFrame(got)
		}
		if !bytes.HasPrefix(f.payload, fmt.Appendf(nil, `{"id":%d,`, i+1)) || bytes.Contains(f.payload, []byte(`"error"`)) {
			return nil, fmt.Errorf("%s was answered with %.200q", command, f.payload)
		}
		got = got[size:]
	}
	return got, nil
}
