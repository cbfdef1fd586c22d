package wsconn

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/peerio"
)

// A server is the server's side of one WebSocket, over TCP.
type server struct {
	conn     *Conn
	ws       *websocket.Conn
	switched bool
}

// A client is the browser's side, byte by byte.
type client struct {
	t *testing.T
	*net.TCPConn
	r *bufio.Reader
}

// A budget is a peerio.Budget of two functions.
type budget struct {
	before func(p []byte) ([]byte, error)
	after  func(n int)
}

func (b budget) Before(p []byte) ([]byte, error) { return b.before(p) }
func (b budget) After(n int)                     { b.after(n) }

var settings = &Settings{WriteChunk: 16 << 10, WriteTimeout: 30 * time.Second, MessageTime: 30 * time.Second, CloseWait: 30 * time.Second}

var freely = budget{before: func(p []byte) ([]byte, error) { return p, nil },
	after: func(int) {},
}

// open upgrades one connection, with more bytes in the packet of the handshake.
func open(t *testing.T, more string) (*server, *client) {
	opened := make(chan *server, 1)
	httpServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &server{conn: New(settings, freely)}
		u := &UpgradeWriter{ResponseWriter: w, Conn: s.conn, Switching: func() { s.switched = true }}
		ws, err := websocket.Accept(u, r, nil)
		if assert.NoError(t, err) {
			s.ws = ws
			s.conn.Prepare()
			opened <- s
		}
	}))
	t.Cleanup(httpServer.Close)
	tcp, err := net.Dial("tcp", httpServer.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { tcp.Close() })
	require.NoError(t, tcp.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(tcp, "GET / HTTP/1.1\r\nHost: wsx.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+more)
	require.NoError(t, err)
	c := &client{t, tcp.(*net.TCPConn), bufio.NewReader(tcp)}
	resp, err := http.ReadResponse(c.r, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	s := <-opened
	t.Cleanup(s.conn.Abort)
	require.True(t, s.switched)
	return s, c
}

// readMessages reads what the client sends until that ends, and returns why it did.
func (s *server) readMessages() <-chan error {
	ended := make(chan error, 1)
	go func() {
		for {
			if _, _, err := s.ws.Read(context.Background()); err != nil {
				ended <- err
				return
			}
		}
	}()
	return ended
}

// send sends a short frame. Its mask is 0, so the payload is as it is.
func (c *client) send(first byte, payload string) {
	_, err := c.Write(append([]byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...))
	require.NoError(c.t, err)
}

// expect reads exactly the given bytes.
func (c *client) expect(want string) {
	c.t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(c.r, got)
	require.NoError(c.t, err)
	require.Equal(c.t, want, string(got))
}

func TestControlFramesWaitForTheFrameBeingWritten(t *testing.T) {
	t.Parallel()
	s, c := open(t, "")
	s.conn.mu.Lock() // as WriteFrames does
	s.readMessages()
	c.send(0x89, "are you there?")
	_, err := s.conn.Conn.Write([]byte("\x81\x03o"))
	require.NoError(t, err)
	c.expect("\x81\x03o")
	_, err = s.conn.Conn.Write([]byte("ne"))
	require.NoError(t, err)
	s.conn.mu.Unlock()
	c.expect("ne\x8a\x0eare you there?")
}

func TestBytesWithTheHandshakeAreReadFirst(t *testing.T) {
	t.Parallel()
	s, c := open(t, "\x89\x85\x00\x00\x00\x00early")
	require.True(t, s.conn.Buffered())
	s.readMessages()
	c.send(0x89, "late")
	c.expect("\x8a\x05early\x8a\x04late")
}

func TestTryLeavesTheRestToWriteFrames(t *testing.T) {
	t.Parallel()
	s, c := open(t, "")
	if !s.conn.direct.ready() {
		t.Skip("this system's sockets always wait")
	}
	big := frame.Text([]byte(strings.Repeat("x", 16<<20))) // more than both sockets hold
	n, err := s.conn.Try(big)
	require.NoError(t, err)
	require.NotZero(t, n)
	require.Less(t, n, len(big))
	s.readMessages()
	c.send(0x89, "now")
	written := make(chan error, 1)
	go func() { written <- s.conn.WriteFrames(big[n:]) }()
	c.expect(string(big))
	c.expect("\x8a\x03now")
	require.NoError(t, <-written)
	n, err = s.conn.Try(frame.Text([]byte("more")))
	require.NoError(t, err)
	assert.Equal(t, 6, n)
	c.expect("\x81\x04more")
}

func TestNothingFollowsTheCloseFrame(t *testing.T) {
	t.Parallel()
	s, c := open(t, "")
	require.False(t, s.conn.CloseSent())
	require.NoError(t, s.conn.WriteClose(4001, "idle"))
	require.True(t, s.conn.CloseSent())
	require.NoError(t, s.conn.WriteClose(4001, "idle"), "closing twice does nothing")
	require.ErrorIs(t, s.conn.WriteFrames(frame.Text([]byte("x"))), ErrCloseSent)
	if s.conn.direct.ready() {
		_, err := s.conn.Try(frame.Text([]byte("x")))
		require.ErrorIs(t, err, ErrCloseSent)
	}
	n, err := s.conn.Write([]byte{0x8a, 0})
	require.NoError(t, err, "reading goes on, until the answer")
	assert.Equal(t, 2, n)
	_, err = s.conn.Write([]byte{0x88, 0})
	require.ErrorIs(t, err, net.ErrClosed)
	ended := s.readMessages()
	c.expect("\x88\x06\x0f\xa1idle")
	c.send(0x88, "\x0f\xa1idle")
	assert.Equal(t, websocket.StatusCode(4001), websocket.CloseStatus(<-ended))
	rest, err := io.ReadAll(c.r)
	require.NoError(t, err)
	assert.Empty(t, rest)
}

// piped returns a Conn on a net.Pipe, whose deadlines follow the clock of a bubble.
func piped(t *testing.T, b peerio.Budget) (*Conn, net.Conn) {
	browser, socket := net.Pipe()
	t.Cleanup(func() { browser.Close(); socket.Close() })
	c := New(&Settings{WriteChunk: 16 << 10, WriteTimeout: time.Second, MessageTime: 10 * time.Second, CloseWait: 5 * time.Second}, b)
	c.Conn = socket
	return c, browser
}

func TestTheTimeToRead(t *testing.T) {
	t.Parallel()
	// readTime returns how long reading took when the browser sent nothing.
	readTime := func(t *testing.T, c *Conn) time.Duration {
		begin := time.Now()
		_, err := c.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		return time.Since(begin)
	}
	inBubble := func(name string, do func(*testing.T)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, do) })
	}
	inBubble("bounds a message", func(t *testing.T) {
		c, _ := piped(t, freely)
		c.BeginMessage()
		assert.Equal(t, 10*time.Second, readTime(t, c))
	})
	inBubble("ends with the message", func(t *testing.T) {
		c, browser := piped(t, freely)
		c.BeginMessage()
		c.EndMessage()
		go func() {
			time.Sleep(time.Hour)
			_, err := browser.Write([]byte{0x89})
			assert.NoError(t, err)
		}()
		n, err := c.Read(make([]byte, 1))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	})
	waits := budget{before: func(p []byte) ([]byte, error) { time.Sleep(4 * time.Second); return p, nil },
		after: func(int) {},
	}
	inBubble("is not shortened by the budget", func(t *testing.T) {
		c, _ := piped(t, waits)
		c.BeginMessage()
		assert.Equal(t, 14*time.Second, readTime(t, c))
	})
	inBubble("has no bound between messages, whatever the budget does", func(t *testing.T) {
		c, browser := piped(t, waits)
		go func() {
			time.Sleep(time.Hour)
			_, err := browser.Write([]byte{0x89})
			assert.NoError(t, err)
		}()
		_, err := c.Read(make([]byte, 1))
		require.NoError(t, err)
	})
	inBubble("bounds the answer to our close frame, which no message extends", func(t *testing.T) {
		c, browser := piped(t, freely)
		go func() { _, _ = io.Copy(io.Discard, browser) }()
		require.NoError(t, c.WriteClose(1000, ""))
		c.BeginMessage()
		c.EndMessage()
		assert.Equal(t, 5*time.Second, readTime(t, c))
	})
}

func TestAwait(t *testing.T) {
	t.Parallel()
	s, c := open(t, "")
	if !s.conn.direct.ready() {
		assert.False(t, s.conn.Await())
		return
	}
	came := make(chan bool)
	go func() { came <- s.conn.Await() }()
	c.send(0x89, "")
	assert.True(t, <-came)
	n, err := s.conn.Read(make([]byte, 100))
	require.NoError(t, err)
	assert.Equal(t, 6, n)
	go func() { came <- s.conn.Await() }()
	require.NoError(t, c.Close())
	assert.True(t, <-came, "the end is something to read")
}

func TestAbortEndsAWriteAndLeavesNothingInTheKernel(t *testing.T) {
	t.Parallel()
	s, c := open(t, "")
	written := make(chan error, 1)
	go func() { written <- s.conn.WriteFrames(frame.Text([]byte(strings.Repeat("x", 16<<20)))) }()
	_, err := c.r.Peek(1)
	require.NoError(t, err)
	s.conn.Abort()
	require.ErrorIs(t, <-written, net.ErrClosed)
	_, err = io.Copy(io.Discard, c.r)
	assert.ErrorContains(t, err, "reset")
}

// A lateWriter is the http.ResponseWriter of a middleware that holds the header back until something is written, to compress it.
type lateWriter struct {
	http.ResponseWriter
	status int
}

func (l *lateWriter) WriteHeader(status int)      { l.status = status }
func (l *lateWriter) Unwrap() http.ResponseWriter { return l.ResponseWriter }

func TestUpgradeWriter(t *testing.T) {
	t.Parallel()
	t.Run("writes status 101 itself, without what describes a body", func(t *testing.T) {
		t.Parallel()
		var switched atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("X-Request-Id", "7\r\nInjected: yes")
			u := &UpgradeWriter{ResponseWriter: &lateWriter{ResponseWriter: w}, Conn: New(settings, freely), Switching: func() { switched.Add(1) }, Direct: true}
			u.WriteHeader(http.StatusSwitchingProtocols)
			conn, _, err := u.Hijack()
			if assert.NoError(t, err) {
				_ = conn.(*Conn).Conn.Close() // without the reset that our Close sends
			}
		}))
		defer server.Close()
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		require.NoError(t, err)
		response, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Equal(t, "HTTP/1.1 101 Switching Protocols\r\nX-Request-Id: 7  Injected: yes\r\n\r\n", string(response))
		assert.EqualValues(t, 1, switched.Load())
	})
	t.Run("leaves other statuses to the http.ResponseWriter", func(t *testing.T) {
		t.Parallel()
		late := &lateWriter{}
		u := &UpgradeWriter{ResponseWriter: late, Switching: func() { t.Error("nothing was switched") }}
		u.WriteHeader(http.StatusBadRequest)
		assert.Equal(t, http.StatusBadRequest, late.status)
	})
	t.Run("passes on that a connection cannot be hijacked", func(t *testing.T) {
		t.Parallel()
		u := &UpgradeWriter{ResponseWriter: httptest.NewRecorder(), Conn: New(settings, freely)}
		_, _, err := u.Hijack()
		assert.True(t, errors.Is(err, http.ErrNotSupported))
	})
}
