package wsx

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/frame"
)

// pollTransport carries frames over a chain of long polls. The writer waits with what it has until a poll takes it; the answer
// is kept until the next poll says that it has been read. What the browser sends comes with POST, see upload.go.
type pollTransport struct {
	// set before anybody else sees it
	hub  *Hub
	conn *Connection

	cut chan struct{} // closed when nothing more will be answered

	mu      sync.Mutex // guards what follows
	offered *pollAnswer
	taken   chan struct{} // closed when a poll takes what is offered
	kept    pollAnswer    // the newest answer
	waiting chan struct{} // of one place: wakes the poll that waits; nil: none does
	polls   int           // new ones that are being answered
	gap     *time.Timer   // runs while none is
	parting bool          // it runs for the goodbye: only what takes an answer stops it
	over    bool          // cut is closed
}

// A pollAnswer is the answer to a poll: frames in an array. Answers are numbered from 1.
type pollAnswer struct {
	number uint64
	body   []byte // nil: it has been read
	last   bool   // it ends with the goodbye
}

func newPollTransport(h *Hub) *pollTransport {
	t := &pollTransport{hub: h, cut: make(chan struct{})}
	t.gap = time.AfterFunc(pollGap, t.lost)
	t.gap.Stop() // until the first answer
	return t
}

// read waits for the end: what there is to read comes with POST.
func (t *pollTransport) read(*Connection) ending {
	<-t.cut
	return ending{code: 1006, how: atOnce}
}

// try leaves everything to write.
func (t *pollTransport) try([]byte) (int, error) { return 0, nil }

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

// close offers the goodbye, and returns when an answer with it has left.
func (t *pollTransport) close(code int, reason string) {
	body := append(append([]byte{'['}, closePayload(code, reason)...), ']')
	if t.offer(&pollAnswer{body: body, last: true}) == nil {
		<-t.cut
	}
}

// offer returns when a poll has taken the answer. Once the connection has ended, a browser that is still there polls soon.
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

func (t *pollTransport) abort() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	close(t.cut)
	t.gap.Stop()
	t.hub.lines.Delete(t.conn.id)
}

// lost ends a connection whose browser does not poll any more.
func (t *pollTransport) lost() {
	t.mu.Lock()
	polled := t.polls > 0 && !t.parting
	t.mu.Unlock()
	if !polled && !t.conn.end(ending{code: 1006, how: atOnce}) {
		t.abort()
	}
}

// expectPoll starts the clock of the next poll, unless one is being answered. The network has a WriteTimeout for each writePiece
// of the answer before it. The caller holds mu.
func (t *pollTransport) expectPoll() {
	if t.polls > 0 || t.over || t.parting {
		return
	}
	patience := pollGap
	if t.parting = t.conn.ctx.Err() != nil; t.parting {
		patience = closeWait
	}
	t.gap.Reset(patience + time.Duration(len(t.kept.body)/writePiece)*t.hub.opts.WriteTimeout)
}

// wake wakes the poll that waits, if one does. The caller holds mu.
func (t *pollTransport) wake() {
	if t.waiting == nil {
		return
	}
	select {
	case t.waiting <- struct{}{}:
	default: // it is about to wake
	}
}

// next returns what answers a poll whose browser has read the answers up to number. It has no body if there was no such answer, or
// nothing more is answered, or ctx has ended. A poll is new if it wants what none before it has had: until answered is called, the
// next one is not expected. What is asked for again, or never was, shows nobody who takes what there is.
func (t *pollTransport) next(ctx context.Context, number uint64) (answer pollAnswer, isNew bool) {
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
	t.wake() // one poll is enough: the one that waits gives way to this one
	mine := make(chan struct{}, 1)
	t.waiting = mine
	if t.offered == nil {
		t.await(ctx, mine)
	}
	if t.waiting != mine {
		return pollAnswer{number: number, body: []byte("[]")}, true // not counted: nothing came of it
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

// await waits until mine is woken, for pollTime. The caller holds mu, which is free meanwhile.
func (t *pollTransport) await(ctx context.Context, mine <-chan struct{}) {
	t.mu.Unlock()
	defer t.mu.Lock()
	timer := time.NewTimer(pollTime)
	defer timer.Stop()
	select {
	case <-mine:
	case <-timer.C:
	case <-ctx.Done():
	case <-t.cut:
	}
}
