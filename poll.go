package wsx

import (
	"net/http"
	"strconv"
)

// startPolls makes a connection of a request, and answers it as its first poll. The gate has been entered. Without an answer the
// connection ends: nobody knows its key.
func (h *Hub) startPolls(w http.ResponseWriter, r *http.Request, who Identity, ip string, entry admission) {
	t := newPollTransport(h)
	t.conn = h.newLine(r, who, ip, entry, t).conn
	defer t.conn.abandon()
	t.conn.open()
	t.conn.start(t)
	answered := false
	defer func() { // also when a ResponseWriter of the program's panics
		if !answered {
			t.conn.end(ending{code: 1006, how: atOnce})
		}
	}()
	answered = t.serve(w, r, 0)
}

// serveNext answers a poll that is not the first.
func (t *pollTransport) serveNext(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.ParseUint(r.Header.Get(headerPoll), 10, 64)
	if err != nil {
		t.hub.refuse(w, r, http.StatusBadRequest)
		return
	}
	t.serve(w, r, number)
}

// serve answers a poll whose browser has read the answers up to number; false: there was no answer, or it did not leave.
func (t *pollTransport) serve(w http.ResponseWriter, r *http.Request, number uint64) bool {
	answer, isNew := t.next(r.Context(), number)
	if isNew {
		defer t.answered()
	}
	switch {
	case answer.body != nil:
	case t.isCut():
		t.hub.refuse(w, r, http.StatusNotFound)
		return false
	default: // or it has gone, and hears nothing
		t.hub.refuse(w, r, http.StatusBadRequest)
		return false
	}
	w.Header().Set(headerPoll, strconv.FormatUint(answer.number, 10))
	if t.hub.writeJSON(w, answer.body) != nil {
		return false
	}
	if answer.last {
		t.abort() // it knows
	}
	return true
}

// answered must be called after a new poll.
func (t *pollTransport) answered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.polls--
	t.expectPoll()
}

func (t *pollTransport) isCut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over
}
