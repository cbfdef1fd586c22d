package wsx

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/wsxgo/wsx/internal/textcut"
)

// hooks are the listeners of the program. The slices are replaced, never changed, so they can be
// iterated without the lock.
type hooks struct {
	mu         sync.Mutex // guards what follows
	connect    []func(context.Context, *Connection) error
	disconnect []func(*Connection, error)
	fail       []func(*Connection, string, error)
}

// OnConnect adds a listener for new connections, over any transport. It is called once for each
// connection, before its first request is handled. ctx is the connection's context. OnConnect
// panics if fn is nil.
//
// Listeners are called in the order of registration, never under a lock, and may call every method.
// An error closes the connection as [Connection.Close] does; a panic closes it with code 1011. The
// remaining listeners are still called, so that every OnConnect has its OnDisconnect.
//
// The connection already counts and receives when OnConnect is called; Options.Authenticate decides
// who may connect. A WebSocket is sent no verbs of package dom until its browser has said hello.
//
// A single request over HTTP isn't a connection: no listener is called for it. What OnConnect
// refuses or prepares doesn't apply to it, but middleware does.
func (h *Hub) OnConnect(fn func(ctx context.Context, c *Connection) error) {
	requireNonNil("OnConnect", "fn", fn == nil)
	addHook(&h.hooks, &h.hooks.connect, fn)
}

// OnDisconnect adds a listener for ended connections. It is called exactly once for each
// connection, after OnConnect and after the last handler has returned. OnDisconnect panics if fn is
// nil.
//
// cause is nil if the browser left or its network connection broke. Otherwise it is the error that
// OnConnect returned, or that was given to Close or Disconnect. Or it is one of ErrClosed, ErrSlow,
// ErrRate, ErrIdle and ErrExpired, or an error that is meant for logs.
func (h *Hub) OnDisconnect(fn func(c *Connection, cause error)) {
	requireNonNil("OnDisconnect", "fn", fn == nil)
	addHook(&h.hooks, &h.hooks.disconnect, fn)
}

// OnError adds a listener for failed requests: errors of handlers that are neither a [*UserError]
// nor from [Request.Bind], panics, and handlers that exceed Options.HandlerTimeout. They are
// logged, too. OnError panics if fn is nil.
//
// Listeners are called in the order of registration, and concurrently for different connections.
func (h *Hub) OnError(fn func(c *Connection, handler string, err error)) {
	requireNonNil("OnError", "fn", fn == nil)
	addHook(&h.hooks, &h.hooks.fail, fn)
}

func addHook[F any](h *hooks, list *[]F, fn F) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*list = append(slices.Clip(*list), fn) // clipped, so that append copies
}

func listeners[F any](h *hooks, list *[]F) []F {
	h.mu.Lock()
	defer h.mu.Unlock()
	return *list
}

// runOnConnect calls the OnConnect listeners. The first error or panic closes the connection; the
// later ones have no effect.
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

// runOnDisconnect calls the OnDisconnect listeners, and then drops the values of the keys, which
// they may still read.
func (h *Hub) runOnDisconnect(c *Connection, cause error) {
	defer c.closeSessionData()
	for _, fn := range listeners(&h.hooks, &h.hooks.disconnect) {
		h.contain("OnDisconnect", c, func() error { fn(c, cause); return nil })
	}
}

// reportError logs the error of a handler and calls the OnError listeners.
func (h *Hub) reportError(c *Connection, handler string, err error) {
	h.opts.Logger.Error("wsx: handler failed", "handler", textcut.Truncate(handler, maxLogName), "connection", c.id, "error", err)
	for _, fn := range listeners(&h.hooks, &h.hooks.fail) {
		h.contain("OnError", c, func() error { fn(c, handler, err); return nil })
	}
}

// contain calls one listener. It logs a panic and returns it as an error.
func (h *Hub) contain(hook string, c *Connection, fn func() error) (err error, panicked bool) {
	err = safely(fn)
	if panicked = errors.Is(err, errPanic); panicked {
		h.opts.Logger.Error("wsx: a listener panicked", "hook", hook, "connection", c.id, "error", err)
	}
	return err, panicked
}
