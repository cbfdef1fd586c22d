package wsx

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// upload takes the frames in the body of a POST. All answers but that they were taken go down the connection.
func (l *line) upload(w http.ResponseWriter, r *http.Request) {
	if mediaType(r) != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType)
		return
	}
	if l.conn.ctx.Err() != nil {
		refuse(w, http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(&pacedReader{Reader: http.MaxBytesReader(w, r.Body, maxUpload), conn: l.conn, limit: newBodyLimit(w)})
	if err != nil {
		refuse(w, bodyStatus(err))
		return
	}
	// Looked through first, so that of a body that is no array nothing is taken.
	if strictjson.Elements(body, maxUploadDepth, func([]byte) error { return nil }) != nil {
		refuse(w, http.StatusBadRequest)
		return
	}
	if !l.take(r) {
		refuse(w, http.StatusNotFound)
		return
	}
	defer l.release()
	if !l.receive(body) {
		refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// receive takes the frames of an array, at the pace of Options.Inbound; false: one is too large. The caller has the turn.
func (l *line) receive(body []byte) bool {
	c := l.conn
	fits := true
	_ = strictjson.Elements(body, maxUploadDepth, func(message []byte) error {
		if c.ctx.Err() != nil {
			return errEnded
		}
		if int64(len(message)) > c.hub.opts.MaxMessage {
			fits = false
			c.end(ending{cause: errTooLong, code: 1009, how: withoutQueue})
			return errTooLong
		}
		c.throttle.message()
		c.beforeRead(nil)
		c.receive(message)
		return nil
	})
	return fits
}

// errEnded stops taking what comes for a connection that has ended.
var errEnded = errors.New("wsx: the connection has ended")

// A pacedReader reads a body at the pace of Options.Inbound.
type pacedReader struct {
	io.Reader
	conn  *Connection
	limit bodyLimit
}

func (p *pacedReader) Read(b []byte) (int, error) {
	begin := time.Now()
	b = p.conn.beforeRead(b)
	if p.conn.ctx.Err() != nil {
		return 0, errEnded
	}
	if time.Since(begin) > time.Second {
		p.limit.renew() // what we made it wait is not its fault
	}
	n, err := p.Reader.Read(b)
	if n > 0 {
		p.conn.afterRead(n)
	}
	if err != nil {
		p.limit.lift()
	}
	return n, err
}

// A bodyLimit bounds how long reading a body may take.
type bodyLimit struct{ control *http.ResponseController }

func newBodyLimit(w http.ResponseWriter) bodyLimit {
	l := bodyLimit{http.NewResponseController(w)}
	l.renew()
	return l
}

// A ResponseWriter without deadlines leaves the time to the server's ReadTimeout.
func (l bodyLimit) renew() { _ = l.control.SetReadDeadline(time.Now().Add(messageTime)) }

// lift must be called when the body has been read: a deadline that passes later looks as if the browser had gone.
func (l bodyLimit) lift() { _ = l.control.SetReadDeadline(time.Time{}) }

// bodyStatus says what is wrong with a body that could not be read.
func bodyStatus(err error) int {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	if errors.Is(err, errEnded) {
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

// mediaType returns what the body of r is said to be, without parameters; "": nothing, or nothing that can be read.
func mediaType(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}
