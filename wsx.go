package wsx

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/origin"
	"github.com/wsxgo/wsx/internal/pattern"
)

// Hub holds the connections of one node, the handlers that browsers may call, and the calls that send to browsers. It is an
// [http.Handler]: mount it where pages point their wx-config. Make one with [New]. All methods may be called concurrently
// and from every handler and hook.
type Hub struct {
	// immutable
	opts    Options
	node    string // what the ids of its connections begin with
	started time.Time

	router    router
	hooks     hooks
	origins   *origin.Checker
	admission *limit.Admission
	heartbeat heartbeat
	writers   writers
	idle      idleWatch

	ctx         context.Context // ends with Shutdown
	cancel      context.CancelCauseFunc
	roomOptions pattern.Map[RoomOptions]
	presence    presence
	history     history
	resets      resets
	counts      counts

	connections  sync.Map // id → *Connection
	httpSessions sync.Map // id → *line
	all          group
	rooms        groupIndex
	users        groupIndex

	updates      atomic.Uint64 // how many have been named
	published    published
	addrLimiters *limit.AddrLimiters
	streamHint   sync.Once // the log says once that streams have no deadlines
}

// New returns a hub with a copy of opts; nil means all defaults. It panics, with the field's name, on options that cannot
// work. It starts nothing: a hub without connections has no goroutine.
func New(opts *Options) *Hub {
	h := &Hub{
		opts:    opts.resolved(),
		node:    "n" + rand.Text()[:8],
		started: time.Now(),
	}
	h.origins = origin.New(h.opts.Origins, h.opts.TrustedProxies, h.opts.Logger)
	h.admission = limit.NewAdmission(limit.Maxima{
		Connections: h.opts.MaxConnections, PerUser: h.opts.MaxPerUser, PerAddr: h.opts.MaxPerAddr,
	})
	h.addrLimiters = limit.NewAddrLimiters(limit.Rates(h.opts.Inbound), maxAddrLimiters)
	h.ctx, h.cancel = context.WithCancelCause(context.Background())
	h.presence.hub = h
	h.history.init(h.started)
	h.history.limit = historyLimit
	h.heartbeat.init(h)
	h.writers.init(&h.counts)
	h.idle.timeout = h.opts.IdleTimeout
	return h
}

// On registers the handler for requests that name it. The handler of "" gets what nobody else handles. It may be called at
// any time; one name twice, and a nil handler, panic.
func (h *Hub) On(name string, handler Handler) { h.router.on(name, handler) }

// Use puts middleware around every handler, whenever that was or will be registered; the first is outermost. A middleware
// is called for each handler when that is first needed, and again when Use adds more; what it returns may be made twice and
// used once.
func (h *Hub) Use(mw ...func(Handler) Handler) { h.router.use(mw) }

// now returns the hub's clock, which never stands still or jumps.
func (h *Hub) now() time.Duration { return time.Since(h.started) }

func (h *Hub) isClosed() bool { return h.admission.IsClosed() }

// newConnectionID returns a name that nobody can guess, begun with the node's.
func (h *Hub) newConnectionID() string { return h.node + "-" + rand.Text() }

// Shutdown ends the hub. New connections and single requests are refused with 503, and browsers with our client are asked to
// connect to whoever is next, spread over the time, while they still hear this hub. Then every connection is closed with 1012
// after what is queued for it, and from the last one on sending returns ErrClosed. That lasts as long as the connections need at
// 100 a second; a single one is closed at once. Shutdown waits until the connections and their hooks are done, but at most
// Options.ShutdownTimeout or what ctx leaves; when that is over, everybody who is left is closed with 1012. If ctx ends first its
// error is returned.
//
// What is not done then goes on by itself: what is queued has WriteTimeout for each 16 KiB, and the browser 5 seconds to answer.
// Called from a handler or hook, for which it would wait, it returns at that time. Call it before [http.Server.Shutdown], which
// knows nothing of upgraded connections and would wait for the others. A second call does
// nothing and returns nil.
func (h *Hub) Shutdown(ctx context.Context) error {
	if !h.admission.BeginDraining() {
		return nil
	}
	window := ctx
	if h.opts.ShutdownTimeout > 0 {
		var cancel context.CancelFunc
		window, cancel = context.WithTimeout(ctx, h.opts.ShutdownTimeout)
		defer cancel()
	}
	h.drain(window)
	h.admission.Close()
	h.cancel(ErrClosed)
	h.history.stop()
	for c := range h.Connections() {
		c.end(closeReason{cause: ErrClosed, code: 1012})
	}
	select {
	case <-h.admission.Empty():
		h.writers.tasks.Wait()
		return nil
	case <-window.Done():
		return ctx.Err()
	}
}
