//go:build linux

// Package client holds many sockets in one goroutine, and checks that all messages arrive exactly once and in order.
package client

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/wsxgo/wsx/bench/internal/load"
)

// Client is the set of sockets of one process.
type Client struct {
	// immutable
	epoll int
	ack   io.Writer // receives a byte per Expect.Step messages

	// owned by the goroutine of run
	buffer   []byte
	inflater inflater

	mu    sync.Mutex // guards the fields below; held while a batch of sockets is read
	conns map[int32]*conn
	tally
}

// A conn is one socket.
type conn struct {
	fd      int
	number  int
	last    uint32 // number of the last message
	partial []byte // the beginning of a frame
	message []byte // the beginning of a fragmented message
	deflate bool   // whether message is compressed
}

// Expect describes the expected messages.
type Expect struct {
	Room    int // only members of this room receive messages; 0 means all
	Sockets int // see Dial
	Step    int // acknowledge after this number of messages; 0 means never
}

// Seen counts what has arrived since Expect.
type Seen struct {
	Messages int
	Bytes    int64 // of their frames, including headers
	Wrong    int   // messages out of order, repeated, or for other sockets
	Closed   int   // connections that ended since the client started
	Worst    string

	Delays []time.Duration // of all messages, from just before sending; see Client.Seen
}

// A tally is what a client counts.
type tally struct {
	expect Expect
	seen   Seen
}

// New returns a client and starts it.
func New(ack io.Writer) (*Client, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := &Client{epoll: epoll, ack: ack, buffer: make([]byte, 1<<20), conns: make(map[int32]*conn)}
	go c.run()
	return c, nil
}

// Dial connects sockets and returns when all handshakes are complete. Stalled sockets are not read afterwards.
func (c *Client) Dial(d Dial) error {
	// All numbers fit into the channel, so a failing dialer cannot block the others.
	numbers := make(chan int, d.Count)
	for i := range d.Count {
		numbers <- d.From + i
	}
	close(numbers)
	results := make(chan error, dialers)
	for range dialers {
		go func() {
			for i := range numbers {
				socket, err := dial(d, i)
				if err == nil && !d.Stalled {
					err = c.add(socket)
				}
				if err != nil {
					results <- err
					return
				}
			}
			results <- nil
		}()
	}
	var err error
	for range dialers {
		err = errors.Join(err, <-results)
	}
	return err
}

// add starts reading a socket. From here on it must not block, because one goroutine reads all
// sockets.
func (c *Client) add(s dialed) error {
	if err := syscall.SetNonblock(s.fd, true); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns[int32(s.fd)] = &conn{fd: s.fd, number: s.number, partial: s.early}
	return syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, s.fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(s.fd)})
}

// Expect starts a new count.
func (c *Client) Expect(e Expect) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A connection that ended earlier must still make the next measurement fail.
	closed := c.seen.Closed
	c.expect, c.seen = e, Seen{Closed: closed}
}

// Seen returns the count. The caller owns the delays until the next Expect.
func (c *Client) Seen() Seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// run reads sockets forever.
func (c *Client) run() {
	events := make([]syscall.EpollEvent, 256)
	for {
		n, err := syscall.EpollWait(c.epoll, events, -1)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			panic(fmt.Sprintf("waiting for sockets: %v", err))
		}
		c.mu.Lock()
		for _, event := range events[:max(n, 0)] {
			if err := c.read(c.conns[event.Fd]); err != nil {
				c.seen.Closed++
				c.seen.Worst = err.Error()
				delete(c.conns, event.Fd)
				syscall.Close(int(event.Fd))
			}
		}
		c.mu.Unlock()
	}
}

// read reads what is available on one socket. An incomplete frame is kept for the next call.
func (c *Client) read(s *conn) error {
	// The buffer is shared by all sockets, so what is incomplete is moved into the socket's own
	// slice afterwards. An idle socket has none.
	kept := copy(c.buffer, s.partial)
	n, err := syscall.Read(s.fd, c.buffer[kept:])
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return nil
	case err != nil:
		return err
	case n == 0:
		return io.EOF
	}
	rest := c.buffer[:kept+n]
	// One time for all frames of a read: taking it for each would cost more than parsing.
	now := time.Now()
	for {
		f, size := parseFrame(rest)
		if size == 0 {
			break
		}
		if err := c.take(s, f, size, now); err != nil {
			return err
		}
		rest = rest[size:]
	}
	if s.partial = append(s.partial[:0], rest...); len(rest) == 0 {
		s.partial = nil
	}
	return nil
}

// take handles one frame. It joins fragmented messages, answers pings, and decompresses.
func (c *Client) take(s *conn, f frame, size int, now time.Time) error {
	switch f.opcode {
	case opPing:
		_, err := syscall.Write(s.fd, clientFrame(opPong, f.payload))
		return err
	case opPong:
		return nil
	case opClose:
		return fmt.Errorf("the server said goodbye: %q", f.payload)
	case opContinuation:
		f.deflated = s.deflate
	}
	message := f.payload
	if len(s.message) > 0 || !f.final {
		s.message, s.deflate = append(s.message, f.payload...), f.deflated
		message = s.message
	}
	if !f.final {
		return nil
	}
	s.message = nil
	if f.deflated {
		var err error
		if message, err = c.inflater.inflate(message); err != nil {
			return err
		}
	}
	c.count(s, message, size, now)
	return nil
}

// count looks for messages of the measurement in a protocol message, which may contain none or several.
func (c *Client) count(s *conn, message []byte, size int, now time.Time) {
	found := false
	for {
		number, sent, rest, ok := load.Find(message)
		if !ok {
			break
		}
		found, message = true, rest
		// Numbers grow within a server, but a room's members do not receive all of them. So a gap
		// is only noticed by the number of messages at the end.
		if number <= s.last || c.expect.Room > 0 && !load.InRoom(s.number, c.expect.Sockets, c.expect.Room) {
			c.seen.Wrong++
			c.seen.Worst = fmt.Sprintf("socket %d got message %d after %d", s.number, number, s.last)
		}
		s.last = number
		c.seen.Messages++
		if c.expect.Step == 0 {
			c.seen.Delays = append(c.seen.Delays, now.Sub(sent))
		} else if c.seen.Messages%c.expect.Step == 0 {
			// One byte for a whole broadcast: an acknowledgment per message would cost as much as the
			// message.
			if _, err := c.ack.Write([]byte{1}); err != nil {
				panic(err) // the parent has exited
			}
		}
	}
	if found {
		c.seen.Bytes += int64(size)
	}
}
