package wsx

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/coder/websocket"
)

// wsTransport carries a connection over a WebSocket. coder/websocket does the handshake, reads, unmasks, answers pings
// and closes; data frames, which are made already, are written below it. See docs/adr/0001-coder-websocket.md.
type wsTransport struct {
	ws   *websocket.Conn // kept: its finalizer closes the connection
	wire *wire
}

var readBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooledRead bounds the read buffers that are kept.
const maxPooledRead = 64 << 10

func (t *wsTransport) read(c *Connection) ending {
	for {
		// Without a context that can end: coder/websocket would register a callback for every frame. abort ends Read.
		kind, r, err := t.ws.Reader(context.Background())
		if err == nil {
			err = t.receive(c, kind, r)
		}
		if err != nil {
			return t.whyEnded(err)
		}
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
	if _, err := buf.ReadFrom(r); err != nil {
		return err
	}
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
	case errors.Is(err, websocket.ErrMessageTooBig):
		return ending{cause: errTooLong, code: 1009, how: withoutQueue}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.ErrClosedPipe), errors.As(err, &network):
		return ending{code: 1006, how: atOnce}
	}
	return ending{cause: errors.Join(errProtocol, err), code: 1002, how: withoutQueue}
}

func (t *wsTransport) write(frames []byte) error { return t.wire.writeFrames(frames) }

func (t *wsTransport) close(code int, reason string) {
	// The error says that the peer did not answer or has gone: either way this was the end.
	_ = t.ws.Close(websocket.StatusCode(code), reason)
}

func (t *wsTransport) abort() { t.wire.abort() }

// upgrade turns a request into a WebSocket. It calls switching when the handshake is known to succeed and before the
// browser can know it, so that whatever the browser does next finds its connection.
func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request, c *Connection, switching func()) (*wsTransport, error) {
	u := &upgradeWriter{ResponseWriter: w, switching: switching, wire: &wire{timeout: h.opts.WriteTimeout, conn: c}}
	ws, err := websocket.Accept(u, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // checkOrigin has verified, more strictly
		CompressionMode:    websocket.CompressionDisabled,
		OnPingReceived: func(context.Context, []byte) bool {
			c.throttle.message()
			return true
		},
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(h.opts.MaxMessage)
	return &wsTransport{ws: ws, wire: u.wire}, nil
}
