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
)

// wsTransport carries a connection over a WebSocket. coder/websocket does the handshake, reads, unmasks, answers pings
// and closes; data frames, which are made already, are written below it. See docs/adr/0001-coder-websocket.md.
type wsTransport struct {
	ws   *websocket.Conn // reachable until free: its finalizer would close the connection
	wire *wire

	// owned by the reader, and lent to readNow while that runs
	conn   *Connection
	now    func() // t.readNow, made once
	turn   sync.WaitGroup
	ending *ending // what readNow found
}

var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledRead bounds the read buffers that are kept.
const maxPooledRead = 64 << 10

// read waits for something to read, and has each message read by a goroutine that ends with it: reading goes deep into
// coder/websocket, and the stack that this takes would stay with an idle connection.
func (t *wsTransport) read(c *Connection) ending {
	t.conn = c
	for t.ending == nil {
		if t.wire.await() {
			t.turn.Add(1)
			go t.now()
			t.turn.Wait()
		} else {
			t.readOne()
		}
	}
	return *t.ending
}

func (t *wsTransport) readNow() {
	defer t.turn.Done()
	for more := true; more && t.ending == nil; more = t.wire.buffered() {
		t.readOne()
	}
}

// readOne reads one message, or finds out why there is none.
func (t *wsTransport) readOne() {
	// Without a context that can end: coder/websocket would register a callback for every frame. abort ends Read.
	kind, r, err := t.ws.Reader(context.Background())
	if err == nil {
		err = t.receive(t.conn, kind, r)
	}
	if err != nil {
		why := t.whyEnded(err)
		t.ending = &why
	}
}

// receive reads one message into a pooled buffer and hands it on.
func (t *wsTransport) receive(c *Connection, kind websocket.MessageType, r io.Reader) error {
	c.throttle.message()
	buf := readBuffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxPooledRead {
			buf.Reset()
			readBuffers.Put(buf)
		}
	}()
	t.wire.inMessage = true
	defer func() { t.wire.inMessage = false }()
	t.wire.readWithin(messageTime)
	if _, err := buf.ReadFrom(r); err != nil {
		return err
	}
	if t.wire.failed != nil {
		return t.wire.failed // coder/websocket takes an EOF before a frame or its payload for the end of the message
	}
	t.wire.readWithin(0)
	if kind != websocket.MessageText {
		c.badFrame("", errors.New("decoding a frame: it is binary"))
		return nil
	}
	c.receive(buf.Bytes())
	return nil
}

// whyEnded turns an error of reading into an ending.
func (t *wsTransport) whyEnded(err error) ending {
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return ending{code: int(closed.Code), how: atOnce} // the answer has been sent already
	}
	var network net.Error
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && t.wire.closeSent.Load() == 0:
		return ending{cause: errUnfinished, code: 1008, reason: "message took too long", how: withoutQueue}
	case errors.Is(err, websocket.ErrMessageTooBig):
		return ending{cause: errTooLong, code: 1009, how: withoutQueue}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.ErrClosedPipe), errors.As(err, &network):
		return ending{code: 1006, how: atOnce}
	}
	return ending{cause: errors.Join(errProtocol, err), code: 1002, how: withoutQueue}
}

func (t *wsTransport) try(frames []byte) (int, error) { return t.wire.try(frames) }

func (t *wsTransport) write(frames []byte) error { return t.wire.writeFrames(frames) }

// close writes the close frame below coder/websocket, whose Close would wait for the answer, and read it, while the reader
// reads: the reader gets the answer, and no goroutine waits for it.
func (t *wsTransport) close(code int, reason string) {
	if err := t.wire.writeClose(code, reason); err != nil {
		t.wire.abort()
	}
}

// linger lets coder/websocket skip what still comes until the browser has answered the close frame: with something unread in
// it, the socket would be closed with a reset, and the browser would never see why.
func (t *wsTransport) linger() {
	_ = t.ws.Close(websocket.StatusNormalClosure, "") // the close frame has been sent, so this sends none
}

func (t *wsTransport) abort() { t.wire.abort() }

// free closes the Conn, however the connection has ended. An open one has a finalizer and refers to itself, so the garbage
// collector would keep it forever, and with it the whole connection.
func (t *wsTransport) free() { _ = t.ws.CloseNow() } // the socket has been closed already

// discard closes whatever of a handshake has succeeded.
func (t *wsTransport) discard() {
	if t.wire.Conn != nil {
		t.abort()
	}
	if t.ws != nil {
		t.free()
	}
}

// upgrade turns a request into a WebSocket. It calls switching when the handshake is known to succeed and before the
// browser can know it, so that whatever the browser does next finds its connection.
func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request, c *Connection, switching func()) (*wsTransport, error) {
	t := &wsTransport{wire: &wire{timeout: h.opts.WriteTimeout, conn: c}}
	t.now = t.readNow
	succeeded := false
	defer func() { // also when a ResponseWriter of the program's panics
		if !succeeded {
			t.discard()
		}
	}()
	u := &upgradeWriter{ResponseWriter: w, switching: switching, wire: t.wire}
	mode := websocket.CompressionDisabled
	if h.opts.Compression {
		// Never with context takeover: shared frames would silently corrupt what coder/websocket's own dictionary expects.
		mode = websocket.CompressionNoContextTakeover
	}
	ws, err := websocket.Accept(u, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // checkOrigin has verified, more strictly
		CompressionMode:    mode,
		OnPingReceived: func(context.Context, []byte) bool {
			c.throttle.message()
			return true
		},
	})
	if err != nil {
		return nil, err
	}
	t.ws = ws
	ws.SetReadLimit(h.opts.MaxMessage)
	// coder/websocket does not tell what was agreed but in the header of its answer.
	if strings.HasPrefix(w.Header().Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
		c.compress()
	}
	t.wire.prepare()
	succeeded = true
	return t, nil
}
