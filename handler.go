package wsx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/wsxgo/wsx/internal/bind"
	"github.com/wsxgo/wsx/internal/protocol"
)

// Handler handles a request from a browser.
//
// A nil response with a nil error acknowledges the request and shows nothing. An error takes
// precedence over a response. The browser is shown the text of a [*UserError]; of any other error
// it only learns that something went wrong. A panic counts as an error.
//
// The requests of one connection are handled one at a time, in order; those of different
// connections concurrently.
//
// ctx ends when the handler returns, when Options.HandlerTimeout has passed, and when the
// connection ends. Goroutines that outlive the handler use r.Conn.Context() instead. A request
// that is still waiting when the browser leaves, as one from a closing page may be, is handled all
// the same. Its ctx then ends only when the handler returns or times out.
//
// Scripts, and forms without JavaScript, may send a request without a connection. OnConnect isn't
// called for it. Its r.Conn behaves like a connection that has ended, except that the context
// of r.Conn and the values set with a [Key] last as long as the request.
type Handler func(ctx context.Context, r *Request) (*Response, error)

// Typed returns a handler that decodes the data of the request, as [Request.Bind] does, and passes
// it to fn. Data that doesn't fit is answered with the code "invalid", and fn isn't called. Typed
// panics if fn is nil.
func Typed[T any](fn func(ctx context.Context, r *Request, data T) (*Response, error)) Handler {
	requireNonNil("Typed", "fn", fn == nil)
	return func(ctx context.Context, r *Request) (*Response, error) {
		var data T
		if err := r.Bind(&data); err != nil {
			return nil, err
		}
		return fn(ctx, r, data)
	}
}

// Request is a request from a browser. It may be kept after the handler has returned; the package
// doesn't change it.
type Request struct {
	ID      string          // chosen by the browser; not unique beyond its connection
	Handler string          // the name of the requested handler
	Trigger string          // the wx-trigger attribute, or else the name of the event
	Target  string          // the sender's wx-target: for replies to it alone
	Swap    Swap            // the sender's wx-swap; an unknown one is read as Inner
	Data    json.RawMessage // the form, wx-data and data-* as one object; nil when absent or null
	Conn    *Connection     // the connection that it came from; never nil
}

// newRequest returns the Request for a decoded frame, without its connection.
func newRequest(r *protocol.Request) Request {
	return Request{ID: r.ID, Handler: r.Handler, Trigger: r.Trigger, Target: r.Target, Swap: Swap(r.Swap), Data: r.Data}
}

// Bind decodes Data into v, a pointer. Keys are matched as in encoding/json. Strings, the only
// values that forms send, are converted to the type of the field: "12" to a number, "on" to a bool,
// one string to a slice of one. Absent data is read as {}.
//
// Values that fit are stored even if others don't; the error then names the others. If a handler
// returns that error, the browser is sent the code "invalid", and OnError isn't called.
func (r *Request) Bind(v any) error { return bind.Decode(r.Data, v) }

// Reply returns a response that shows html where the request asks for it: at r.Target, with r.Swap.
func (r *Request) Reply(html template.HTML) *Response { return r.ReplyTo(r.Target, html, r.Swap) }

// ReplyTo returns a response that shows html at target. An empty swap means [Inner].
func (r *Request) ReplyTo(target string, html template.HTML, swap Swap) *Response {
	return (*Response)(nil).And(target, html, swap)
}

// Response is the reply to a request. It is sent in one frame, to the browser that made the request
// only. The first fragment is the frame's own update, the others are its out-of-band updates. A
// response without fragments is an acknowledgment.
//
// A form without JavaScript is answered with a redirect instead, and shows none of the fragments.
type Response struct{ Fragments []Fragment }

// And adds one fragment to the frame and returns r. An empty swap means [Inner]. On a nil Response
// it starts a new one.
func (r *Response) And(target string, html template.HTML, swap Swap) *Response {
	if r == nil {
		r = newResponse()
	}
	r.Fragments = append(r.Fragments, Fragment{target, html, swap})
	return r
}

// With adds fragments that were made elsewhere, such as those of package dom, to the frame and
// returns r. On a nil Response it starts a new one.
func (r *Response) With(f ...Fragment) *Response {
	if r == nil {
		r = newResponse()
	}
	r.Fragments = append(r.Fragments, f...)
	return r
}

// newResponse returns an empty response. Most responses hold one fragment, so its place is
// allocated together with the response.
func newResponse() *Response {
	short := new(struct {
		Response
		fragments [1]Fragment
	})
	short.Fragments = short.fragments[:0]
	return &short.Response
}

// A route is one registered handler. Middleware is applied at the first call, and again after Use.
// That happens with no lock held, because middleware is the program's code.
type route struct {
	handler  Handler
	composed atomic.Pointer[composed]
}

type composed struct {
	handler    Handler
	middleware *[]func(Handler) Handler // what handler was composed with
}

// A router finds handlers, without a lock, because every request does.
type router struct {
	routes     sync.Map                                // string → *route
	middleware atomic.Pointer[[]func(Handler) Handler] // replaced under mu, never changed

	mu sync.Mutex // serializes replacing middleware
}

func (r *router) on(name string, handler Handler) {
	if handler == nil {
		panic(fmt.Sprintf("wsx: On(%q): the handler is nil", name))
	}
	if _, twice := r.routes.LoadOrStore(name, &route{handler: handler}); twice {
		panic(fmt.Sprintf("wsx: On(%q): a handler with this name is already registered", name))
	}
}

func (r *router) use(mw []func(Handler) Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []func(Handler) Handler
	if old := r.middleware.Load(); old != nil {
		all = append(all, *old...)
	}
	for _, one := range mw {
		if one == nil {
			panic("wsx: Use: a middleware is nil")
		}
		all = append(all, one)
	}
	r.middleware.Store(&all)
}

// find returns the handler for name with its middleware, or else the one for "", or else nil.
// Concurrent first calls may compose it twice; the results are equivalent.
func (r *router) find(name string) Handler {
	found, ok := r.routes.Load(name)
	if !ok {
		if found, ok = r.routes.Load(""); !ok {
			return nil
		}
	}
	rt := found.(*route)
	middleware := r.middleware.Load()
	if middleware == nil {
		return rt.handler
	}
	if c := rt.composed.Load(); c != nil && c.middleware == middleware {
		return c.handler
	}
	handler := rt.handler
	for i := len(*middleware) - 1; i >= 0; i-- {
		handler = (*middleware)[i](handler)
	}
	rt.composed.Store(&composed{handler, middleware})
	return handler
}

// errUnknown is the result of a request for a handler that does not exist.
var errUnknown = errors.New("wsx: no handler has this name")

// call calls the handler of a request. A panic becomes an error with its stack.
func (h *Hub) call(ctx context.Context, r *Request) (resp *Response, err error) {
	err = safely(func() error {
		handler := h.router.find(r.Handler)
		if handler == nil {
			return errUnknown
		}
		resp, err = handler(ctx, r)
		return err
	})
	return resp, err
}

// safely calls the program's code in a goroutine of this package, where a panic would end the
// process. The panic becomes an error with its stack.
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
	}()
	return do()
}

// panicError returns a recovered value as an error. An error stays wrapped, so that OnError can
// inspect it.
func panicError(p any) error {
	if err, ok := p.(error); ok {
		return fmt.Errorf("%w: %w\n%s", errPanic, err, debug.Stack())
	}
	return fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
}
