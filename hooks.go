package wsx

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/wsxgo/wsx/internal/textcut"
)

// hooks are the program's listeners. The slices are replaced, never changed, so that they are called from a copy.
type hooks struct {
	mu         sync.Mutex
	connect    []func(context.Context, *Connection) error
	disconnect []func(*Connection, error)
	fail       []func(*Connection, string, error)
}

// OnConnect adds a listener that is called for each connection, over whichever transport, after it was let in and before the first
// request is handled. The connection counts and receives already, but a WebSocket whose browser has not said hello yet is sent no
// verbs, which package dom makes; who may connect is the business of Options.Authenticate. An error closes the connection as
// [Connection.Close] does, a panic with 1011; the listeners after it are called all the same, so that each sees pairs. ctx is
// the connection's. Listeners are called in the order of registration, never under a lock, and may call everything. A single
// request over HTTP is no connection: its handler is called though no listener was, so what OnConnect refuses or prepares does not
// hold for it. A middleware sees every request.
func (h *Hub) OnConnect(fn func(ctx context.Context, c *Connection) error) {
	requireNonNil("OnConnect", "fn", fn == nil)
	addHook(&h.hooks, &h.hooks.connect, fn)
}

// OnDisconnect adds a listener that is called exactly once for each connection that was let in, after OnConnect and after
// the last handler has returned. A nil cause means that the browser left by itself or was lost; the others are what was
// given to Close or Disconnect, ErrClosed, ErrSlow, ErrExpired and errors that only people read.
func (h *Hub) OnDisconnect(fn func(c *Connection, cause error)) {
	requireNonNil("OnDisconnect", "fn", fn == nil)
	addHook(&h.hooks, &h.hooks.disconnect, fn)
}

// OnError adds a listener for what goes wrong in handlers: errors that are neither a UserError nor Bind's, panics, and
// handlers that run too long. They are logged too. It may be called concurrently.
func (h *Hub) OnError(fn func(c *Connection, handler string, err error)) {
	requireNonNil("OnError", "fn", fn == nil)
	addHook(&h.hooks, &h.hooks.fail, fn)
}

func addHook[F any](h *hooks, list *[]F, fn F) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*list = append(slices.Clip(*list), fn) // a copy
}

func listeners[F any](h *hooks, list *[]F) []F {
	h.mu.Lock()
	defer h.mu.Unlock()
	return *list
}

// connected calls the OnConnect listeners. The first error or panic ends the connection.
func (h *Hub) runOnConnect(c *Connection) {
	for _, fn := range listeners(&h.hooks, &h.hooks.connect) {
		err, panicked := h.contain("OnConnect", c, func() error { return fn(c.ctx, c) })
		switch {
		case panicked:
			c.end(closeReason{cause: err, code: 1011})
		case err != nil:
			c.Close(err)
		}
	}
}

// disconnected calls the OnDisconnect listeners.
func (h *Hub) runOnDisconnect(c *Connection, cause error) {
	defer c.closeSessionData()
	for _, fn := range listeners(&h.hooks, &h.hooks.disconnect) {
		h.contain("OnDisconnect", c, func() error { fn(c, cause); return nil })
	}
}

// failed logs what went wrong in a handler and calls the OnError listeners.
func (h *Hub) reportError(c *Connection, handler string, err error) {
	h.opts.Logger.Error("wsx: handler failed", "handler", textcut.Truncate(handler, maxLogName), "connection", c.id, "error", err)
	for _, fn := range listeners(&h.hooks, &h.hooks.fail) {
		h.contain("OnError", c, func() error { fn(c, handler, err); return nil })
	}
}

// contain calls one listener. A panic is logged and becomes an error.
func (h *Hub) contain(hook string, c *Connection, fn func() error) (err error, panicked bool) {
	err = safely(fn)
	if panicked = errors.Is(err, errPanic); panicked {
		h.opts.Logger.Error("wsx: a listener panicked", "hook", hook, "connection", c.id, "error", err)
	}
	return err, panicked
}
