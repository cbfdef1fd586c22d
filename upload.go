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
	body, err := io.ReadAll(&pacedReader{newTimedBody(w, r, maxUpload), l.conn})
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
	*timedBody
	conn *Connection
}

func (p *pacedReader) Read(b []byte) (int, error) {
	begin := time.Now()
	b = p.conn.beforeRead(b)
	if p.conn.ctx.Err() != nil {
		return 0, errEnded
	}
	if time.Since(begin) > time.Second {
		p.renew() // what we made it wait is not its fault
	}
	n, err := p.timedBody.Read(b)
	if n > 0 {
		p.conn.afterRead(n)
	}
	return n, err
}

// A timedBody is the body of a request, of which so many bytes are read and no more, and for messageTime.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func newTimedBody(w http.ResponseWriter, r *http.Request, most int64) *timedBody {
	b := &timedBody{http.MaxBytesReader(w, r.Body, most), http.NewResponseController(w)}
	b.renew()
	return b
}

// renew begins the time anew. A ResponseWriter without deadlines leaves it to the server's ReadTimeout.
func (b *timedBody) renew() { _ = b.control.SetReadDeadline(time.Now().Add(messageTime)) }

// Read lifts the deadline at the end of the body: later, it would look as if the browser had gone. It stays for a body that is not
// read to its end, since net/http skips the rest.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{}) // it fails only if there is none
	}
	return n, err
}

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
