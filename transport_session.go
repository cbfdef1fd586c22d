package wsx

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/wsxgo/wsx/internal/limit"
)

// An httpSession is a connection over HTTP that later requests find by its id and key.
type httpSession struct {
	// immutable
	conn  *Connection
	polls *pollTransport // nil for a stream of events
	turn  chan struct{}  // holds one value while a request is the connection's reader
	posts chan struct{}  // holds one value for each POST in progress

	leaving       context.Context // ends when the browser asks to leave, or with the connection
	cancelWaiting context.CancelFunc
}

// newHTTPSession returns a session whose connection has not been opened. It is registered already,
// because the browser may send as soon as it has read the key. polls is nil for an event stream.
func (h *Hub) newHTTPSession(r *http.Request, who Identity, ip string, entry limit.Slot, polls *pollTransport) *httpSession {
	c := h.newConnection(r.Context(), who, ip, entry)
	c.key = rand.Text()
	c.out.encoding = encodingFull
	c.liveness.silent = true // the network notices a lost stream, and the gap timer a lost chain of polls
	s := &httpSession{conn: c, polls: polls, turn: make(chan struct{}, 1), posts: make(chan struct{}, maxPosts)}
	s.leaving, s.cancelWaiting = context.WithCancel(c.ctx)
	h.httpSessions.Store(c.id, s)
	return s
}

// httpSessionOf returns the session that r names, or nil if it doesn't exist or the key is wrong.
// The comparison takes constant time, so that the key can't be guessed byte by byte.
func (h *Hub) httpSessionOf(r *http.Request) *httpSession {
	id, key, _ := strings.Cut(r.Header.Get(headerConn), " ")
	found, ok := h.httpSessions.Load(id)
	if !ok {
		return nil
	}
	s := found.(*httpSession)
	if subtle.ConstantTimeCompare([]byte(s.conn.key), []byte(key)) != 1 {
		return nil
	}
	return s
}

// resume continues a session. The request must come from the user that opened it, or the one that
// the program has set since. The response is the same for a wrong key and for a session that
// doesn't exist.
func (h *Hub) resume(w http.ResponseWriter, r *http.Request, who Identity, asked requestKind) {
	w.Header().Set("Cache-Control", "no-store")
	s := h.httpSessionOf(r)
	if s == nil {
		h.refuse(w, r, http.StatusNotFound)
		return
	}
	if who.User != s.conn.slot.User && who.User != s.conn.User() {
		h.opts.Logger.Warn("wsx: refused a request for a connection of another user", "connection", s.conn.id)
		h.refuse(w, r, http.StatusForbidden)
		return
	}
	switch {
	case asked == upload:
		s.upload(w, r)
	case asked == closeSession:
		s.leave(w, r)
	case s.polls != nil:
		s.polls.serveNext(w, r)
	default:
		h.refuse(w, r, http.StatusNotFound)
	}
}

// take makes the caller the connection's reader. It reports whether it did so before the request or
// the connection ended.
func (s *httpSession) take(r *http.Request) bool {
	select {
	case s.turn <- struct{}{}:
	case <-r.Context().Done():
		return false
	case <-s.conn.ctx.Done():
		return false
	}
	if s.conn.ctx.Err() != nil { // select picks at random if both were ready
		s.release()
		return false
	}
	return true
}

// release lets the next request be the reader.
func (s *httpSession) release() { <-s.turn }

// leave ends the connection at the browser's request. What the browser sent before is still
// handled, except for frames of a POST that waits for space.
func (s *httpSession) leave(w http.ResponseWriter, r *http.Request) {
	s.cancelWaiting()
	if !s.take(r) {
		s.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	defer s.release()
	s.conn.end(closeReason{code: 1000, mode: closeAbort})
	_ = s.conn.hub.writeResponse(w, http.StatusNoContent, nil) // it fails only if the browser has gone
}
