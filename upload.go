package wsx

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/strictjson"
)

// upload takes the frames in the body of a POST. All answers but that they were taken go down the connection.
func (l *httpSession) upload(w http.ResponseWriter, r *http.Request) {
	if mediaType(r) != "application/json" {
		l.conn.hub.refuse(w, r, http.StatusUnsupportedMediaType)
		return
	}
	if l.conn.ctx.Err() != nil {
		l.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	l.conn.throttle.message()
	select {
	case l.posts <- struct{}{}:
		defer func() { <-l.posts }()
	default:
		l.conn.hub.refuse(w, r, http.StatusTooManyRequests)
		return
	}
	body, err := l.body(w, r)
	if err != nil {
		l.conn.hub.refuse(w, r, bodyStatus(err))
		return
	}
	// Looked through first, so that of a body that is no array nothing is taken.
	if strictjson.Elements(body, maxUploadDepth, func([]byte) error { return nil }) != nil {
		l.conn.hub.refuse(w, r, http.StatusBadRequest)
		return
	}
	if !l.take(r) {
		l.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	defer l.release()
	if err := l.receive(r.Context(), body); err != nil {
		l.conn.hub.refuse(w, r, bodyStatus(err))
		return
	}
	_ = l.conn.hub.writeResponse(w, http.StatusAccepted, nil) // who has gone needs no answer
}

// body reads the body of a POST at the pace of Options.Inbound, until the connection ends.
func (l *httpSession) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := newTimedBody(w, r, maxUpload)
	cut := make(chan struct{})
	stop := context.AfterFunc(l.conn.ctx, func() {
		defer close(cut)
		body.cut()
	})
	defer func() {
		if !stop() {
			<-cut
		}
	}()
	text, err := io.ReadAll(&throttledReader{body, l.conn})
	if err != nil && l.conn.ctx.Err() != nil {
		return nil, errEnded
	}
	return text, err
}

// receive takes the frames of an array, at the pace of Options.Inbound, which has one counted already: the POST. It returns
// errTooLong of a frame that is too large, and errEnded if one was thrown away: because the connection has ended, or because it had
// to wait for space and nobody waits for the answer any more, or the browser wants to leave. The caller has the turn.
func (l *httpSession) receive(request context.Context, body []byte) error {
	c := l.conn
	waiting, cancel := context.WithCancel(request)
	defer cancel()
	defer context.AfterFunc(l.leaving, cancel)()
	c.giveUp, c.messageDropped = waiting.Done(), false
	isFirst := true
	return strictjson.Elements(body, maxUploadDepth, func(message []byte) error {
		if int64(len(message)) > c.hub.opts.MaxMessage {
			c.end(closeReason{cause: errTooLong, code: 1009, mode: closeDiscard})
			return errTooLong
		}
		if !isFirst {
			c.throttle.message()
		}
		isFirst = false
		if c.ctx.Err() != nil {
			return errEnded
		}
		c.beforeRead(nil)
		if c.receive(message); c.messageDropped {
			return errEnded
		}
		return nil
	})
}

// errEnded stops taking what comes for a connection that has ended.
var errEnded = errors.New("wsx: the connection has ended")

// A pacedReader reads a body at the pace of Options.Inbound.
type throttledReader struct {
	*timedBody
	conn *Connection
}

func (p *throttledReader) Read(b []byte) (int, error) {
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

	mu   sync.Mutex // guards what follows, and setting deadlines
	over bool       // it has been read to its end, or cut
}

func newTimedBody(w http.ResponseWriter, r *http.Request, most int64) *timedBody {
	b := &timedBody{ReadCloser: http.MaxBytesReader(w, r.Body, most), control: http.NewResponseController(w)}
	b.renew()
	return b
}

// renew begins the time anew. A ResponseWriter without deadlines leaves it to the server's ReadTimeout.
func (b *timedBody) renew() { b.setDeadline(time.Now().Add(messageTime), false) }

// cut lets nothing more be read, and ends a read that is going on.
func (b *timedBody) cut() { b.setDeadline(time.Unix(1, 0), true) }

// setDeadline does nothing once the body is over. It fails only if there are no deadlines.
func (b *timedBody) setDeadline(at time.Time, over bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over {
		b.over = over
		_ = b.control.SetReadDeadline(at)
	}
}

// Read lifts the deadline at the end of the body: later, it would look as if the browser had gone. It stays for a body that is not
// read to its end, since net/http skips the rest.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.setDeadline(time.Time{}, true)
	}
	return n, err
}

// bodyStatus says what is wrong with a body that could not be read.
func bodyStatus(err error) int {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	if errors.Is(err, errTooLong) {
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
