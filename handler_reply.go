package wsx

import (
	"context"
	"errors"

	"github.com/wsxgo/wsx/internal/bind"
	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
)

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

// Redirect returns a response that takes the browser to another page of the same origin:
// "/orders/7", "?page=2", "next". A relative reference is resolved against the page that sent the
// request (RFC 3986, section 5). Without JavaScript the answer is a 303.
//
// A reference must not have a scheme or a host, begin with two slashes, or contain a backslash, a
// space or a control character. For an invalid one, the browser is sent the code "internal", and
// OnError gets an error that wraps ErrSwap.
//
// A plain client can't be redirected and stays where it is.
func (r *Request) Redirect(url string) *Response {
	return r.ReplyTo("html", "", Swap(protocol.Action(protocol.VerbRedirect, url)))
}

// redirectIn returns the reference of the redirect in a response, or "".
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
