package wsx

import (
	"context"
	"errors"

	"github.com/wsxgo/wsx/internal/bind"
	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
)

// handled is what a handler came to.
type handlerResult struct {
	resp *Response
	err  error
}

// serve answers one request: with what the handler returns, or with a timeout if that comes too late. Only the worker
// calls it.
func (c *Connection) serve(t *task) {
	c.beginTask(t)
	resp, err := (*Response)(nil), errNoResponse
	defer func() { // also when the handler ends the goroutine
		c.endTask(t)
		switch {
		case t.claimReply():
			c.announceJoins()
			c.sendReply(t, resp, err)
		case err != nil && !errors.Is(err, context.DeadlineExceeded):
			c.hub.reportError(c, t.Handler, err) // too late for the browser, but not for the log
		}
		c.releaseHeld()
	}()
	resp, err = c.hub.call(t, &t.Request)
}

// answer sends the browser what a handler came to.
func (c *Connection) sendReply(t *task, resp *Response, err error) {
	if t.result != nil {
		t.result <- handlerResult{resp, err}
		return
	}
	if m := c.reply(&t.Request, resp, err); m != nil {
		c.send(m)
	}
}

// reply returns the message of what a handler came to; nil: nobody is left to tell.
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
		c.hub.opts.Logger.Debug("wsx: a browser asked for a reply and named no target", "connection", c.id)
		return errorMessage(r.ID, "", protocol.CodeBadRequest, "")
	}
	if c.ctx.Err() != nil && errors.Is(err, c.ctx.Err()) {
		return nil // the handler stopped because the browser had gone, and nothing went wrong
	}
	code, text := c.hub.errorCode(c, r.Handler, err)
	return errorMessage(r.ID, r.Target, code, text)
}

// verdict returns what the browser is told of err. What it is not told goes to OnError and the log.
func (h *Hub) errorCode(c *Connection, handler string, err error) (code protocol.ErrorCode, text string) {
	if errors.Is(err, errPanic) {
		h.reportError(c, handler, err) // also if a UserError was thrown: nobody meant to return it
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
		h.opts.Logger.Warn("wsx: a browser asked for a handler that does not exist", "handler", textcut.Truncate(handler, maxLogName), "connection", c.id)
		return protocol.CodeUnknown, ""
	}
	h.reportError(c, handler, err)
	if errors.Is(err, errTimeout) {
		return protocol.CodeTimeout, ""
	}
	return protocol.CodeInternal, ""
}

// Redirect returns a response that leads the browser to another page of the same origin: "/orders/7", "?page=2", "next". A relative
// reference is relative to the page that asked. Without JavaScript the answer is a 303.
//
// A reference with a scheme or a host, with two slashes at the beginning, or with a backslash, a space or a control character is an
// error of the handler: the browser is told "internal", and OnError gets an error that wraps ErrSwap. A plain client can't be
// redirected and stays where it is.
func (r *Request) Redirect(url string) *Response {
	return r.ReplyTo("html", "", Swap(protocol.Action(protocol.VerbRedirect, url)))
}

// redirectIn returns where a response leads, or "".
func redirectIn(resp *Response) (string, error) {
	if resp == nil {
		return "", nil
	}
	for _, f := range resp.Fragments {
		if to, err := protocol.RedirectIn(string(f.Swap)); to != "" || err != nil {
			return to, err
		}
	}
	return "", nil
}
