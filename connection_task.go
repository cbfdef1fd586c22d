package wsx

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
)

// A task is one request, with the context that its handler is given. It is a context of our own, and one object with the
// request, because a request otherwise costs more allocations for its deadline than for all the rest.
type task struct {
	Request
	size   int                  // bytes of the frame
	result chan<- handlerResult // of one place: takes what a request that came by itself came to; nil: it came over the connection

	control string // "" or what the browser says instead of a request, with joining
	joining *protocol.Join

	context.Context // the connection's, for its values
	deadline        time.Time

	late sync.WaitGroup // taskTimedOut, while it runs

	mu      sync.Mutex // guards what follows; taken after the connection's mu
	done    chan struct{}
	err     error // why the context has ended; nil: it has not
	after   []*afterFunc
	replied bool
}

// An afterFunc is what somebody wants to have called when the context ends.
type afterFunc struct{ call func() }

// Deadline is when Options.HandlerTimeout is over.
func (t *task) Deadline() (deadline time.Time, ok bool) { return t.deadline, !t.deadline.IsZero() }

// Done is closed when the handler has returned or should.
func (t *task) Done() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done == nil {
		t.done = make(chan struct{})
		if t.err != nil {
			close(t.done)
		}
	}
	return t.done
}

func (t *task) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// AfterFunc is how package context lets contexts that are derived from this one end with it, without a goroutine for each.
func (t *task) AfterFunc(call func()) (stop func() bool) {
	f := &afterFunc{call}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		go call()
		return func() bool { return false }
	}
	t.after = append(t.after, f)
	return func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		i := slices.Index(t.after, f)
		if i >= 0 {
			t.after = slices.Delete(t.after, i, i+1)
		}
		return i >= 0
	}
}

// end ends the context; the first error counts.
func (t *task) end(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return
	}
	t.err = err
	if t.done != nil {
		close(t.done)
	}
	for _, f := range t.after {
		go f.call()
	}
	t.after = nil
}

// answer reports that the browser has had no answer yet, and that the caller gives it one.
func (t *task) claimReply() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := !t.replied
	t.replied = true
	return first
}

// isAnswered reports that the browser has had its answer: the handler may go on, but nothing waits for it.
func (t *task) isReplied() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.replied
}

// beginTask starts the clock of a handler.
func (c *Connection) beginTask(t *task) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in.serving = t
	timeout := c.hub.opts.HandlerTimeout
	if timeout <= 0 {
		return
	}
	t.deadline = time.Now().Add(timeout)
	if c.in.clock == nil {
		c.in.clock = time.AfterFunc(timeout, c.taskTimedOut)
	} else {
		c.in.clock.Reset(timeout)
	}
}

func (c *Connection) endTask(t *task) {
	c.mu.Lock()
	if c.in.clock != nil {
		c.in.clock.Stop()
	}
	c.in.serving = nil
	c.mu.Unlock()
	t.end(context.Canceled)
	t.late.Wait() // so that OnError never comes after OnDisconnect
}

// taskTimedOut tells the browser that a handler takes too long. The handler goes on, and the next request waits for it.
func (c *Connection) taskTimedOut() {
	c.mu.Lock()
	t := c.in.serving
	if t == nil || time.Now().Before(t.deadline) {
		c.mu.Unlock()
		return // it returned at the last moment, and this may be the next one already
	}
	t.late.Add(1)
	defer t.late.Done()
	c.mu.Unlock()
	first := t.claimReply() // before the handler can, which may return as soon as its context has ended
	t.end(context.DeadlineExceeded)
	if first {
		c.announceJoins()
		c.sendReply(t, nil, errTimeout)
		c.releaseHeld()
	}
}
