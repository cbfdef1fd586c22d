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

// The defaults of Options, and the bounds that are not options: every number of the library stands here.
const (
	defaultPingInterval    = 25 * time.Second // below the 60 s after which common proxies cut an idle connection
	defaultPongTimeout     = 10 * time.Second
	defaultWriteTimeout    = 5 * time.Second
	defaultHandlerTimeout  = 10 * time.Second
	defaultShutdownTimeout = 10 * time.Second

	defaultMaxMessage  = 64 << 10
	defaultQueueBytes  = 1 << 20
	defaultQueueFrames = 16384
	defaultMaxRooms    = 128

	maxUserText    = 4 << 10 // bytes of a UserError
	maxBadFrames   = 10      // in a row, before the connection is closed
	maxCloseReason = 123     // bytes (RFC 6455, section 5.5: 125 less the code)
	maxLogName     = 64      // bytes of a name from a browser in a log

	maxWaitingRequests = 16        // of one connection; then reading pauses
	maxWaitingBytes    = 128 << 10 // of one connection; then reading pauses

	messageTime = 10 * time.Second // for a message from a browser, from its header to its last byte
	closeWait   = 5 * time.Second  // for a browser's answer to the goodbye; coder/websocket waits as long

	maxUpload      = 256 << 10        // bytes of a POST with frames
	maxUploadDepth = 1 << 10          // nesting of it; each frame is held to maxDepth, with an answer of its own
	maxPosts       = 3                // of one connection, at a time: one that is taken, two that wait
	pollTime       = 25 * time.Second // that a poll waits for something to say
	pollGap        = 15 * time.Second // between two polls, before the browser counts as lost

	volatileSlack = 1 << 10 // bytes that a volatile message may be larger than what it replaces

	maxWrite   = 64 << 10 // waiting frames are joined up to this size into one write
	writeChunk = 16 << 10 // at least so much must leave within each WriteTimeout

	defaultPerSecondIn = 50
	defaultBurstIn     = 100
	defaultBytesIn     = 256 << 10
	excessGrace        = 5 * time.Second // of excess, before a connection is closed
	maxAddrLimiters    = 4096            // addresses of single requests that are remembered, and as many older ones

	defaultHistoryBytes = 1 << 20
	defaultTTL          = 5 * time.Minute
	historyLimit        = 256 << 20            // bytes of the histories of all rooms
	ticketTime          = 12 * time.Hour       // that a ticket is good for
	minSecret           = 16                   // bytes; shorter ones are warned of
	resetPace           = 2 * time.Millisecond // between browsers that are told to fetch their page again
	maxResetAfter       = 30 * time.Second

	publishedFor = 2 * time.Minute // how long Message.ID is remembered
	retryAfter   = "2"             // seconds, with a 503
)

// Options are the settings of a [Hub]. The zero value is ready to use and safe. New copies them. A zero field means its
// default, a negative one switches it off; New panics, with the field's name, on values that cannot work.
type Options struct {
	// Authenticate says who is asking, before the upgrade and after the origin check. An error refuses with 403; its
	// text is only logged. A panic refuses with 500. It may be called concurrently. Default: everybody is anonymous.
	Authenticate func(r *http.Request) (Identity, error)

	// Origins are those that may connect besides the same origin: "https://app.example.com", scheme and host and,
	// unless it is the scheme's own, port. There is no pattern, so that none can match too much. Default: none.
	Origins []string

	// Secrets are the keys that tickets are signed with, the newest first: see [Hub.Ticket]. Tickets of the others are still
	// good, so that a key can be replaced. They should be random, of 32 bytes, and the same on every node and after a restart.
	// An empty one panics. Default: a random one of this process.
	Secrets [][]byte

	// Logger takes what has no caller to return to. It is never given message bodies, cookies or keys.
	// Default: slog.Default().
	Logger *slog.Logger

	// IdleTimeout closes, with 4001, a connection that has sent no request for so long. Pings are no request. Our client
	// comes back when the page is used or shown again. Default: never.
	IdleTimeout time.Duration
	// PingInterval is the time between two pings of a connection. Negative: no pings. Default: 25 s.
	PingInterval time.Duration
	// PongTimeout is how long after a ping was written something must have come from the browser. Negative: it may
	// stay silent for ever. Default: 10 s.
	PongTimeout time.Duration
	// WriteTimeout is how long the network may take for each 16 KiB of what is queued. Default: 5 s.
	WriteTimeout time.Duration
	// HandlerTimeout is when a handler's context ends and its browser is told so. Negative: never. Default: 10 s.
	HandlerTimeout time.Duration
	// ShutdownTimeout is the longest that Shutdown takes. Negative: as long as its context allows. Default: 10 s.
	ShutdownTimeout time.Duration

	// MaxMessage is the largest message from a browser, in bytes. Default: 64 KiB.
	MaxMessage int64
	// QueueBytes is how much may wait for one browser; no single message may take over half of it. Default: 1 MiB.
	QueueBytes int64
	// QueueFrames is how many messages may wait for one browser. Default: 16,384.
	QueueFrames int

	// Inbound bounds what one browser may send; see [Limit]. Of single requests, PerSecond and Burst hold for all of one IP address
	// (IPv6: of one /64); one more is refused with 429.
	Inbound Limit

	// Compression offers permessage-deflate to browsers. Each broadcast over 512 bytes is then compressed once, for all; replies
	// are never compressed, since what an attacker makes a browser send could be echoed beside a secret in them. It saves bytes
	// and costs memory while a browser sends. Default: off.
	Compression bool

	// MaxConnections bounds the connections of this hub; one more is refused with 503. For this bound and the next two, a single
	// request over HTTP is a connection while it is handled. Default: no bound.
	MaxConnections int
	// MaxPerUser bounds the connections of one user of Identity.User; one more is refused with 429. It is asked at the
	// upgrade only, not by Connection.SetUser. Default: no bound.
	MaxPerUser int
	// MaxPerAddr bounds the connections of one IP address (IPv6: of one /64); one more is refused with 429.
	// Default: no bound.
	MaxPerAddr int
	// MaxRooms bounds the rooms that one connection is in. Negative: no bound. Default: 128.
	MaxRooms int

	// TrustedProxies are the neighbours whose X-Forwarded-For, -Proto and -Host are believed. Default: none.
	TrustedProxies []netip.Prefix
}

// Identity is what [Options].Authenticate found out about a request.
type Identity struct {
	User    string            // who it is; "" is anonymous
	Rooms   []string          // joined at the upgrade, before OnConnect
	Tags    map[string]string // set at the upgrade, before OnConnect; copied
	Expires time.Time         // when the connection is closed with 4401, to be authenticated again; zero: never
}

// resolved returns a copy of o with every default filled in. It panics on what cannot work.
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
			panic("wsx: Options.TrustedProxies: an invalid prefix")
		}
	}
	return r
}

func (o *Options) resolveSecrets() {
	if len(o.Secrets) == 0 {
		o.Secrets = [][]byte{[]byte(rand.Text() + rand.Text())}
	}
	for i, secret := range o.Secrets {
		if len(secret) == 0 {
			panic("wsx: Options.Secrets: an empty key")
		}
		if len(secret) < minSecret {
			o.Logger.Warn("wsx: a key in Options.Secrets is short; 32 random bytes are a good one", "bytes", len(secret))
		}
		o.Secrets[i] = slices.Clone(secret)
	}
}

func (o *Options) resolveTimes() {
	requireNonNegative("Options.WriteTimeout", o.WriteTimeout)
	orDefault(&o.PingInterval, defaultPingInterval)
	orDefault(&o.PongTimeout, defaultPongTimeout)
	orDefault(&o.WriteTimeout, defaultWriteTimeout)
	orDefault(&o.HandlerTimeout, defaultHandlerTimeout)
	orDefault(&o.ShutdownTimeout, defaultShutdownTimeout)
}

// resolveSizes fills in the bounds. Those that keep the process alive cannot be switched off.
func (o *Options) resolveSizes() {
	requireNonNegative("Options.MaxMessage", o.MaxMessage)
	requireNonNegative("Options.QueueBytes", o.QueueBytes)
	requireNonNegative("Options.QueueFrames", o.QueueFrames)
	orDefault(&o.MaxMessage, defaultMaxMessage)
	orDefault(&o.QueueBytes, defaultQueueBytes)
	orDefault(&o.QueueFrames, defaultQueueFrames)
	orDefault(&o.MaxRooms, defaultMaxRooms)
}

// orDefault sets a field that is zero to value.
func orDefault[T int | int64 | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// requireNonNil panics with the name of a call and its argument.
func requireNonNil(call, argument string, isNil bool) {
	if isNil {
		panic("wsx: " + call + ": " + argument + " is nil")
	}
}

// requireNonNegative panics, with the name of the field, on a negative value.
func requireNonNegative[T int | int64 | time.Duration](field string, value T) {
	if value < 0 {
		panic("wsx: " + field + ": must not be negative")
	}
}
