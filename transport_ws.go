package wsx

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"github.com/wsxgo/wsx/internal/wsconn"
)

// wsTransport carries a connection over a WebSocket. coder/websocket does the handshake, reads,
// unmasks, and answers pings and close frames. Data frames arrive here encoded and are written
// below it, so that connections share them. See docs/adr/0001-coder-websocket.md.
type wsTransport struct {
	// immutable
	ws   *websocket.Conn // kept reachable, because its finalizer closes the connection
	wire *wsconn.Conn

	// owned by the reader, and by readNow while it runs
	conn        *Connection
	now         func() // t.readNow, bound once so that starting it doesn't allocate
	turn        sync.WaitGroup
	closeReason *closeReason // why there are no more messages; nil until then
}

// readBuffers lets an idle connection keep no buffer.
var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledRead bounds the buffers that readBuffers keeps, so that one large message doesn't occupy
// memory forever.
const maxPooledRead = 64 << 10

// read waits for input and starts a goroutine that reads it. Reading goes deep into
// coder/websocket, and an idle connection would keep the stack that this needs.
func (t *wsTransport) read(c *Connection) closeReason {
	t.conn = c
	for t.closeReason == nil {
		if t.wire.Await() {
			t.turn.Add(1)
			go t.now()
			t.turn.Wait()
		} else {
			t.readOne()
		}
	}
	return *t.closeReason
}

// readNow reads until nothing is buffered.
func (t *wsTransport) readNow() {
	defer t.turn.Done()
	for more := true; more && t.closeReason == nil; more = t.wire.Buffered() {
		t.readOne()
	}
}

// readOne reads one message, or sets closeReason if there are no more.
func (t *wsTransport) readOne() {
	// A context that can end would cost a callback per frame in coder/websocket. abort ends Reader
	// too.
	kind, r, err := t.ws.Reader(context.Background())
	if err == nil {
		err = t.receive(t.conn, kind, r)
	}
	if err != nil {
		why := t.closeReasonOf(err)
		t.closeReason = &why
	}
}

// receive reads one message into a pooled buffer and passes it to c.
func (t *wsTransport) receive(c *Connection, kind websocket.MessageType, r io.Reader) error {
	c.reader.throttle.Message()
	buf := readBuffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxPooledRead {
			buf.Reset()
			readBuffers.Put(buf)
		}
	}()
	t.wire.BeginMessage()
	if _, err := buf.ReadFrom(r); err != nil {
		return err
	}
	if err := t.wire.Failed(); err != nil {
		return err
	}
	t.wire.EndMessage()
	if kind != websocket.MessageText {
		c.badFrame("", errors.New("decode frame: binary message"))
		return nil
	}
	c.receive(buf.Bytes())
	return nil
}

// closeReasonOf returns the closeReason for an error of reading.
func (t *wsTransport) closeReasonOf(err error) closeReason {
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return closeReason{code: int(closed.Code), mode: closeAbort} // coder/websocket has answered it
	}
	var network net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && !t.wire.CloseSent():
		return closeReason{cause: errUnfinished, code: 1008, reason: "message took too long", mode: closeDiscard}
	case errors.Is(err, websocket.ErrMessageTooBig):
		return closeReason{cause: errTooLong, code: 1009, mode: closeDiscard}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.ErrClosedPipe), errors.As(err, &network):
		return closeReason{code: 1006, mode: closeAbort}
	}
	return closeReason{cause: errors.Join(errProtocol, err), code: 1002, mode: closeDiscard}
}

func (t *wsTransport) try(frames []byte) (int, error) { return t.wire.Try(frames) }

func (t *wsTransport) write(frames []byte) error { return t.wire.WriteFrames(frames) }

// close writes the close frame below coder/websocket. The reader gets the answer, so no goroutine
// waits for it. websocket.Conn.Close would wait, and it would read while the reader reads.
func (t *wsTransport) close(code int, reason string) {
	if err := t.wire.WriteClose(code, reason); err != nil {
		t.wire.Abort()
	}
}

// linger lets coder/websocket skip further input until the browser has answered the close frame.
// Closing a socket with unread input resets it, and the browser would never see the reason.
func (t *wsTransport) linger() {
	_ = t.ws.Close(websocket.StatusNormalClosure, "") // sends nothing, because the close frame has left
}

func (t *wsTransport) abort() { t.wire.Abort() }

// free closes the Conn of coder/websocket in every case. An open one has a finalizer and refers to
// itself, so the garbage collector would keep it forever, and the connection with it.
func (t *wsTransport) free() { _ = t.ws.CloseNow() } // the socket has been closed already

// discard closes whatever part of the handshake has succeeded.
func (t *wsTransport) discard() {
	if t.wire.Conn != nil {
		t.abort()
	}
	if t.ws != nil {
		t.free()
	}
}

// A wsBudget is a connection as its WebSocket reads from it. A WebSocket is read on after the
// connection has begun to end, so it never refuses.
type wsBudget Connection

func (b *wsBudget) Before(p []byte) ([]byte, error) { return (*Connection)(b).beforeRead(p), nil }
func (b *wsBudget) After(n int)                     { (*Connection)(b).afterRead(n) }

// upgrade turns a request into a WebSocket. It calls switching after the handshake has succeeded
// but before the browser can know, so that the browser's next request finds its connection.
func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request, c *Connection, switching func()) (*wsTransport, error) {
	t := &wsTransport{wire: wsconn.New(&h.wsSettings, (*wsBudget)(c))}
	t.now = t.readNow
	succeeded := false
	defer func() { // even if a middleware's ResponseWriter panics
		if !succeeded {
			t.discard()
		}
	}()
	u := &wsconn.UpgradeWriter{
		ResponseWriter: w, Conn: t.wire, Switching: switching, Direct: r.Context().Value(http.ServerContextKey) != nil,
	}
	mode := websocket.CompressionDisabled
	if h.opts.Compression {
		// Never with context takeover (RFC 7692, section 7.1.1): shared frames would corrupt the
		// browser's dictionary.
		mode = websocket.CompressionNoContextTakeover
	}
	ws, err := websocket.Accept(u, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // ServeHTTP has checked the origin more strictly
		CompressionMode:    mode,
		OnPingReceived: func(context.Context, []byte) bool {
			c.reader.throttle.Message()
			return true
		},
	})
	if err != nil {
		return nil, err
	}
	t.ws = ws
	ws.SetReadLimit(h.opts.MaxMessage)
	// Only the response header says whether coder/websocket has agreed to compress.
	if strings.HasPrefix(w.Header().Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
		c.compress()
	}
	t.wire.Prepare()
	succeeded = true
	return t, nil
}
