package wsx

import (
	"context"
	"html/template"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/textcut"
)

// Connection is one live page, over whichever transport. All its methods may be called concurrently, from handlers and hooks and from
// everywhere else, also after it has ended; then the ones that change it do nothing and the ones that look see the last
// state.
//
// It knows no transport: frames leave through the transport that the upgrade gave it.
type Connection struct {
	// What a broadcast to ten thousand connections touches of each stands first and together, so that it waits for as few
	// lines of memory as can be.

	hub           *Hub       // immutable
	allMembership membership // immutable but for what a membership says

	mu sync.Mutex
	// guarded by mu: what waits for the browser
	closeReason *closeReason // why the connection ends; nil while it is open
	encoding    encoding
	writing     bool // a writer is at work, or must not start yet
	closeSent   bool // the close frame has been sent, and the reader is about to say why
	readAhead2  byte // immutable, zero: what a broadcast reads ahead of this line of memory
	queue       queue
	readAhead3  byte // immutable, zero: the same of the line that the queue ends in

	// tasks counts the worker, and the connection's place among those that are being written to, which come and go. The
	// reader, which stays, waits for both; after ending is set, only those that end the connection start.
	tasks sync.WaitGroup

	// set once, under mu, before the reader and the first writer start
	transport transport

	// immutable
	id            string
	remoteAddr    string
	who           Identity // as Authenticate said
	connectedAt   time.Time
	ctx           context.Context
	cancel        context.CancelCauseFunc
	slot          limit.Slot
	key           string // that later requests show, over HTTP; "" over a WebSocket
	writeLoopFunc func() // c.drain, made once so that starting it allocates nothing
	workFunc      func() // c.work

	lastRequest atomic.Int64 // by the hub's clock, so that a step of the machine's makes nobody idle
	liveness    liveness
	idle        *idleEntry // owned by the hub's idleWatch

	// owned by the reader
	badFrames      int             // in a row
	messageDropped bool            // a message was thrown away
	giveUp         <-chan struct{} // closed when waiting for space makes no sense any more; nil: it always does
	throttle       *limit.Throttle

	// owned by the worker
	joinedByTicket bool // rooms, by a ticket

	// guarded by mu: who it is and where it stands
	user           string
	userMembership *membership // nil when anonymous
	rooms          []*membership
	joins          uint64
	heldRooms      []*membership // joined by a handler or hook that has not returned
	gen            uint64        // of the newest join or leave of the browser's
	joining        int           // joins of the browser's that are not done
	replaying      bool          // filters are asked of what was published before; see Except
	lagging        int           // memberships that are behind
	catching       bool          // a goroutine brings them up
	inOnConnect    bool          // OnConnect is being called
	tags           map[string]string
	location       *location
	session        map[any]any
	page           string // the page load that hello named

	// guarded by mu: what the browser waits for
	inbox   inbox
	serving *task       // whose handler runs
	clock   *time.Timer // of its deadline; made when the first one runs

	// guarded by mu: the end
	expiry        *time.Timer
	peerGone      bool // nothing more is read
	slotReleased  bool // it no longer holds a slot
	sessionClosed bool // OnDisconnect has returned: the session is gone
}

// ID returns the connection's name: random, unguessable, and begun with the node's.
func (c *Connection) ID() string { return c.id }

// User returns who is logged in; "" is nobody.
func (c *Connection) User() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.user
}

// Context returns a context with the values of the request that opened the connection. It ends with the connection;
// [context.Cause] then says why, as OnDisconnect is told; [context.Canceled] means that the browser left by itself.
func (c *Connection) Context() context.Context { return c.ctx }

// RemoteAddr returns the IP address of the browser, without a port: that of the TCP peer, or, behind
// Options.TrustedProxies, the nearest one in X-Forwarded-For that is not such a proxy.
func (c *Connection) RemoteAddr() string { return c.remoteAddr }

// ConnectedAt returns when the connection was upgraded.
func (c *Connection) ConnectedAt() time.Time { return c.connectedAt }

// LastActivity returns when the last request came, or when the connection was upgraded if none has. Pings and pongs are
// no activity.
func (c *Connection) LastActivity() time.Time {
	return c.hub.started.Add(time.Duration(c.lastRequest.Load()))
}

// Send queues one fragment for this connection. Swap "" is Inner. Send doesn't wait for the browser.
//
// It returns ErrTarget, ErrSwap or ErrTooLarge for invalid arguments, ErrClosed after Shutdown, and ErrNotConnected if the connection
// has ended.
func (c *Connection) Send(target string, html template.HTML, swap Swap) error {
	return failed("send", c.publish([]Fragment{{target, html, swap}}, ""))
}

// Publish queues several fragments, or verbs of package dom, in one frame for this connection. Of m's other fields only Key has a
// meaning: the message replaces an older one with this key that was sent to no room and is still queued.
//
// It returns the errors of Send, and ErrTarget for a message without fragments.
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

// SetUser logs the connection in as id, or out with "". When it returns, what is sent to the user of before no longer
// reaches the connection.
func (c *Connection) SetUser(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeReason != nil || id == c.user {
		return
	}
	c.leaveUser()
	for _, m := range c.rooms {
		c.leavePresence(m, false)
		m.present = c.hub.presence.enter(m.group, id)
	}
	c.user = id
	c.enterUser()
}

// enterUser puts the connection into the index of users. The caller holds mu.
func (c *Connection) enterUser() {
	if c.user != "" {
		c.userMembership = &membership{conn: c, group: c.user, live: true}
		c.hub.users.Add(c.user, c.userMembership)
	}
}

// leaveUser takes it out again. The caller holds mu.
func (c *Connection) leaveUser() {
	if c.userMembership != nil {
		c.userMembership.live = false
		c.hub.users.Remove(c.userMembership.group, c.userMembership)
		c.userMembership = nil
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
		delete(c.tags, key)
		return
	}
	if c.tags == nil {
		c.tags = make(map[string]string)
	}
	c.tags[key] = value
}

// Tag returns the value of a tag, "" if it is not set.
func (c *Connection) Tag(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tags[key]
}

// SetLocation sets the position of the browser in degrees, by which [Near] selects. A coordinate that is not a number or out of range
// removes the location.
func (c *Connection) SetLocation(lat, lng float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeReason != nil {
		return
	}
	if c.location = nil; validLocation(lat, lng) {
		c.location = &location{lat, lng}
	}
}

// Location returns the position that SetLocation has set. The boolean reports whether there is one.
func (c *Connection) Location() (lat, lng float64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.location == nil {
		return 0, 0, false
	}
	return c.location.lat, c.location.lng, true
}

// Close ends the connection after what is queued for it. With a [*UserError] in cause, its text is the close frame's reason
// (cut to 123 bytes) and the browser stays away until the page is loaded again; with any other cause, or nil, it comes
// back and is authenticated again. Close does not wait; from its return on, nothing more is queued for the connection and
// no filter selects it. Closing twice does nothing.
func (c *Connection) Close(cause error) {
	c.end(closeReasonFor(cause))
}

// closing returns the ending that a program's cause asks for.
func closeReasonFor(cause error) closeReason {
	if text, ok := userText(cause); ok {
		return closeReason{cause: cause, code: 4403, reason: textcut.Truncate(text, maxCloseReason)}
	}
	if cause == nil {
		cause = errByProgram
	}
	return closeReason{cause: cause, code: 4401}
}

// Key is the name of a value that a connection keeps for the program, with its type. Make it once, in a package variable.
type Key[T any] struct{ name string }

// NewKey returns a new key. The name is for people who debug; keys of one name are different keys.
func NewKey[T any](name string) *Key[T] { return &Key[T]{name} }

// Set keeps v with c until c has ended.
func (k *Key[T]) Set(c *Connection, v T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sessionClosed {
		return
	}
	if c.session == nil {
		c.session = make(map[any]any)
	}
	c.session[k] = v
}

// forget drops what the program keeps with the connection, and takes no more.
func (c *Connection) closeSessionData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session, c.sessionClosed = nil, true
}

// Get returns what was set; false: nothing was.
func (k *Key[T]) Get(c *Connection) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.session[k].(T)
	return v, ok
}

// String returns the key's name.
func (k *Key[T]) String() string { return k.name }
