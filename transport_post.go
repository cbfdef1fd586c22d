package wsx

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/wsxgo/wsx/internal/httpio"
	"github.com/wsxgo/wsx/internal/strictjson"
)

// upload receives the frames in the body of a POST. Its response only says whether they were
// received: replies to them are sent over the connection, in order with everything else.
func (s *httpSession) upload(w http.ResponseWriter, r *http.Request) {
	if mediaType(r) != "application/json" {
		s.conn.hub.refuse(w, r, http.StatusUnsupportedMediaType)
		return
	}
	if s.conn.ctx.Err() != nil {
		s.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	s.conn.reader.throttle.Message()
	select {
	case s.posts <- struct{}{}:
		defer func() { <-s.posts }()
	default:
		s.conn.hub.refuse(w, r, http.StatusTooManyRequests)
		return
	}
	body, err := s.body(w, r)
	if err != nil {
		s.conn.hub.refuse(w, r, bodyStatus(err))
		return
	}
	// Checked first, so that no frame of a malformed body is handled.
	if strictjson.Elements(body, maxUploadDepth, func([]byte) error { return nil }) != nil {
		s.conn.hub.refuse(w, r, http.StatusBadRequest)
		return
	}
	if !s.take(r) {
		s.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	defer s.release()
	if err := s.receive(r.Context(), body); err != nil {
		s.conn.hub.refuse(w, r, bodyStatus(err))
		return
	}
	_ = s.conn.hub.writeResponse(w, http.StatusAccepted, nil) // it fails only if the browser has gone
}

// An uploadBudget is a session as the bodies of its POSTs are read.
type uploadBudget httpSession

func (b *uploadBudget) Before(p []byte) ([]byte, error) { return (*httpSession)(b).beforeRead(p) }
func (b *uploadBudget) After(n int)                     { b.conn.afterRead(n) }

// body reads the body of a POST at the rate of Options.Inbound. It stops when the connection ends.
func (s *httpSession) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := httpio.NewTimedBody(w, r, maxUpload, messageTime)
	cut := make(chan struct{})
	stop := context.AfterFunc(s.conn.ctx, func() {
		defer close(cut)
		body.Cut()
	})
	defer func() {
		if !stop() {
			<-cut // the body must not be cut after the handler has returned
		}
	}()
	text, err := io.ReadAll(&httpio.ThrottledReader{Body: body, Budget: (*uploadBudget)(s)})
	if err != nil && s.conn.ctx.Err() != nil {
		return nil, errEnded
	}
	return text, err
}

// beforeRead is Connection.beforeRead for a body. It stops the reading once the connection has
// ended.
func (s *httpSession) beforeRead(p []byte) ([]byte, error) {
	p = s.conn.beforeRead(p)
	if s.conn.ctx.Err() != nil {
		return nil, errEnded
	}
	return p, nil
}

// receive handles the frames of an array at the rate of Options.Inbound, where the POST counts as
// the first message. The caller has called take, so it is the only reader.
//
// It returns errTooLong for a frame over Options.MaxMessage. It returns errEnded if a frame was
// dropped: the connection has ended, or the frame had to wait for space when the request ended or
// the browser wanted to leave.
func (s *httpSession) receive(request context.Context, body []byte) error {
	c := s.conn
	waiting, cancel := context.WithCancel(request)
	defer cancel()
	defer context.AfterFunc(s.leaving, cancel)()
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

// errEnded stops the reading of a body whose connection has ended.
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

// mediaType returns the Content-Type of r without its parameters, or "" if it is missing or
// malformed.
func mediaType(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}
