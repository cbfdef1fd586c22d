package wsx

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/bind"
	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
)

// A task is one request, and the context of its handler. It implements the context itself: a
// derived context with a deadline would cost more allocations than the rest of the request.
type task struct {
	// immutable once the handler runs
	Request
	size            int                  // bytes of the frame
	result          chan<- handlerResult // of a single request; nil over a connection
	control         string               // "join" or "leave", with joining; "" for a request
	joining         *protocol.Join
	context.Context // the connection's, for its values
	deadline        time.Time

	late sync.WaitGroup // counts a running taskTimedOut

	mu      sync.Mutex // guards what follows; taken after the connection's mu
	done    chan struct{}
	err     error // why the context has ended; nil until then
	after   []*afterFunc
	replied bool
}

// An afterFunc is a function to call when the context ends. Its address identifies it for stop.
type afterFunc struct{ call func() }

// Deadline returns when Options.HandlerTimeout has passed. The boolean reports whether there is a
// deadline.
func (t *task) Deadline() (deadline time.Time, ok bool) { return t.deadline, !t.deadline.IsZero() }

// Done returns a channel that is closed when the context ends. It is made on demand, because most
// handlers never ask for it.
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

// Err returns why the context has ended, or nil.
func (t *task) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// AfterFunc lets package context end the contexts that are derived from this one. Without it,
// package context would start a goroutine for each.
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

// end ends the context. The first error counts.
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

// claimReply reports whether the caller is the first to claim the reply and thus sends it. The
// handler and its timeout compete for it.
func (t *task) claimReply() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := !t.replied
	t.replied = true
	return first
}

// isReplied reports whether the browser has its reply. The handler may still be running, but
// nothing is held back for it.
func (t *task) isReplied() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.replied
}

// beginTask starts the clock of a handler. One timer serves all handlers of a connection, one after
// the other.
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
	t.late.Wait() // so that OnError is never called after OnDisconnect
}

// taskTimedOut sends the browser a timeout error for the running handler. The handler goes on, and
// the next request waits for it.
func (c *Connection) taskTimedOut() {
	c.mu.Lock()
	t := c.in.serving
	if t == nil || time.Now().Before(t.deadline) {
		c.mu.Unlock()
		return // the handler returned just in time, and serving may already be the next task
	}
	t.late.Add(1)
	defer t.late.Done()
	c.mu.Unlock()
	// Before the context ends, because the handler may then return and claim it.
	first := t.claimReply()
	t.end(context.DeadlineExceeded)
	if first {
		c.announceJoins()
		c.sendReply(t, nil, errTimeout)
		c.releaseHeld()
	}
}

// A handlerResult is what a handler returned.
type handlerResult struct {
	resp *Response
	err  error
}

// serve calls the handler of one request and replies with its result, unless the timeout has
// replied before. Only the worker calls it.
func (c *Connection) serve(t *task) {
	c.beginTask(t)
	resp, err := (*Response)(nil), errNoResponse
	defer func() { // deferred, because a handler may end the goroutine
		c.endTask(t)
		switch {
		case t.claimReply():
			// First, because a browser that is cut off after the reply must know its rooms.
			c.announceJoins()
			c.sendReply(t, resp, err)
		case err != nil && !errors.Is(err, context.DeadlineExceeded):
			c.hub.reportError(c, t.Handler, err) // too late for the browser, but not for the log
		}
		c.releaseHeld()
	}()
	resp, err = c.hub.call(t, &t.Request)
}

// sendReply sends the browser the result of a handler. The result of a single request goes to the
// goroutine of its HTTP request instead.
func (c *Connection) sendReply(t *task, resp *Response, err error) {
	if t.result != nil {
		t.result <- handlerResult{resp, err}
		return
	}
	if m := c.reply(&t.Request, resp, err); m != nil {
		c.send(m)
	}
}

// reply returns the message for the result of a handler, or nil if the connection has ended and
// nothing went wrong.
func (c *Connection) reply(r *Request, resp *Response, err error) *message {
	if err == nil && (resp == nil || len(resp.Fragments) == 0) {
		return ackMessage(r.ID)
	}
	if err == nil {
		var m *message
		if m, err = c.hub.replyMessage(r.ID, resp.Fragments); err == nil {
			return m
		}
	}
	if errors.Is(err, ErrTarget) && r.Target == "" {
		c.hub.opts.Logger.Debug("wsx: a reply has no target; set wx-target on the element, or use Request.ReplyTo", "connection", c.id)
		return errorMessage(r.ID, "", protocol.CodeBadRequest, "")
	}
	if c.ctx.Err() != nil && errors.Is(err, c.ctx.Err()) {
		return nil // the handler stopped because the connection ended, which is not a failure
	}
	code, text := c.hub.errorCode(c, r.Handler, err)
	return errorMessage(r.ID, r.Target, code, text)
}

// errorCode returns the code and the text that the browser is sent for err. An error whose text it
// isn't sent goes to OnError and the log.
func (h *Hub) errorCode(c *Connection, handler string, err error) (code protocol.ErrorCode, text string) {
	if errors.Is(err, errPanic) {
		// Before userText, because a UserError in a panic was not returned on purpose.
		h.reportError(c, handler, err)
		return protocol.CodeInternal, ""
	}
	if text, ok := userText(err); ok {
		return protocol.CodeUser, text
	}
	if _, ok := errors.AsType[*bind.Error](err); ok {
		return protocol.CodeInvalid, ""
	}
	if errors.Is(err, errDenied) {
		return protocol.CodeDenied, ""
	}
	if errors.Is(err, errUnknown) {
		h.opts.Logger.Warn("wsx: a browser requested a handler that does not exist; register it with Hub.On", "handler", textcut.Truncate(handler, maxLogName), "connection", c.id)
		return protocol.CodeUnknown, ""
	}
	h.reportError(c, handler, err)
	if errors.Is(err, errTimeout) {
		return protocol.CodeTimeout, ""
	}
	return protocol.CodeInternal, ""
}
