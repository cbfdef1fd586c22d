package wsconn

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
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
}

// WriteHeader calls Switching before status 101.
func (u *UpgradeWriter) WriteHeader(status int) {
	if status == http.StatusSwitchingProtocols {
		u.Switching()
	}
	u.ResponseWriter.WriteHeader(status)
}

// WriteHeaderNow is called by coder/websocket for gin, whose WriteHeader only notes the status.
func (u *UpgradeWriter) WriteHeaderNow() {
	if gin, ok := u.ResponseWriter.(interface{ WriteHeaderNow() }); ok {
		gin.WriteHeaderNow()
	}
}

// Hijack returns the Conn in place of the net.Conn, under buffers of its own. Both matter. coder/websocket resets only the reader
// to the returned net.Conn, so it would bypass a Conn under net/http's bufio.Writer. And the two buffers of net/http, 4 KiB each,
// would stay with the connection forever.
func (u *UpgradeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("hijacking the connection: %w", err)
	}
	c := u.Conn
	c.Conn = conn
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered()) // it cannot fail: so many bytes are buffered
	c.early = append([]byte(nil), early...)
	c.reader = bufio.NewReaderSize(c, readBufferSize)
	return c, bufio.NewReadWriter(c.reader, bufio.NewWriterSize(c, writeBufferSize)), nil
}
