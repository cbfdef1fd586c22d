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

// Handler answers a request. The context ends when the handler returns, when Options.HandlerTimeout is over and when the
// connection ends; a goroutine that outlives the handler uses r.Conn.Context(). A request that came just before the browser
// left, as a page may send one while it is closed, is still handled, with a context that does not end for that. Nil and nil
// acknowledge the request without showing anything. An error wins over a response: of a [*UserError] the browser is shown the
// text, of every other nothing but that something went wrong. A panic is an error. The requests of one connection are handled
// one at a time, in their order; those of different connections concurrently. A request may also come by itself, from a script
// or from a form that was sent without JavaScript: then OnConnect is not called, and r.Conn is as a connection that has ended,
// but its Context lasts as long as the request, and it keeps what a [Key] sets for so long.
type Handler func(ctx context.Context, r *Request) (*Response, error)

// Typed returns a handler that decodes the request's data as [Request.Bind] does before it calls fn. Data that does not
// fit is answered with the code "invalid".
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

// Request is what a browser asks for. It may be kept after the handler has returned; nobody else changes it.
type Request struct {
	ID      string          // the browser's name for it; not unique beyond its connection
	Handler string          // the name that it asks for
	Trigger string          // the wx-trigger attribute, or else the event's name
	Target  string          // the sender's wx-target: for replies to it alone
	Swap    Swap            // the sender's wx-swap; an unknown one is Inner
	Data    json.RawMessage // the form, wx-data and data-* as one object; nil when absent or null
	Conn    *Connection     // where it came from; never nil
}

// newRequest returns what a browser asks for, without its connection.
func newRequest(r *protocol.Request) Request {
	return Request{ID: r.ID, Handler: r.Handler, Trigger: r.Trigger, Target: r.Target, Swap: Swap(r.Swap), Data: r.Data}
}

// Bind decodes Data into v, a pointer. Keys are matched as by encoding/json. Strings, which is all that forms send, are
// converted to what a field wants: "12" to a number, "on" to a bool, one string to a slice of one. Absent data is {}.
//
// What fits is filled in even if other values don't fit; the error then names those. If a handler returns that error, the
// browser is told "invalid", and OnError is not called.
func (r *Request) Bind(v any) error { return bind.Decode(r.Data, v) }

// Reply returns a response that shows html where the request asks for it: at r.Target, with r.Swap.
func (r *Request) Reply(html template.HTML) *Response { return r.ReplyTo(r.Target, html, r.Swap) }

// ReplyTo returns a response that shows html at target. Swap "" is Inner.
func (r *Request) ReplyTo(target string, html template.HTML, swap Swap) *Response {
	return (*Response)(nil).And(target, html, swap)
}

// Response is what goes back to the one browser that asked, in one frame. The first fragment is the frame's own update,
// the rest are its oob. None at all is an acknowledgement. A form that was sent without JavaScript is shown none of them.
type Response struct{ Fragments []Fragment }

// And adds one fragment to the same frame and returns r. On nil it starts a response.
func (r *Response) And(target string, html template.HTML, swap Swap) *Response {
	if r == nil {
		r = newResponse()
	}
	r.Fragments = append(r.Fragments, Fragment{target, html, swap})
	return r
}

// With adds fragments that were made elsewhere, such as those of package dom, to the same frame and returns r. On nil it starts a
// response.
func (r *Response) With(f ...Fragment) *Response {
	if r == nil {
		r = newResponse()
	}
	r.Fragments = append(r.Fragments, f...)
	return r
}

// newResponse returns an empty response. Most hold one fragment, so that is one object with the response.
func newResponse() *Response {
	short := new(struct {
		Response
		fragments [1]Fragment
	})
	short.Fragments = short.fragments[:0]
	return &short.Response
}

// A route is one registered handler. Middleware is put around it when it is first called, with no lock held, and again
// after Use.
type route struct {
	handler  Handler
	composed atomic.Pointer[composed]
}

type composed struct {
	handler    Handler
	middleware *[]func(Handler) Handler // that it was made with
}

// A router finds handlers. It is read without a lock.
type router struct {
	routes     sync.Map // string → *route
	mu         sync.Mutex
	middleware atomic.Pointer[[]func(Handler) Handler] // replaced under mu
}

func (t *router) on(name string, handler Handler) {
	if handler == nil {
		panic(fmt.Sprintf("wsx: On(%q): the handler is nil", name))
	}
	if _, twice := t.routes.LoadOrStore(name, &route{handler: handler}); twice {
		panic(fmt.Sprintf("wsx: On(%q): there is a handler of that name already", name))
	}
}

func (t *router) use(mw []func(Handler) Handler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []func(Handler) Handler
	if old := t.middleware.Load(); old != nil {
		all = append(all, *old...)
	}
	for _, one := range mw {
		if one == nil {
			panic("wsx: Use: a middleware is nil")
		}
		all = append(all, one)
	}
	t.middleware.Store(&all)
}

// find returns the handler for name, or for "" if there is none of that name, or nil.
func (t *router) find(name string) Handler {
	found, ok := t.routes.Load(name)
	if !ok {
		if found, ok = t.routes.Load(""); !ok {
			return nil
		}
	}
	r := found.(*route)
	middleware := t.middleware.Load()
	if middleware == nil {
		return r.handler
	}
	if c := r.composed.Load(); c != nil && c.middleware == middleware {
		return c.handler
	}
	handler := r.handler
	for i := len(*middleware) - 1; i >= 0; i-- {
		handler = (*middleware)[i](handler)
	}
	r.composed.Store(&composed{handler, middleware})
	return handler
}

// errUnknown is what calling a handler that does not exist comes to.
var errUnknown = errors.New("wsx: no handler of that name")

// call runs the handler of a request. A panic becomes an error with its stack.
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

// safely calls the program's code in a goroutine of ours. A panic becomes an error with its stack.
func safely(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
	}()
	return do()
}

func panicError(p any) error {
	if err, ok := p.(error); ok {
		return fmt.Errorf("%w: %w\n%s", errPanic, err, debug.Stack())
	}
	return fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
}
