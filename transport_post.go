package wsx

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/wsxgo/wsx/internal/httpio"
	"github.com/wsxgo/wsx/internal/peerio"
	"github.com/wsxgo/wsx/internal/strictjson"
)

// upload takes the frames in the body of a POST. Its response only says whether they were taken; replies to them go down the
// connection.
func (l *httpSession) upload(w http.ResponseWriter, r *http.Request) {
	if mediaType(r) != "application/json" {
		l.conn.hub.refuse(w, r, http.StatusUnsupportedMediaType)
		return
	}
	if l.conn.ctx.Err() != nil {
		l.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	l.conn.reader.throttle.Message()
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
	// Checked first, so that nothing is taken from a body that is not an array.
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
	_ = l.conn.hub.writeResponse(w, http.StatusAccepted, nil) // it fails only if the browser has gone
}

// body reads the body of a POST within Options.Inbound, until the connection ends.
func (l *httpSession) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := httpio.NewTimedBody(w, r, maxUpload, messageTime)
	cut := make(chan struct{})
	stop := context.AfterFunc(l.conn.ctx, func() {
		defer close(cut)
		body.Cut()
	})
	defer func() {
		if !stop() {
			<-cut
		}
	}()
	text, err := io.ReadAll(&httpio.ThrottledReader{Body: body, Budget: peerio.Budget{Before: l.beforeRead, After: l.conn.afterRead}})
	if err != nil && l.conn.ctx.Err() != nil {
		return nil, errEnded
	}
	return text, err
}

// beforeRead is Connection.beforeRead for a body, which is not read on after the connection has ended.
func (l *httpSession) beforeRead(p []byte) ([]byte, error) {
	p = l.conn.beforeRead(p)
	if l.conn.ctx.Err() != nil {
		return nil, errEnded
	}
	return p, nil
}

// receive takes the frames of an array within Options.Inbound, where the POST counts as the first. The caller has the turn.
//
// It returns errTooLong for a frame that is too large. It returns errEnded if a frame was dropped: the connection has ended, or the
// frame had to wait for space when the request ended or the browser wanted to leave.
func (l *httpSession) receive(request context.Context, body []byte) error {
	c := l.conn
	waiting, cancel := context.WithCancel(request)
	defer cancel()
	defer context.AfterFunc(l.leaving, cancel)()
	c.reader.giveUp, c.reader.dropped = waiting.Done(), false
	isFirst := true
	return strictjson.Elements(body, maxUploadDepth, func(message []byte) error {
		if int64(len(message)) > c.hub.opts.MaxMessage {
			c.end(closeReason{cause: errTooLong, code: 1009, mode: closeDiscard})
			return errTooLong
		}
		if !isFirst {
			c.reader.throttle.Message()
		}
		isFirst = false
		if c.ctx.Err() != nil {
			return errEnded
		}
		c.beforeRead(nil)
		if c.receive(message); c.reader.dropped {
			return errEnded
		}
		return nil
	})
}

// errEnded stops reading for a connection that has ended.
var errEnded = errors.New("wsx: the connection has ended")

// bodyStatus returns the HTTP status for an error of reading a body.
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

// mediaType returns the Content-Type of r without its parameters, or "" if there is none or it can't be parsed.
func mediaType(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}
