package wsx

import (
	"bufio"
	"errors"
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

var errCloseSent = errors.New("wsx: the close frame has been sent")

// A wire is the net.Conn under a WebSocket, captured when coder/websocket hijacks it. coder/websocket reads from it and
// writes control frames, each with one Write; the writer writes data frames. The mutex keeps frames whole.
type wire struct {
	net.Conn // set at the hijack

	// immutable
	timeout time.Duration
	conn    *Connection

	// owned by the reader
	early []byte // what had come after the handshake already

	closeSent atomic.Int64 // Unix nanoseconds of our close frame; 0: not sent
	aborted   atomic.Bool

	mu sync.Mutex // held from the first to the last byte of a frame
}

// Read serves the reader of coder/websocket.
func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		if w.early = w.early[n:]; len(w.early) == 0 {
			w.early = nil
		}
		return n, nil
	}
	n, err := w.Conn.Read(w.conn.beforeRead(p))
	if n > 0 {
		w.conn.afterRead(n)
	}
	return n, err
}

// Write takes one whole control frame from coder/websocket.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeSent.Load() != 0 {
		return 0, errCloseSent // RFC 6455, section 5.5.1: nothing follows a close frame
	}
	if len(p) > 0 && p[0]&0x0f == byte(frame.OpClose) {
		now := time.Now()
		w.closeSent.Store(now.UnixNano())
		// While it waits for the answer, coder/websocket skips the rest of a frame without a timeout of its own, and a
		// frame may claim to be of any length.
		if err := w.SetReadDeadline(now.Add(closeWait)); err != nil {
			return 0, err
		}
	}
	if err := w.send(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// writeFrames writes whole data frames.
func (w *wire) writeFrames(p []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closeSent.Load() != 0 {
		return errCloseSent
	}
	for len(p) > writePiece {
		if err := w.send(p[:writePiece]); err != nil {
			return err
		}
		p = p[writePiece:]
	}
	return w.send(p)
}

// send writes p with a deadline of its own, so that no deadline of an earlier write can hit it.
func (w *wire) send(p []byte) error {
	if err := w.Conn.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
		return err
	}
	_, err := w.Conn.Write(p)
	return err
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
		w.discard()
	}
	return w.Conn.Close()
}

func (w *wire) discard() {
	conn := w.Conn
	if under, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = under.NetConn() // TLS
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // it fails only if the socket is closed
	}
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
	rw := bufio.NewReadWriter(bufio.NewReaderSize(u.wire, readBufferSize), bufio.NewWriterSize(u.wire, writeBufferSize))
	return u.wire, rw, nil
}
