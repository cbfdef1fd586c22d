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
	"github.com/wsxgo/wsx/internal/wsconn"
)

// Hub holds the connections of one node, that is, of one process. It also holds the handlers that
// browsers may call, and has the methods that send to browsers. It is an [http.Handler]: mount it at the address in the
// pages' wx-config. Create one with [New].
//
// All methods may be called concurrently, and from handlers and hooks. A Hub must not be copied.
type Hub struct {
	// immutable
	opts    Options
	node    string // the prefix of its connections' ids
	started time.Time
	ctx     context.Context // ends with Shutdown
	cancel  context.CancelCauseFunc

	// Each of these guards itself. A connection's mu is taken before the locks of presence,
	// writers, the groups and counts, and after that of a room's history.
	router       router
	hooks        hooks
	origins      *origin.Checker
	admission    *limit.Admission
	addrLimiters *limit.AddrLimiters
	heartbeat    heartbeat
	writers      writers
	idle         idleWatch
	roomOptions  pattern.Map[RoomOptions]
	presence     presence
	history      history
	published    published
	resets       resets
	cluster      *cluster // nil without a broker
	counts       counts

	warnedOfRooms atomic.Int64 // when, by the hub's clock; see warnOfRooms

	// the connections and their indexes, which broadcasts read without a lock
	connections  sync.Map // id → *Connection
	httpSessions sync.Map // id → *httpSession
	all          group
	rooms        groupIndex
	users        groupIndex

	wsSettings wsconn.Settings // immutable

	streamHint sync.Once // the log says once that streams have no deadlines

	updates atomic.Uint64 // numbers the updates that need an id
}

// New returns a hub with a copy of opts. Nil means all defaults. It panics, naming the field, on
// options that can't work. A hub without connections has no goroutines.
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
	h.wsSettings = wsconn.Settings{
		WriteChunk: writeChunk, WriteTimeout: h.opts.WriteTimeout, MessageTime: messageTime, CloseWait: closeWait,
	}
	h.ctx, h.cancel = context.WithCancelCause(context.Background())
	h.presence.hub = h
	h.history.init(h.started, h.opts.Broker != nil)
	if h.opts.Broker != nil {
		h.cluster = newCluster(h, h.opts.Broker)
	}
	h.history.limit = historyLimit
	h.heartbeat.init(h)
	h.writers.init(&h.counts)
	h.idle.timeout = h.opts.IdleTimeout
	return h
}

// On registers the handler for requests with this name. The handler of "" gets requests that no
// other handler takes. On may be called at any time. It panics if handler is nil or the name is
// taken.
func (h *Hub) On(name string, handler Handler) { h.router.on(name, handler) }

// Use wraps every handler in middleware, whether the handler is registered before or after the
// call. The first middleware is the outermost.
//
// Each middleware is called once for each handler when the handler is first needed, and again after
// another call of Use. Concurrent first requests may call it more often; the surplus results are
// discarded.
func (h *Hub) Use(mw ...func(Handler) Handler) { h.router.use(mw) }

// now returns the time on the hub's clock. It is monotonic: setting the computer's clock doesn't
// affect timeouts.
func (h *Hub) now() time.Duration { return time.Since(h.started) }

func (h *Hub) isClosed() bool { return h.admission.IsClosed() }

// newConnectionID returns an unguessable id, because an id is enough to send to a connection. It
// begins with the node's name, by which other nodes route to it.
func (h *Hub) newConnectionID() string { return h.node + "-" + rand.Text() }

// Shutdown closes all connections and waits until they and their hooks are done. New connections
// and single requests are refused with 503.
//
// Shutdown first asks every browser with our client to reconnect, so that it reaches the next
// instance. The requests are spread over time, and a browser still receives from this hub until it
// has moved. Then Shutdown closes every connection with 1012 after what is queued for it. This
// takes as long as the connections need at 100 a second; a single one is closed at once. From the
// last one on, sending returns ErrClosed.
//
// Shutdown takes at most Options.ShutdownTimeout or until ctx ends. The connections that are left
// then are closed with 1012 and finish on their own: each 16 KiB in a queue has WriteTimeout, and
// the browser has 5 seconds to answer the close frame. Shutdown returns ctx's error if ctx ends
// first, and nil otherwise.
//
// Called from a handler or hook, for which it would have to wait, Shutdown returns only when its
// time is over. Call it before [http.Server.Shutdown], which ignores upgraded connections and would
// wait for the others. A second call has no effect and returns nil.
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
	// Browsers move while sending still works. Only then does sending end, and with it the rest.
	h.drain(window)
	h.admission.Close()
	h.cancel(ErrClosed)
	h.history.stop()
	defer h.cluster.stop()
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
