package wsx

import (
	"net/http"
	"strconv"
)

// startPolls makes a connection of a request, and answers it as its first poll. The gate has been entered.
func (h *Hub) startPolls(w http.ResponseWriter, r *http.Request, who Identity, ip string, entry admission) {
	t := newPollTransport(h)
	t.conn = h.newLine(r, who, ip, entry, t).conn
	t.conn.open()
	t.conn.start(t)
	t.serve(w, r, 0)
}

// serveNext answers a poll that is not the first.
func (t *pollTransport) serveNext(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.ParseUint(r.Header.Get(headerPoll), 10, 64)
	if err != nil {
		refuse(w, http.StatusBadRequest)
		return
	}
	t.serve(w, r, number)
}

// serve answers a poll whose browser has read the answers up to number.
func (t *pollTransport) serve(w http.ResponseWriter, r *http.Request, number uint64) {
	t.arrived()
	defer t.answered()
	answer, ok := t.next(r.Context(), number)
	switch {
	case ok:
	case t.isCut():
		refuse(w, http.StatusNotFound)
		return
	default: // or it has gone, and hears nothing
		refuse(w, http.StatusBadRequest)
		return
	}
	w.Header().Set(headerPoll, strconv.FormatUint(answer.number, 10))
	if writeJSON(w, t.hub.opts.WriteTimeout, answer.body) == nil && answer.last {
		t.abort() // it knows
	}
}

func (t *pollTransport) arrived() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.polls++
	t.gap.Stop()
}

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
