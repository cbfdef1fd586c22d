package wsx

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/origin"
)

// The defaults of Options, and the bounds that aren't options. All of the package's general limits
// are here, so that they can be compared.
const (
	// below the 60 s after which common proxies cut an idle connection
	defaultPingInterval    = 25 * time.Second
	defaultPongTimeout     = 10 * time.Second
	defaultWriteTimeout    = 5 * time.Second
	defaultHandlerTimeout  = 10 * time.Second
	defaultShutdownTimeout = 10 * time.Second

	defaultMaxMessage  = 64 << 10
	defaultQueueBytes  = 1 << 20
	defaultQueueFrames = 16384
	defaultMaxRooms    = 128

	maxUserText    = 4 << 10 // bytes of a UserError
	maxBadFrames   = 10      // consecutive ones, before the connection is closed
	maxCloseReason = 123     // bytes: 125 less the code (RFC 6455, section 5.5)
	maxLogName     = 64      // bytes of a name from a browser in a log

	maxWaitingRequests = 16        // of one connection; then reading pauses
	maxWaitingBytes    = 128 << 10 // of one connection; then reading pauses

	messageTime = 10 * time.Second // for a message from a browser, from its header to its last byte
	closeWait   = 5 * time.Second  // for the browser to answer a close frame, as in coder/websocket

	maxUpload      = 256 << 10        // bytes of a POST with frames
	maxUploadDepth = 1 << 10          // its nesting; each frame in it has its own limit, and its own error
	maxPosts       = 3                // of one connection at a time: one is read, two wait
	pollTime       = 25 * time.Second // how long a poll waits for a frame
	pollGap        = 15 * time.Second // between two polls, before the connection counts as lost

	volatileSlack = 1 << 10 // bytes by which a volatile message may exceed what it replaces

	maxWrite   = 64 << 10 // waiting frames are joined up to this size into one write
	writeChunk = 16 << 10 // bytes that must leave within each WriteTimeout

	defaultPerSecondIn = 50
	defaultBurstIn     = 100
	defaultBytesIn     = 256 << 10
	excessGrace        = 5 * time.Second // how long a browser may exceed Inbound
	maxAddrLimiters    = 4096            // addresses with a rate limiter, in each of two generations

	defaultHistoryBytes = 1 << 20
	defaultTTL          = 5 * time.Minute
	historyLimit        = 256 << 20            // bytes, of all rooms together
	ticketTime          = 12 * time.Hour       // how long a ticket is valid
	minSecret           = 16                   // bytes; a shorter one is logged
	resetPace           = 2 * time.Millisecond // between two browsers that refetch their page
	maxResetAfter       = 30 * time.Second

	publishedFor = 2 * time.Minute // how long a Message.ID is deduplicated
	retryAfter   = "2"             // seconds, with a 503
)

// Options are the settings of a [Hub]. The zero value is ready to use and safe. [New] copies them.
//
// A zero field means its default. A negative one switches the feature off. New panics, naming the
// field, on values that can't work, and on negative values of the fields that keep the process
// alive: MaxMessage, QueueBytes, QueueFrames and WriteTimeout.
type Options struct {
	// Authenticate returns the identity that sent r. It is called after the origin check and before
	// the upgrade, for every request over HTTP, and may be called concurrently. On an error the
	// request is refused with 403; the error's text is only logged. On a panic it is refused with
	// 500. Default: all users are anonymous.
	Authenticate func(r *http.Request) (Identity, error)

	// Origins are the origins that may connect in addition to the same origin. An origin is a
	// scheme, a host and, unless it is the scheme's own, a port: "https://app.example.com". There
	// are no patterns, so none can match too much. Default: none.
	Origins []string

	// Secrets are the keys that sign tickets, newest first; see [Hub.Ticket]. Tickets signed with
	// an older key stay valid, so that a key can be replaced. Keys should be 32 random bytes, the
	// same on every node and after a restart. New panics on an empty key. Default: one random key
	// per process.
	Secrets [][]byte

	// Broker connects this hub to those of other nodes, so that a broadcast reaches the connections of
	// all of them. All nodes need the same Secrets; New panics without them. Default: none, and the
	// hub is alone.
	Broker Broker

	// Logger receives what has no caller to return it to. Message bodies, cookies and keys are
	// never logged. Default: slog.Default().
	Logger *slog.Logger

	// IdleTimeout is how long a connection may go without a request before it is closed with 4001.
	// Pings don't count as requests. Our client reconnects when the page is used or shown again.
	// Default: off.
	IdleTimeout time.Duration
	// PingInterval is the time between two pings of a connection. Negative: no pings.
	// Default: 25 s.
	PingInterval time.Duration
	// PongTimeout is how long after a ping the browser may stay silent. Anything that it sends
	// counts. Negative: no bound. Default: 10 s.
	PongTimeout time.Duration
	// WriteTimeout is how long the network may take for each 16 KiB of what is queued.
	// Default: 5 s.
	WriteTimeout time.Duration
	// HandlerTimeout is how long a handler may run before its context ends and its browser gets an
	// error. Negative: no bound. Default: 10 s.
	HandlerTimeout time.Duration
	// ShutdownTimeout bounds the time that Shutdown takes. Negative: as long as its context allows.
	// Default: 10 s.
	ShutdownTimeout time.Duration

	// MaxMessage is the largest message from a browser, in bytes. Default: 64 KiB.
	MaxMessage int64
	// QueueBytes is how many bytes may wait for one browser. A single message may take up half of
	// that. Default: 1 MiB.
	QueueBytes int64
	// QueueFrames is how many messages may wait for one browser. Default: 16,384.
	QueueFrames int

	// Inbound bounds what one browser may send. For requests without a connection, PerSecond and
	// Burst apply to each IP address (for IPv6, each /64), and requests above them are refused with
	// 429. Default: the defaults of [Limit].
	Inbound Limit

	// Compression offers permessage-deflate (RFC 7692) to browsers. A broadcast over 512 bytes is
	// compressed once for all connections. Replies are never compressed, because an attacker that
	// makes a browser send text could measure whether it occurs in a secret next to it. Compression
	// saves bandwidth and costs memory while a browser sends. Default: off.
	Compression bool

	// MaxConnections bounds the connections of this hub. Further ones are refused with 503. For
	// this bound and the next two, a single request over HTTP is a connection while it is handled.
	// Default: no bound.
	MaxConnections int
	// MaxPerUser bounds the connections of one Identity.User. Further ones are refused with 429. It
	// applies at the upgrade, not in Connection.SetUser. Default: no bound.
	MaxPerUser int
	// MaxPerAddr bounds the connections of one IP address (for IPv6, of one /64). Further ones are
	// refused with 429. Default: no bound.
	MaxPerAddr int
	// MaxRooms bounds the rooms of one connection. Negative: no bound. Default: 128.
	MaxRooms int

	// TrustedProxies are the proxies whose X-Forwarded-For, -Proto and -Host are trusted. A proxy on
	// a Unix socket counts as 127.0.0.1. Default: none.
	TrustedProxies []netip.Prefix
}

// Identity is the result of [Options].Authenticate: the user behind a request.
type Identity struct {
	User    string            // "" is anonymous
	Rooms   []string          // joined at the upgrade, before OnConnect
	Tags    map[string]string // set at the upgrade, before OnConnect; copied
	Expires time.Time         // the connection is closed with 4401 then; zero: never
}

// resolved returns a copy of o with all defaults. It panics on values that can't work. Slices are
// copied, so that the program can't change the options of a running hub.
func (o *Options) resolved() Options {
	var r Options
	if o != nil {
		r = *o
	}
	r.Origins = slices.Clone(r.Origins)
	r.TrustedProxies = slices.Clone(r.TrustedProxies)
	r.Secrets = slices.Clone(r.Secrets)
	if r.Authenticate == nil {
		r.Authenticate = func(*http.Request) (Identity, error) { return Identity{}, nil }
	}
	if r.Logger == nil {
		r.Logger = slog.Default()
	}
	r.resolveTimes()
	r.resolveSizes()
	r.Inbound.resolve()
	if r.Broker != nil && len(r.Secrets) == 0 {
		panic("wsx: Options.Broker: needs Options.Secrets, the same on every node")
	}
	r.resolveSecrets()
	for i, given := range r.Origins {
		normal, err := origin.Normalize(given)
		if err != nil {
			panic(fmt.Sprintf("wsx: Options.Origins: %q: %v", given, err))
		}
		r.Origins[i] = normal
	}
	for _, p := range r.TrustedProxies {
		if !p.IsValid() {
			panic("wsx: Options.TrustedProxies: invalid prefix")
		}
	}
	return r
}

// resolveSecrets copies the keys, because a program may erase its own copy. Without keys it makes a
// random one, which no other process accepts.
func (o *Options) resolveSecrets() {
	if len(o.Secrets) == 0 {
		o.Secrets = [][]byte{[]byte(rand.Text() + rand.Text())}
	}
	for i, secret := range o.Secrets {
		if len(secret) == 0 {
			panic("wsx: Options.Secrets: empty key")
		}
		if len(secret) < minSecret {
			o.Logger.Warn("wsx: a key in Options.Secrets is too short to be safe; use 32 random bytes", "bytes", len(secret))
		}
		o.Secrets[i] = slices.Clone(secret)
	}
}

// resolveTimes fills in the durations. WriteTimeout can't be switched off, because without it a
// browser that reads nothing would keep its queue forever.
func (o *Options) resolveTimes() {
	requireNonNegative("Options.WriteTimeout", o.WriteTimeout)
	orDefault(&o.PingInterval, defaultPingInterval)
	orDefault(&o.PongTimeout, defaultPongTimeout)
	orDefault(&o.WriteTimeout, defaultWriteTimeout)
	orDefault(&o.HandlerTimeout, defaultHandlerTimeout)
	orDefault(&o.ShutdownTimeout, defaultShutdownTimeout)
}

// resolveSizes fills in the sizes. The bounds that keep the process alive can't be switched off.
func (o *Options) resolveSizes() {
	requireNonNegative("Options.MaxMessage", o.MaxMessage)
	requireNonNegative("Options.QueueBytes", o.QueueBytes)
	requireNonNegative("Options.QueueFrames", o.QueueFrames)
	orDefault(&o.MaxMessage, defaultMaxMessage)
	orDefault(&o.QueueBytes, defaultQueueBytes)
	orDefault(&o.QueueFrames, defaultQueueFrames)
	orDefault(&o.MaxRooms, defaultMaxRooms)
}

// orDefault sets a zero field to value. It keeps negative values, which switch a feature off.
func orDefault[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// requireNonNil panics with the names of a call and its argument if isNil is true. The caller
// compares, because a nil pointer in an any isn't nil.
func requireNonNil(call, argument string, isNil bool) {
	if isNil {
		panic("wsx: " + call + ": " + argument + " is nil")
	}
}

// requireNonNegative panics with the name of the field if value is negative.
func requireNonNegative[T int | int64 | time.Duration](field string, value T) {
	if value < 0 {
		panic("wsx: " + field + ": must not be negative")
	}
}
