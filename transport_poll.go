package wsx

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/httpio"
	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/protocol"
)

// pollTransport carries frames over a chain of long polls. The writer waits until a poll takes what
// it offers. An answer is kept until the next poll confirms it, because its response may be lost.
// The browser sends with POST; see transport_post.go.
type pollTransport struct {
	// immutable once the transport is visible
	hub  *Hub
	conn *Connection
	cut  chan struct{} // closed when no more polls are answered

	// guarded by mu
	mu      sync.Mutex
	offered *pollAnswer   // what the writer waits with; nil if nothing
	taken   chan struct{} // closed when a poll takes offered
	kept    pollAnswer    // the newest answer
	waiting chan struct{} // buffered; wakes the waiting poll; nil without one
	polls   int           // new polls that are being answered
	gap     *time.Timer   // runs while polls is 0
	parting bool          // gap runs for the close frame: only a poll that takes an answer stops it
	over    bool          // cut is closed
}

// A pollAnswer is the response to a poll: a JSON array of frames. Answers are numbered from 1.
type pollAnswer struct {
	number uint64
	body   []byte // nil once the browser has read it
	last   bool   // it holds the close frame
}

// newPollTransport returns a transport without polls. Its gap runs from the end of the first answer
// on.
func newPollTransport(h *Hub) *pollTransport {
	t := &pollTransport{hub: h, cut: make(chan struct{})}
	t.gap = time.AfterFunc(pollGap, t.lost)
	t.gap.Stop() // until the first answer
	return t
}

// startPolls turns an admitted request into a connection and answers it as the first poll. If the
// response can't be written, the connection ends, because the browser doesn't know its key.
func (h *Hub) startPolls(w http.ResponseWriter, r *http.Request, who Identity, ip string, entry limit.Slot) {
	t := newPollTransport(h)
	t.conn = h.newHTTPSession(r, who, ip, entry, t).conn
	defer t.conn.abandon()
	t.conn.open()
	t.conn.start(t)
	answered := false
	defer func() { // even if a middleware's ResponseWriter panics
		if !answered {
			t.conn.end(closeReason{code: 1006, mode: closeAbort})
		}
	}()
	answered = t.serve(w, r, 0)
}

// serveNext answers a poll other than the first.
func (t *pollTransport) serveNext(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.ParseUint(r.Header.Get(headerPoll), 10, 64)
	if err != nil {
		t.hub.refuse(w, r, http.StatusBadRequest)
		return
	}
	t.serve(w, r, number)
}

// serve answers a poll of a browser that has read the answers up to number. It reports whether the
// response was written.
func (t *pollTransport) serve(w http.ResponseWriter, r *http.Request, number uint64) bool {
	answer, isNew := t.next(r.Context(), number, httpio.TimeToAnswer(w, r, pollTime))
	if isNew {
		defer t.answered()
	}
	switch {
	case answer.body != nil:
	case t.isCut():
		t.hub.refuse(w, r, http.StatusNotFound)
		return false
	default: // the number is wrong, or the request has ended
		t.hub.refuse(w, r, http.StatusBadRequest)
		return false
	}
	w.Header().Set(headerPoll, strconv.FormatUint(answer.number, 10))
	if t.hub.writeJSON(w, answer.body) != nil {
		return false
	}
	if answer.last {
		t.abort() // the browser has the close frame
	}
	return true
}

// read waits for the end of the connection. The POSTs of the browser call receive themselves.
func (t *pollTransport) read(*Connection) closeReason {
	<-t.cut
	return closeReason{code: 1006, mode: closeAbort}
}

// try leaves everything to write, which waits for a poll.
func (t *pollTransport) try([]byte) (int, error) { return 0, nil }

// write offers frames as one answer and returns when a poll has taken it.
func (t *pollTransport) write(frames []byte) error {
	body := []byte{'['}
	for payload := range frame.Texts(frames) {
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(body, payload...)
	}
	return t.offer(&pollAnswer{body: append(body, ']')})
}

// close offers the close frame and returns when a response with it has left, or when the browser no
// longer polls.
func (t *pollTransport) close(code int, reason string) {
	body := append(append([]byte{'['}, protocol.Close(code, reason)...), ']')
	if t.offer(&pollAnswer{body: body, last: true}) == nil {
		<-t.cut
	}
}

// offer returns when a poll has taken a. It returns net.ErrClosed if the transport is cut first.
//
// When the connection ends, the gap starts in its short form: a browser that is still there polls
// soon.
func (t *pollTransport) offer(a *pollAnswer) error {
	taken := make(chan struct{})
	t.mu.Lock()
	t.offered, t.taken = a, taken
	t.wake()
	t.mu.Unlock()
	select {
	case <-taken:
		return nil
	case <-t.cut:
		return net.ErrClosed
	case <-t.conn.ctx.Done():
	}
	t.mu.Lock()
	t.expectPoll()
	t.mu.Unlock()
	select {
	case <-taken:
		return nil
	case <-t.cut:
		return net.ErrClosed
	}
}

func (t *pollTransport) linger() {}
func (t *pollTransport) free()   {}

// abort ends all polls. It must not wait, so it leaves the waiting writer to cut.
func (t *pollTransport) abort() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	close(t.cut)
	t.gap.Stop()
	t.hub.httpSessions.Delete(t.conn.id)
}

// lost ends a connection whose browser no longer polls. It runs on the timer, which may have fired
// just before a poll arrived.
func (t *pollTransport) lost() {
	t.mu.Lock()
	polled := t.polls > 0 && !t.parting
	t.mu.Unlock()
	if !polled && !t.conn.end(closeReason{code: 1006, mode: closeAbort}) {
		t.abort()
	}
}

// expectPoll starts the timer for the next poll, unless a poll is being answered. It adds a
// WriteTimeout for each writeChunk of the last answer, which the network may still be carrying. The
// caller holds mu.
func (t *pollTransport) expectPoll() {
	if t.polls > 0 || t.over || t.parting {
		return
	}
	timeout := pollGap
	if t.parting = t.conn.ctx.Err() != nil; t.parting {
		timeout = closeWait
	}
	t.gap.Reset(timeout + time.Duration(len(t.kept.body)/writeChunk)*t.hub.opts.WriteTimeout)
}

// wake wakes the waiting poll, if there is one. The caller holds mu.
func (t *pollTransport) wake() {
	if t.waiting == nil {
		return
	}
	select {
	case t.waiting <- struct{}{}:
	default: // it has been woken already
	}
}

// next returns the answer to a poll of a browser that has read the answers up to number. The answer
// has no body if number is wrong, if the transport is cut, or if ctx has ended.
//
// isNew reports whether the poll asks for an answer for the first time; then the caller must call
// answered when it is done. A poll that repeats a number or has a wrong one doesn't stop the timer:
// it doesn't prove that the browser reads.
func (t *pollTransport) next(ctx context.Context, number uint64, wait time.Duration) (answer pollAnswer, isNew bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.over:
		return pollAnswer{}, false
	case number+1 == t.kept.number && t.kept.body != nil:
		return t.kept, false
	case number != t.kept.number:
		return pollAnswer{}, false
	}
	t.polls++
	if !t.parting {
		t.gap.Stop()
	}
	t.kept.body = nil
	t.wake() // an older poll gives way to this one
	mine := make(chan struct{}, 1)
	t.waiting = mine
	if t.offered == nil {
		t.await(ctx, mine, wait)
	}
	if t.waiting != mine {
		return pollAnswer{number: number, body: []byte("[]")}, true // empty, so it keeps the number
	}
	t.waiting = nil
	if t.over || ctx.Err() != nil {
		return pollAnswer{}, true
	}
	t.kept = pollAnswer{number: number + 1, body: []byte("[]")}
	if t.offered != nil {
		t.kept.body, t.kept.last = t.offered.body, t.offered.last
		t.offered, t.parting = nil, false
		t.gap.Stop()
		close(t.taken)
	}
	return t.kept, true
}

// await waits until mine is woken, at most for wait. The caller holds mu, which await releases
// while it waits.
func (t *pollTransport) await(ctx context.Context, mine <-chan struct{}, wait time.Duration) {
	t.mu.Unlock()
	defer t.mu.Lock()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-mine:
	case <-timer.C:
	case <-ctx.Done():
	case <-t.cut:
	}
}

// answered ends a new poll and starts the timer for the next one.
func (t *pollTransport) answered() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.polls--
	t.expectPoll()
}

// isCut reports whether the transport has been cut.
func (t *pollTransport) isCut() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over
}
