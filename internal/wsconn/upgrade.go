package wsconn

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	readBufferSize  = 512 // of an idle connection; most frames of browsers fit
	writeBufferSize = 136 // holds the largest control frame, 127 bytes, so that coder/websocket writes each at once
)

// An UpgradeWriter stands between coder/websocket and net/http during the handshake.
type UpgradeWriter struct {
	http.ResponseWriter
	Conn      *Conn  // takes the place of the hijacked net.Conn
	Switching func() // called when the handshake has succeeded, before the browser can know
	// Direct makes Hijack write the response with status 101 to the hijacked connection. A middleware that holds the header back, to
	// compress the body, would hold it back forever. Without an http.Server, the ResponseWriter is a test's own and takes the status.
	Direct bool

	accepted bool // coder/websocket has answered with status 101
	hijacked bool // the ResponseWriter has given the connection away
}

// WriteHeader calls Switching before status 101, which Hijack writes if it is direct. Once
// the connection is hijacked, there is no other response: the browser has gone, and net/http would log a complaint.
func (u *UpgradeWriter) WriteHeader(status int) {
	if u.hijacked {
		return
	}
	if status == http.StatusSwitchingProtocols {
		u.accepted = true
		if u.Direct {
			return
		}
		u.Switching()
	}
	u.ResponseWriter.WriteHeader(status)
}

// Write writes the body of a response that refuses the handshake.
func (u *UpgradeWriter) Write(p []byte) (int, error) {
	if u.hijacked {
		return 0, http.ErrHijacked
	}
	return u.ResponseWriter.Write(p)
}

// notInSwitch are headers that describe a body, which middleware sets in advance. The response with status 101 has none.
var notInSwitch = map[string]bool{"Content-Encoding": true, "Content-Length": true, "Content-Type": true, "Transfer-Encoding": true}

// writeSwitch writes the response with status 101 (RFC 9110, section 15.2.2).
func (u *UpgradeWriter) writeSwitch() error {
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\n")
	if err := u.Header().WriteSubset(&b, notInSwitch); err != nil {
		return err
	}
	b.WriteString("\r\n")
	if err := u.Conn.SetWriteDeadline(time.Now().Add(u.Conn.settings.WriteTimeout)); err != nil {
		return err
	}
	if _, err := u.Conn.Conn.Write(b.Bytes()); err != nil {
		return err
	}
	return u.Conn.SetWriteDeadline(time.Time{})
}

// Hijack returns the Conn in place of the net.Conn, under buffers of its own. Both matter. coder/websocket resets only the reader
// to the returned net.Conn, so it would bypass a Conn under net/http's bufio.Writer. And the two buffers of net/http, 4 KiB each,
// would stay with the connection forever.
func (u *UpgradeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("hijacking the connection: %w", err)
	}
	u.hijacked = true
	c := u.Conn
	c.Conn = conn
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered()) // it cannot fail: so many bytes are buffered
	c.early = append([]byte(nil), early...)
	c.reader = bufio.NewReaderSize(c, readBufferSize)
	if u.accepted && u.Direct {
		u.Switching()
		if err := u.writeSwitch(); err != nil {
			return nil, nil, fmt.Errorf("answering the handshake: %w", err)
		}
	}
	return c, bufio.NewReadWriter(c.reader, bufio.NewWriterSize(c, writeBufferSize)), nil
}
