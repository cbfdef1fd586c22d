package wsx

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"
)

// ServeHTTP serves browsers, over whichever transport they ask for. A request with Upgrade: websocket becomes a WebSocket, and
// ServeHTTP returns: such a connection does not keep the handler's goroutine. A GET that accepts text/event-stream becomes a
// stream of events, and ServeHTTP returns when the connection has ended; one that accepts application/json begins a chain of long
// polls. What browsers send to these comes with POST. A POST that names no connection is one request, by itself: of a script
// (JSON) or of a form without one. docs/protocol.md has the details.
//
// Refused are, in this order: requests with a body that must have none (400), requests that are none of this (426), a foreign
// origin (403), everybody during and after Shutdown but for the connections that there are (503), whom Options.Authenticate
// refuses (403, or 500 if it panics), requests whose connection a middleware hides (501), connections and single requests that
// are too many (429 of one user or address, 503 of all), and handshakes that break RFC 6455, section 4.2.1 (400, 405 or 426).
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked := exchangeOf(r)
	if r.ContentLength != 0 {
		// It bounds the whole body, also what net/http reads of it after the answer.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(messageTime))
		if !asked.hasBody() {
			h.refuse(w, r, http.StatusBadRequest)
			return
		}
	}
	if asked == unknownExchange {
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		h.refuse(w, r, http.StatusUpgradeRequired)
		return
	}
	if err := h.checkOrigin(r); err != nil {
		h.opts.Logger.Warn("wsx: refused a request from another origin; see Options.Origins and Options.TrustedProxies", "error", err)
		h.refuse(w, r, http.StatusForbidden)
		return
	}
	if asked != webSocket {
		h.allowOrigin(w, r)
	}
	if asked == preflight {
		allowAll(w)
		return
	}
	if asked.begins() && h.gate.refuses() {
		h.refuse(w, r, http.StatusServiceUnavailable)
		return
	}
	who, status, err := h.authenticate(r)
	if err != nil {
		h.opts.Logger.Warn("wsx: refused a request", "status", status, "error", err)
		h.refuse(w, r, status)
		return
	}
	if asked != webSocket {
		// What waits may wait for longer than the server's answers may take. All that is written here has a deadline of its own.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
	switch asked {
	case webSocket, eventStream, firstPoll:
		h.admit(w, r, who, asked)
	case single:
		h.serveSingle(w, r, who)
	default:
		h.resume(w, r, who, asked)
	}
}

// admit makes a connection of a request, if there is room for it.
func (h *Hub) admit(w http.ResponseWriter, r *http.Request, who Identity, asked exchange) {
	if !asked.possible(w) {
		h.opts.Logger.Error("wsx: a middleware's http.ResponseWriter hides the connection; give it an Unwrap method, see http.ResponseController", "type", fmt.Sprintf("%T", w))
		h.refuse(w, r, http.StatusNotImplemented)
		return
	}
	ip := h.clientAddr(r)
	entry := admission{who.User, addrOf(ip)}
	if no := h.gate.enter(entry, &h.opts); no != admitted {
		h.refuse(w, r, no.status())
		return
	}
	switch asked {
	case eventStream:
		h.stream(w, r, who, ip, entry)
	case firstPoll:
		h.startPolls(w, r, who, ip, entry)
	default:
		h.connect(w, r, who, ip, entry)
	}
}

// refuse answers without a word of why: that is in the log. It does not wait for the body of the request.
func (h *Hub) refuse(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		header.Set("Retry-After", retryAfter)
	}
	if r.ContentLength != 0 {
		isolate(w, r)
	}
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	_ = h.answer(w, status, []byte(http.StatusText(status)+"\n")) // who has gone needs no answer
}

// authenticate asks the program who it is. With an error it returns the status to refuse with.
func (h *Hub) authenticate(r *http.Request) (who Identity, status int, err error) {
	defer func() {
		if p := recover(); p != nil {
			status, err = http.StatusInternalServerError, panicError(p)
		}
	}()
	if who, err = h.opts.Authenticate(r); err != nil {
		return who, http.StatusForbidden, err
	}
	if !who.Expires.IsZero() && !time.Now().Before(who.Expires) {
		return who, http.StatusForbidden, ErrExpired
	}
	for _, room := range who.Rooms {
		if err = checkRoom(room); err != nil {
			return who, http.StatusInternalServerError, fmt.Errorf("Identity.Rooms: %w", err)
		}
	}
	if limit := h.opts.MaxRooms; limit >= 0 && len(who.Rooms) > limit {
		return who, http.StatusInternalServerError, fmt.Errorf("Identity.Rooms: %w: %d of them, Options.MaxRooms is %d", ErrRoom, len(who.Rooms), limit)
	}
	return who, http.StatusOK, nil
}

// connect upgrades r and starts the connection. The gate has been entered.
func (h *Hub) connect(w http.ResponseWriter, r *http.Request, who Identity, ip string, entry admission) {
	c := h.newConnection(r.Context(), who, ip, entry)
	defer c.abandon()
	t, err := h.upgrade(w, r, c, c.open)
	if err != nil {
		h.opts.Logger.Debug("wsx: the handshake failed", "error", err)
		return
	}
	c.start(t)
}

// newConnection returns a connection that nobody sees yet. Its writer and its worker count as working until start, so
// that nothing starts before there is a transport.
func (h *Hub) newConnection(ctx context.Context, who Identity, ip string, entry admission) *Connection {
	c := &Connection{
		hub: h, id: h.newConnectionID(), remoteAddr: ip, who: who, admission: entry,
		connectedAt: time.Now(), user: who.User, tags: maps.Clone(who.Tags), writing: true,
	}
	maps.DeleteFunc(c.tags, func(_, value string) bool { return value == "" })
	c.inbox.working = true
	c.lastRequest.Store(int64(h.now()))
	c.ctx, c.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	c.drainFunc, c.workFunc = c.drain, c.work
	c.throttle = newThrottle(h.opts.Inbound, h.opts.MaxMessage)
	return c
}

// open makes the connection visible, with the greeting first in its queue.
func (c *Connection) open() {
	c.show()
	c.enterRooms()
}

func (c *Connection) show() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue.push(entry{helloMessage(c.id, c.key, c.hub.opts.PingEvery.Milliseconds(), c.hub.clock()), plainText})
	c.register()
	if !c.who.Expires.IsZero() {
		c.expiry = time.AfterFunc(time.Until(c.who.Expires), func() { c.end(closing(ErrExpired)) })
	}
	if c.hub.gate.refuses() { // Shutdown may have looked before register
		c.endLocked(ending{cause: ErrClosed, code: 1012})
	}
}

// enterRooms joins the rooms that Authenticate named, but for those that RoomOptions.Authorize refuses.
func (c *Connection) enterRooms() {
	for _, room := range c.who.Rooms {
		err := c.authorize(c.ctx, room)
		if err == nil {
			err = c.enter(room)
		}
		if err != nil && !errors.Is(err, ErrNotConnected) {
			c.hub.opts.Logger.Warn("wsx: a connection is not let into a room of Identity.Rooms", "room", cutText(room, maxLogName), "error", err)
		}
	}
}

// start gives the connection its transport and lets it run, with a reader of its own.
func (c *Connection) start(t transport) {
	c.begin(t)
	go c.run()
}

// begin is start without the reader, which the caller is: the writer goes on with what is queued, the worker with OnConnect.
func (c *Connection) begin(t transport) {
	c.mu.Lock()
	c.transport = t
	c.mu.Unlock()
	c.tasks.Add(2)
	go c.drainFunc()
	go c.workFunc()
}

// abandon undoes newConnection and open unless the connection has begun. It is deferred, because what the program is called for
// until then, its ResponseWriter and RoomOptions.Authorize, may panic or end the goroutine. No hook hears of it.
func (c *Connection) abandon() {
	c.mu.Lock()
	begun := c.transport != nil
	if !begun && c.everybody.live {
		c.endLocked(ending{code: 1006, how: atOnce})
	}
	c.mu.Unlock()
	if begun {
		return
	}
	c.cancel(nil)
	c.hub.lines.Delete(c.id)
	c.hub.gate.uncount(c.admission)
	c.hub.gate.leave()
}
