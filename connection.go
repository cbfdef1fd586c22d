package wsx

import (
	"context"
	"html/template"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx/internal/limit"
)

// Connection is one live page, over any transport.
//
// All methods may be called concurrently, from handlers, hooks and any other goroutine. After the
// connection has ended, methods that change it have no effect, and methods that read it return its
// last state.
type Connection struct {
	// A broadcast reads these fields, mu, closeReason and out of every recipient. They stand
	// together, so that it touches as few cache lines as possible.
	hub           *Hub       // immutable
	allMembership membership // immutable, except as membership says

	// mu guards closeReason, out and the last block. A room's publish lock is taken before it; the
	// locks of task, the indexes, writers, heartbeat, idleWatch and counts after it.
	mu          sync.Mutex
	closeReason *closeReason // why the connection ends; nil while it is open
	out         out

	// tasks counts the worker and the writer, which come and go. The reader, which stays, waits for
	// both. Once closeReason is set, only those that end the connection start.
	tasks sync.WaitGroup

	// set once, under mu, before the reader and the first writer start
	transport transport

	// immutable
	id            string
	remoteAddr    string
	identity      Identity // as Authenticate returned it
	connectedAt   time.Time
	ctx           context.Context
	cancel        context.CancelCauseFunc
	slot          limit.Slot
	key           string // required of later requests over HTTP; "" over a WebSocket
	writeLoopFunc func() // c.writeLoop, made once so that starting it allocates nothing
	workFunc      func() // c.work

	lastRequest atomic.Int64 // by the hub's clock, which changes of the system clock don't affect
	liveness    liveness
	idle        *idleEntry // owned by the hub's idleWatch
	reader      reader     // owned by the reader

	// guarded by mu
	in           in
	rooms        rooms
	who          who
	expiry       *time.Timer // closes the connection when its identity expires; nil for never
	peerGone     bool        // nothing more is read
	slotReleased bool
}

// out is the state of sending: the queue for the browser, and its writer.
type out struct {
	encoding   encoding
	writing    bool // a writer is at work, or must not start yet
	closeSent  bool // the close frame has left, and the reader is about to say why
	readAhead2 byte // always 0; a broadcast reads it ahead to fetch this cache line
	queue      queue
	readAhead3 byte // always 0; the same for the cache line in which the queue ends
}

// in is the state of receiving: the requests of the browser, and the handler in progress.
type in struct {
	inbox
	serving     *task       // whose handler is running; nil between handlers
	clock       *time.Timer // fires at its deadline; made for the first handler
	inOnConnect bool        // OnConnect is running
}

// reader is the state of the reader. Over HTTP that is the POST whose turn it is.
type reader struct {
	badFrames int             // in a row
	dropped   bool            // a message was discarded
	giveUp    <-chan struct{} // closed when waiting for space has become pointless; nil for never
	throttle  *limit.Throttle
}

// rooms is the membership of a connection in rooms, and what it has yet to catch up with.
type rooms struct {
	// owned by the worker
	joinedByTicket bool

	// guarded by the connection's mu
	memberships []*membership
	joins       uint64        // joins so far
	held        []*membership // joined by a handler or hook that has not returned
	gen         uint64        // of the newest join or leave that the browser sent
	joining     int           // joins of the browser that are not done
	replaying   bool          // filters are evaluated for an older message; see Except
	lagging     int           // memberships that are lagging
	catching    bool          // a goroutine is catching up with them
}

// find returns the membership in a room, or nil.
func (r *rooms) find(room string) *membership {
	for _, m := range r.memberships {
		if m.group == room {
			return m
		}
	}
	return nil
}

// who is the user of a connection, and what the program stores about it.
type who struct {
	user          string
	membership    *membership // in the index of users; nil when anonymous
	tags          map[string]string
	location      *location
	session       map[any]any
	sessionClosed bool   // OnDisconnect has returned
	page          string // the page load, as named by hello
}

// ID returns the random, unguessable id of the connection. It begins with the id of its node.
func (c *Connection) ID() string { return c.id }

// User returns the id of the user who is logged in, or "" for an anonymous connection.
func (c *Connection) User() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who.user
}

// Context returns a context with the values of the request that opened the connection. It ends with
// the connection.
//
// [context.Cause] then returns the cause that OnDisconnect gets, or [context.Canceled] if the
// browser left by itself.
func (c *Connection) Context() context.Context { return c.ctx }

// RemoteAddr returns the IP address of the browser, without a port. That is the address of the TCP
// peer. Behind Options.TrustedProxies, it is the nearest address in X-Forwarded-For that isn't one
// of these proxies. A peer on a Unix socket is 127.0.0.1.
func (c *Connection) RemoteAddr() string { return c.remoteAddr }

// ConnectedAt returns the time at which the connection was opened.
func (c *Connection) ConnectedAt() time.Time { return c.connectedAt }

// LastActivity returns the time of the last request, or of the opening if there was none. Pings and
// pongs don't count.
func (c *Connection) LastActivity() time.Time {
	return c.hub.started.Add(time.Duration(c.lastRequest.Load()))
}

// Send queues one fragment for this connection. An empty swap means [Inner]. Send doesn't wait for
// the browser.
//
// It returns ErrTarget, ErrSwap or ErrTooLarge for invalid arguments, ErrClosed after Shutdown, and
// ErrNotConnected if the connection has ended.
func (c *Connection) Send(target string, html template.HTML, swap Swap) error {
	return failed("send", c.publish([]Fragment{{target, html, swap}}, ""))
}

// Publish queues several fragments, or verbs of package dom, in one frame for this connection. It
// doesn't wait for the browser.
//
// Of m's other fields only Key has a meaning: the message replaces an older one with this key that
// was sent to no room and is still queued.
//
// It returns ErrTarget for a message without fragments, and the errors of [Connection.Send].
func (c *Connection) Publish(m Message) error {
	return failed("publish", c.publish(m.Fragments, m.Key))
}

func (c *Connection) publish(fragments []Fragment, key string) error {
	m, err := c.hub.newMessage(fragments)
	if err != nil {
		return err
	}
	m.key = key
	if !c.send(m) {
		return ErrNotConnected
	}
	return nil
}

// SetUser logs the connection in as user id, or out if id is empty. When it returns, broadcasts to
// the previous user no longer reach the connection.
func (c *Connection) SetUser(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeReason != nil || id == c.who.user {
		return
	}
	// All of it under mu, so that a broadcast sees the connection as one user or the other, never
	// as both.
	c.leaveUser()
	for _, m := range c.rooms.memberships {
		c.leavePresence(m, false)
		m.present = c.hub.presence.enter(m.group, id)
	}
	c.who.user = id
	c.enterUser()
}

// enterUser adds the connection to the index of users. The caller holds mu.
func (c *Connection) enterUser() {
	if c.who.user != "" {
		c.who.membership = &membership{conn: c, group: c.who.user, live: true}
		c.hub.users.Add(c.who.user, c.who.membership)
	}
}

// leaveUser removes the connection from the index of users. The caller holds mu.
func (c *Connection) leaveUser() {
	if c.who.membership != nil {
		c.who.membership.live = false
		c.hub.users.Remove(c.who.membership.group, c.who.membership)
		c.who.membership = nil
	}
}

// SetTag sets a tag, by which [Tag] selects. An empty value removes it.
func (c *Connection) SetTag(key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeReason != nil {
		return
	}
	if value == "" {
		delete(c.who.tags, key)
		return
	}
	if c.who.tags == nil {
		c.who.tags = make(map[string]string)
	}
	c.who.tags[key] = value
}

// Tag returns the value of a tag, or "" if the tag is not set.
func (c *Connection) Tag(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who.tags[key]
}

// SetLocation sets the position of the browser in degrees, by which [Near] selects. A coordinate
// that is not a number or out of range removes the location.
func (c *Connection) SetLocation(lat, lng float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeReason != nil {
		return
	}
	if c.who.location = nil; validLocation(lat, lng) {
		c.who.location = &location{lat, lng}
	}
}

// Location returns the position that SetLocation has set. The boolean reports whether there is one.
func (c *Connection) Location() (lat, lng float64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.who.location == nil {
		return 0, 0, false
	}
	return c.who.location.lat, c.who.location.lng, true
}
