package wsx

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx/internal/frame"
)

const (
	readBufferSize  = 512 // of an idle connection: most frames of browsers fit
	writeBufferSize = 136 // holds the largest control frame, 127 bytes, so that coder/websocket writes each at once
)

// closeWait is how long the browser may take to answer a close frame; coder/websocket waits as long.
const closeWait = 5 * time.Second

// errCloseSent refuses what would follow a close frame (RFC 6455, section 5.5.1). coder/websocket takes net.ErrClosed for an
// answer that needs none.
var errCloseSent = fmt.Errorf("wsx: the close frame has been sent: %w", net.ErrClosed)

// A wire is the net.Conn under a WebSocket, captured when coder/websocket hijacks it. coder/websocket reads from it and
// writes control frames, each with one Write; the writer writes data frames. The mutex keeps frames whole.
type wire struct {
	net.Conn // set at the hijack

	// immutable
	timeout time.Duration
	conn    *Connection
	direct  directWriter // writes without waiting, if the socket can

	// owned by the reader
	early  []byte        // what had come after the handshake already
	reader *bufio.Reader // coder/websocket's

	inMessage bool  // a message has begun and not ended
	failed    error // of Read, when more was asked for than there was

	closeSent atomic.Int64 // Unix nanoseconds of our close frame; 0: not sent
	aborted   atomic.Bool

	reading sync.Mutex // held while the read deadline is set

	mu      sync.Mutex // held from the first to the last byte of a frame
	partial bool       // owned by the writer: half a frame was tried, and mu is still held for its rest
}

// prepare gets the socket ready for data frames.
func (w *wire) prepare() {
	if tcp, ok := w.Conn.(*net.TCPConn); ok {
		w.direct.init(tcp)
	}
}

// await returns when there is something to read, or an error to be found by reading; false: this socket cannot tell, and
// reading itself has to wait.
func (w *wire) await() bool {
	if !w.direct.ready() {
		return false
	}
	if !w.buffered() {
		w.direct.await()
	}
	return true
}

// buffered reports that reading will not have to ask the socket first.
func (w *wire) buffered() bool { return w.reader.Buffered() > 0 || len(w.early) > 0 }

// Read serves the reader of coder/websocket.
func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		if w.early = w.early[n:]; len(w.early) == 0 {
			w.early = nil
		}
		return n, nil
	}
	begin := time.Now()
	p = w.conn.beforeRead(p)
	if waited := time.Since(begin); w.inMessage && waited > time.Second {
		w.readWithin(messageTime) // what we made it wait is not its fault
	}
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.conn.afterRead(n)
		return n, nil // the next Read finds the error again
	}
	w.failed = err
	return 0, err
}

// Write takes one whole control frame from coder/websocket.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeSent.Load() != 0 && p[0]&0x0f == byte(frame.OpPong) {
		return len(p), nil // an error would end reading before the browser has answered the close frame
	}
	if err := w.writeControl(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// writeClose writes our close frame, unless there has been one. The answer may take closeWait.
func (w *wire) writeClose(code int, reason string) error {
	payload := append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
	p := append(frame.AppendHeader(nil, frame.OpClose, false, len(payload)), payload...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeSent.Load() != 0 {
		return nil
	}
	return w.writeControl(p)
}

// writeControl writes one control frame. The caller holds mu.
func (w *wire) writeControl(p []byte) error {
	if w.closeSent.Load() != 0 {
		return errCloseSent
	}
	if p[0]&0x0f == byte(frame.OpClose) {
		if err := w.expectAnswer(time.Now()); err != nil {
			return err
		}
	}
	return w.send(p)
}

// expectAnswer gives the browser closeWait to answer our close frame. coder/websocket has a timeout for the answer, but none
// for skipping the rest of a frame before it, which may claim to be of any length.
func (w *wire) expectAnswer(now time.Time) error {
	w.reading.Lock()
	defer w.reading.Unlock()
	w.closeSent.Store(now.UnixNano())
	return w.SetReadDeadline(now.Add(closeWait))
}

// readWithin bounds how long reading may take from now on; 0: for ever. After our close frame, expectAnswer has the say.
func (w *wire) readWithin(d time.Duration) {
	w.reading.Lock()
	defer w.reading.Unlock()
	if w.closeSent.Load() != 0 {
		return
	}
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	_ = w.SetReadDeadline(deadline) // it fails only if the socket is closed, which reading finds out
}

// try writes whole data frames as far as that goes without waiting. After half a frame the mutex stays locked, so that no
// control frame gets into it, until writeFrames has written the rest.
func (w *wire) try(p []byte) (int, error) {
	if !w.direct.ready() || !w.mu.TryLock() {
		return 0, nil
	}
	if w.closeSent.Load() != 0 {
		w.mu.Unlock()
		return 0, errCloseSent
	}
	n, err := w.direct.write(p)
	if w.partial = err == nil && n > 0 && n < len(p); !w.partial {
		w.mu.Unlock()
	}
	return n, err
}

// writeFrames writes whole data frames, or the rest of those that were tried.
func (w *wire) writeFrames(p []byte) error {
	if !w.partial {
		w.mu.Lock()
	}
	w.partial = false
	defer w.mu.Unlock()
	if w.closeSent.Load() != 0 {
		return errCloseSent
	}
	return w.send(p)
}

// send writes p, in pieces that each have a deadline. Afterwards there is none: it would hit whoever tries next.
func (w *wire) send(p []byte) error {
	for len(p) > 0 {
		piece := p[:min(len(p), writePiece)]
		if err := w.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
			return err
		}
		if _, err := w.Conn.Write(piece); err != nil {
			return err
		}
		p = p[len(piece):]
	}
	if w.direct.ready() {
		_ = w.SetWriteDeadline(time.Time{}) // it fails only when the socket is closed, and p has left
	}
	return nil
}

// abort closes the socket and ends a write that is going on.
func (w *wire) abort() {
	w.aborted.Store(true)
	_ = w.Close() // nobody is left to tell
}

// Close closes the socket. Unless the close frame is on its way, it discards what the kernel still holds: a socket
// whose peer does not read would keep megabytes of it for minutes.
func (w *wire) Close() error {
	sent := w.closeSent.Load()
	if sent == 0 || time.Since(time.Unix(0, sent)) >= closeWait-time.Second {
		if tcp, ok := w.under().(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // it fails only if the socket is closed
		}
	}
	if w.aborted.Load() {
		return w.under().Close() // TLS would say goodbye first, and wait
	}
	return w.Conn.Close()
}

// under returns the socket under TLS, or the socket.
func (w *wire) under() net.Conn {
	if under, ok := w.Conn.(interface{ NetConn() net.Conn }); ok {
		return under.NetConn()
	}
	return w.Conn
}

// An upgradeWriter stands between coder/websocket and net/http during the handshake.
type upgradeWriter struct {
	http.ResponseWriter
	switching func()
	wire      *wire
}

func (u *upgradeWriter) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols {
		u.switching()
	}
	u.ResponseWriter.WriteHeader(status)
}

// WriteHeaderNow is what coder/websocket calls for gin, whose WriteHeader only takes a note.
func (u *upgradeWriter) WriteHeaderNow() {
	if gin, ok := u.ResponseWriter.(interface{ WriteHeaderNow() }); ok {
		gin.WriteHeaderNow()
	}
}

// Hijack returns the wire in place of the net.Conn, under buffers of its own. Both matter: coder/websocket resets only the
// reader to the returned net.Conn, so a wire under net/http's bufio.Writer would be bypassed; and net/http's two buffers of
// 4 KiB would stay with the connection for ever.
func (u *upgradeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("hijacking the connection: %w", err)
	}
	u.wire.Conn = conn
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered()) // cannot fail: it asks for what is there
	u.wire.early = append([]byte(nil), early...)
	u.wire.reader = bufio.NewReaderSize(u.wire, readBufferSize)
	return u.wire, bufio.NewReadWriter(u.wire.reader, bufio.NewWriterSize(u.wire, writeBufferSize)), nil
}
