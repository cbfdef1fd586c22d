package wsx

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/wsxgo/wsx/internal/limit"
)

// An httpSession is a connection over HTTP as later requests find it: by its id and its key.
type httpSession struct {
	// immutable
	conn  *Connection
	polls *pollTransport // nil for a stream of events
	turn  chan struct{}  // one place, for the request that acts as the connection's reader
	posts chan struct{}  // maxPosts places, one for each POST in progress

	leaving       context.Context // ends when the browser wants to leave, or with the connection
	cancelWaiting context.CancelFunc
}

// newHTTPSession returns a connection over HTTP that is not visible yet. polls is nil for a stream of events.
func (h *Hub) newHTTPSession(r *http.Request, who Identity, ip string, entry limit.Slot, polls *pollTransport) *httpSession {
	c := h.newConnection(r.Context(), who, ip, entry)
	c.key = rand.Text()
	c.out.encoding = encodingFull
	c.liveness.silent = true // the network tells of a stream, the next poll of a chain of polls
	l := &httpSession{conn: c, polls: polls, turn: make(chan struct{}, 1), posts: make(chan struct{}, maxPosts)}
	l.leaving, l.cancelWaiting = context.WithCancel(c.ctx)
	h.httpSessions.Store(c.id, l)
	return l
}

// httpSessionOf returns the connection that r names, or nil if there is none or the key is wrong.
func (h *Hub) httpSessionOf(r *http.Request) *httpSession {
	id, key, _ := strings.Cut(r.Header.Get(headerConn), " ")
	found, ok := h.httpSessions.Load(id)
	if !ok {
		return nil
	}
	l := found.(*httpSession)
	if subtle.ConstantTimeCompare([]byte(l.conn.key), []byte(key)) != 1 {
		return nil
	}
	return l
}

// resume continues a connection over HTTP, for the user that opened it or the one that the program has logged in since. The response
// doesn't tell a wrong key from a connection that doesn't exist.
func (h *Hub) resume(w http.ResponseWriter, r *http.Request, who Identity, asked requestKind) {
	w.Header().Set("Cache-Control", "no-store")
	l := h.httpSessionOf(r)
	if l == nil {
		h.refuse(w, r, http.StatusNotFound)
		return
	}
	if who.User != l.conn.slot.User && who.User != l.conn.User() {
		h.opts.Logger.Warn("wsx: refused a request for a connection of another user", "connection", l.conn.id)
		h.refuse(w, r, http.StatusForbidden)
		return
	}
	switch {
	case asked == upload:
		l.upload(w, r)
	case asked == closeSession:
		l.leave(w, r)
	case l.polls != nil:
		l.polls.serveNext(w, r)
	default:
		h.refuse(w, r, http.StatusNotFound)
	}
}

// take makes the caller the connection's reader. It reports whether it did so before the request or the connection ended.
func (l *httpSession) take(r *http.Request) bool {
	select {
	case l.turn <- struct{}{}:
	case <-r.Context().Done():
		return false
	case <-l.conn.ctx.Done():
		return false
	}
	if l.conn.ctx.Err() != nil { // both were ready
		l.release()
		return false
	}
	return true
}

func (l *httpSession) release() { <-l.turn }

// leave ends the connection because the browser asks for it. What the browser sent before is still handled, except the frames of a
// POST that still waits for space.
func (l *httpSession) leave(w http.ResponseWriter, r *http.Request) {
	l.cancelWaiting()
	if !l.take(r) {
		l.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	defer l.release()
	l.conn.end(closeReason{code: 1000, mode: closeAbort})
	_ = l.conn.hub.writeResponse(w, http.StatusNoContent, nil) // it fails only if the browser has gone
}
