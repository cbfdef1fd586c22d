// Package wsconn has the net.Conn under a WebSocket of coder/websocket. It lets data frames be written below that library, and keeps
// every frame whole. See docs/adr/0001-coder-websocket.md.
package wsconn

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/peerio"
)

// ErrCloseSent refuses what would follow a close frame (RFC 6455, section 5.5.1). It wraps net.ErrClosed, which coder/websocket
// takes for a close that needs no answer.
var ErrCloseSent = fmt.Errorf("wsx: the close frame has been sent: %w", net.ErrClosed)

// Settings bound how long a browser may take.
type Settings struct {
	WriteChunk   int           // bytes that must leave within each WriteTimeout
	WriteTimeout time.Duration // to take each chunk
	MessageTime  time.Duration // for a message from the browser, from its header to its last byte
	CloseWait    time.Duration // for the answer to our close frame; coder/websocket waits 5 s
}

// A Conn is the net.Conn under a WebSocket, captured when coder/websocket hijacks it. coder/websocket reads from it and writes
// control frames, each with one Write. The writer of the connection writes data frames.
type Conn struct {
	net.Conn // immutable once it is hijacked

	// immutable
	settings *Settings // shared by the connections of a hub
	budget   peerio.Budget

	direct directWriter // writes without waiting, if the socket can; its fields have owners of their own

	// owned by the reader
	early     []byte        // what came with the handshake
	reader    *bufio.Reader // coder/websocket's
	inMessage bool
	failed    error // of the last Read, if it brought nothing

	closeSent atomic.Int64 // Unix nanoseconds of our close frame; 0 until it is sent
	aborted   atomic.Bool

	reading sync.Mutex // held while the read deadline is set

	mu      sync.Mutex // held from the first to the last byte of a frame
	partial bool       // owned by the writer: half a frame was tried, and mu stays held until the rest is written
}

// New returns a Conn for a request that an [UpgradeWriter] will hijack. The browser sends within budget.
func New(settings *Settings, budget peerio.Budget) *Conn {
	return &Conn{settings: settings, budget: budget}
}

// Prepare gets the socket ready for data frames. It is called after the handshake.
func (c *Conn) Prepare() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		c.direct.init(tcp)
	}
}

// Await returns when there is something to read, or an error that reading finds. It reports whether this socket can tell: if not,
// Await returns at once and reading itself has to wait.
func (c *Conn) Await() bool {
	if !c.direct.ready() {
		return false
	}
	if !c.Buffered() {
		c.direct.await()
	}
	return true
}

// Buffered reports whether a read would be served without asking the socket.
func (c *Conn) Buffered() bool { return c.reader.Buffered() > 0 || len(c.early) > 0 }

// Read serves the reader of coder/websocket.
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		if c.early = c.early[n:]; len(c.early) == 0 {
			c.early = nil
		}
		return n, nil
	}
	n, err := peerio.Read(c.budget, c.Conn, p, func() {
		if c.inMessage {
			c.readWithin(c.settings.MessageTime)
		}
	})
	if n > 0 {
		return n, nil // the next Read finds the error again
	}
	c.failed = err
	return 0, err
}

// Failed returns the error of the last Read, if it brought nothing. coder/websocket takes an EOF before a frame or its payload for the
// end of the message, so a message is complete only if this is nil.
func (c *Conn) Failed() error { return c.failed }

// BeginMessage starts the time of a message from the browser.
func (c *Conn) BeginMessage() {
	c.inMessage = true
	c.readWithin(c.settings.MessageTime)
}

// EndMessage ends it. Until the next message, the browser may stay silent.
func (c *Conn) EndMessage() {
	c.inMessage = false
	c.readWithin(0)
}

// readWithin bounds how long reading may take from now on; 0 is forever. After our close frame, expectAnswer's deadline stays.
func (c *Conn) readWithin(d time.Duration) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.CloseSent() {
		return
	}
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	_ = c.SetReadDeadline(deadline) // it fails only if the socket is closed, and then reading fails too
}

// Write takes one whole control frame from coder/websocket.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.CloseSent() && p[0]&0x0f == byte(frame.OpPong) {
		return len(p), nil // an error would end reading before the browser has answered the close frame
	}
	if err := c.writeControl(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// CloseSent reports whether our close frame has been sent.
func (c *Conn) CloseSent() bool { return c.closeSent.Load() != 0 }

// WriteClose writes our close frame, unless it has been sent. The browser has CloseWait to answer it.
func (c *Conn) WriteClose(code int, reason string) error {
	payload := append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
	p := append(frame.AppendHeader(nil, frame.OpClose, false, len(payload)), payload...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.CloseSent() {
		return nil
	}
	return c.writeControl(p)
}

// writeControl writes one control frame. The caller holds mu.
func (c *Conn) writeControl(p []byte) error {
	if c.CloseSent() {
		return ErrCloseSent
	}
	if p[0]&0x0f == byte(frame.OpClose) {
		if err := c.expectAnswer(time.Now()); err != nil {
			return err
		}
	}
	return c.send(p)
}

// expectAnswer gives the browser CloseWait to answer our close frame. coder/websocket has a timeout for the answer, but none for
// skipping the rest of a frame before it, which may claim any length.
func (c *Conn) expectAnswer(now time.Time) error {
	c.reading.Lock()
	defer c.reading.Unlock()
	c.closeSent.Store(now.UnixNano())
	return c.SetReadDeadline(now.Add(c.settings.CloseWait))
}

// Try writes as much of whole data frames as it can without waiting. After half a frame, mu stays locked until WriteFrames has
// written the rest, so that no control frame gets into it.
func (c *Conn) Try(p []byte) (int, error) {
	if !c.direct.ready() || !c.mu.TryLock() {
		return 0, nil
	}
	if c.CloseSent() {
		c.mu.Unlock()
		return 0, ErrCloseSent
	}
	n, err := c.direct.write(p)
	if c.partial = err == nil && n > 0 && n < len(p); !c.partial {
		c.mu.Unlock()
	}
	return n, err
}

// WriteFrames writes whole data frames, or the rest of those that Try was given.
func (c *Conn) WriteFrames(p []byte) error {
	if !c.partial {
		c.mu.Lock()
	}
	c.partial = false
	defer c.mu.Unlock()
	if c.CloseSent() {
		return ErrCloseSent
	}
	return c.send(p)
}

// send writes p. It leaves no deadline, which would make the next Try fail. The caller holds mu.
func (c *Conn) send(p []byte) error {
	if err := peerio.WriteChunks(c.Conn, p, c.settings.WriteChunk, c.settings.WriteTimeout); err != nil {
		return err
	}
	if c.direct.ready() {
		_ = c.SetWriteDeadline(time.Time{}) // it fails only if the socket is closed, and p has left
	}
	return nil
}

// Abort closes the socket and ends a write in progress.
func (c *Conn) Abort() {
	c.aborted.Store(true)
	_ = c.Close() // an error changes nothing: the connection is over
}

// Close closes the socket. Unless the close frame is on its way, Close discards what the kernel still holds: for a peer that
// doesn't read, that could be megabytes for minutes.
func (c *Conn) Close() error {
	sent := c.closeSent.Load()
	if sent == 0 || time.Since(time.Unix(0, sent)) >= c.settings.CloseWait-time.Second {
		if tcp, ok := c.under().(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // it fails only if the socket is closed
		}
	}
	if c.aborted.Load() {
		return c.under().Close() // the Close of TLS would wait to send an alert
	}
	return c.Conn.Close()
}

// under returns the socket under TLS, or the socket itself.
func (c *Conn) under() net.Conn {
	if under, ok := c.Conn.(interface{ NetConn() net.Conn }); ok {
		return under.NetConn()
	}
	return c.Conn
}
