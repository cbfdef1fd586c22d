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

	"github.com/wsxgo/wsx/internal/peerio"
	"github.com/wsxgo/wsx/internal/wsconn"
)

// wsTransport carries a connection over a WebSocket. coder/websocket does the handshake, reads, unmasks, and answers pings and close
// frames. Data frames are ready when they come here, and are written below it. See docs/adr/0001-coder-websocket.md.
type wsTransport struct {
	// immutable
	ws   *websocket.Conn // kept reachable, because its finalizer closes the connection
	wire *wsconn.Conn

	// owned by the reader, and by readNow while that runs
	conn        *Connection
	now         func() // t.readNow, made once
	turn        sync.WaitGroup
	closeReason *closeReason // what readNow found
}

var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledRead bounds the buffers that readBuffers keeps.
const maxPooledRead = 64 << 10

// read waits for something to read and starts a goroutine that reads it. Reading goes deep into coder/websocket, and the stack that
// it needs would stay with an idle connection.
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

func (t *wsTransport) readNow() {
	defer t.turn.Done()
	for more := true; more && t.closeReason == nil; more = t.wire.Buffered() {
		t.readOne()
	}
}

// readOne reads one message, or sets closeReason if there are no more.
func (t *wsTransport) readOne() {
	// For a context that can end, coder/websocket would register a callback with every frame. abort ends Reader too.
	kind, r, err := t.ws.Reader(context.Background())
	if err == nil {
		err = t.receive(t.conn, kind, r)
	}
	if err != nil {
		why := t.closeReasonOf(err)
		t.closeReason = &why
	}
}

// receive reads one message into a pooled buffer and gives it to c.
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
		c.badFrame("", errors.New("decoding a frame: it is binary"))
		return nil
	}
	c.receive(buf.Bytes())
	return nil
}

// closeReasonOf turns an error of reading into a closeReason.
func (t *wsTransport) closeReasonOf(err error) closeReason {
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return closeReason{code: int(closed.Code), mode: closeAbort} // the answer has been sent already
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

// close writes the close frame below coder/websocket. The reader gets the answer, so no goroutine waits for it. websocket.Conn.Close
// would wait, and read while the reader reads.
func (t *wsTransport) close(code int, reason string) {
	if err := t.wire.WriteClose(code, reason); err != nil {
		t.wire.Abort()
	}
}

// linger lets coder/websocket skip what still comes until the browser has answered the close frame. Closing a socket with something
// unread resets it, and the browser would never see the reason.
func (t *wsTransport) linger() {
	_ = t.ws.Close(websocket.StatusNormalClosure, "") // the close frame has been sent, so this sends none
}

func (t *wsTransport) abort() { t.wire.Abort() }

// free closes the Conn of coder/websocket, however the connection has ended. An open one has a finalizer and refers to itself, so the
// garbage collector would keep it forever, and the connection with it.
func (t *wsTransport) free() { _ = t.ws.CloseNow() } // the socket has been closed already

// discard closes what has succeeded of a handshake.
func (t *wsTransport) discard() {
	if t.wire.Conn != nil {
		t.abort()
	}
	if t.ws != nil {
		t.free()
	}
}

// upgrade turns a request into a WebSocket. It calls switching when the handshake has succeeded but before the browser can know, so
// that the browser's next request finds its connection.
func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request, c *Connection, switching func()) (*wsTransport, error) {
	settings := wsconn.Settings{
		WriteChunk: writeChunk, WriteTimeout: h.opts.WriteTimeout, MessageTime: messageTime, CloseWait: closeWait,
	}
	t := &wsTransport{wire: wsconn.New(settings, peerio.Budget{Before: c.beforeWSRead, After: c.afterRead})}
	t.now = t.readNow
	succeeded := false
	defer func() { // even if a ResponseWriter of the program's panics
		if !succeeded {
			t.discard()
		}
	}()
	u := &wsconn.UpgradeWriter{
		ResponseWriter: w, Conn: t.wire, Switching: switching, Direct: r.Context().Value(http.ServerContextKey) != nil,
	}
	mode := websocket.CompressionDisabled
	if h.opts.Compression {
		// Never with context takeover, because the shared frames would silently corrupt the browser's dictionary.
		mode = websocket.CompressionNoContextTakeover
	}
	ws, err := websocket.Accept(u, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // ServeHTTP has checked the origin, more strictly
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
	// coder/websocket tells what was agreed only in the header of its response.
	if strings.HasPrefix(w.Header().Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
		c.compress()
	}
	t.wire.Prepare()
	succeeded = true
	return t, nil
}
