package wsx

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
)

// A line is a connection over HTTP as later requests find it: by its id and its key.
type httpSession struct {
	conn  *Connection
	polls *pollTransport // nil: it is a stream of events
	turn  chan struct{}  // of one place: held by the request that acts as the connection's reader
	posts chan struct{}  // of maxPosts places: one for each POST that is under way

	leaving       context.Context // ends when the browser wants to leave, with the connection at the latest
	cancelWaiting context.CancelFunc
}

// newLine returns a connection over HTTP that nobody sees yet. polls is nil for a stream.
func (h *Hub) newHTTPSession(r *http.Request, who Identity, ip string, entry slot, polls *pollTransport) *httpSession {
	c := h.newConnection(r.Context(), who, ip, entry)
	c.key = rand.Text()
	c.encoding = encodingFull
	c.liveness.silent = true // the network tells of a stream, the next poll of a chain of polls
	l := &httpSession{conn: c, polls: polls, turn: make(chan struct{}, 1), posts: make(chan struct{}, maxPosts)}
	l.leaving, l.cancelWaiting = context.WithCancel(c.ctx)
	h.httpSessions.Store(c.id, l)
	return l
}

// lineOf returns the connection that r names; nil: there is none, or the key is wrong.
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

// resume goes on with a connection over HTTP, for the user that it belongs to: whom it was opened for or whom the program has
// logged in since. There is no word of whether there is none or the key is wrong.
func (h *Hub) resume(w http.ResponseWriter, r *http.Request, who Identity, asked requestKind) {
	w.Header().Set("Cache-Control", "no-store")
	l := h.httpSessionOf(r)
	if l == nil {
		h.refuse(w, r, http.StatusNotFound)
		return
	}
	if who.User != l.conn.slot.user && who.User != l.conn.User() {
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

// take makes the caller the connection's reader; false: the request or the connection has ended first.
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

// leave ends the connection because the browser says so. What it sent before is still handled, but for what a POST waits with
// until there is space for it: handlers may take their time.
func (l *httpSession) leave(w http.ResponseWriter, r *http.Request) {
	l.cancelWaiting()
	if !l.take(r) {
		l.conn.hub.refuse(w, r, http.StatusNotFound)
		return
	}
	defer l.release()
	l.conn.end(closeReason{code: 1000, mode: closeAbort})
	_ = l.conn.hub.writeResponse(w, http.StatusNoContent, nil) // who has gone needs no answer
}
