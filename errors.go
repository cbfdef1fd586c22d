package wsx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wsxgo/wsx/internal/protocol"
)

// Errors that a caller decides by. Test for them with [errors.Is], because they are wrapped with
// the failed call and its details.
var (
	// ErrClosed is returned by everything that sends, and by Join and Switch, once [Hub.Shutdown]
	// has closed the connections. It is also the cause of the connections that Shutdown closes.
	ErrClosed = errors.New("wsx: hub is shut down")

	// ErrNotConnected is returned by [Connection.Send], [Connection.Publish], [Connection.Join],
	// [Connection.Switch] and [Hub.SendToConnection] for a connection that has ended or never
	// existed.
	ErrNotConnected = errors.New("wsx: not connected")

	// ErrTarget is returned by everything that sends if a target is empty or begins with "<", or if
	// a message has no fragments. Nothing was sent.
	ErrTarget = protocol.ErrTarget

	// ErrSwap is returned by everything that sends if the style of a swap is unknown, or if a verb
	// of package dom isn't allowed. Nothing was sent.
	ErrSwap = protocol.ErrSwap

	// ErrFilter is returned by everything that sends, and by Disconnect, for an invalid filter: one
	// with a coordinate that is not a number or out of range. A room with history keeps a message
	// together with its filters, so ErrFilter is also returned for a Where, a Local, an Any or a
	// second Room there. Nothing was sent.
	ErrFilter = errors.New("wsx: invalid filter")

	// ErrRoom is returned for the name of a room that is empty, over 255 bytes or not printable: by
	// Join and Switch, and by everything that takes a Room filter. Join and Switch also return it
	// if the connection would be in more rooms than Options.MaxRooms allows.
	ErrRoom = errors.New("wsx: invalid room")

	// ErrTicket is the error of every ticket that is refused, for whatever reason. It is only
	// logged; browsers aren't told the reason.
	ErrTicket = errors.New("wsx: ticket refused")

	// ErrTooLarge is returned by everything that sends if a message would take over half of
	// Options.QueueBytes. Nothing was sent.
	ErrTooLarge = errors.New("wsx: message is too large")

	// ErrQueueFull is returned by [RateLimiter.Broadcast] when its queue is full and its overflow
	// policy is Reject. Nothing was queued.
	ErrQueueFull = errors.New("wsx: queue is full")

	// ErrUnavailable is returned by everything that sends, and by Disconnect, if the [Broker] can't be
	// reached. In a room with history nobody has got the message, unless the broker took it without
	// saying so; retrying with the same Message.ID is safe. Everything else has been sent to the
	// connections of this node.
	ErrUnavailable = errors.New("wsx: broker is unavailable")

	// ErrSlow is the cause of a connection whose browser didn't take the queued messages in time.
	ErrSlow = errors.New("wsx: browser is too slow")

	// ErrRate is the cause of a connection whose browser kept sending more than Options.Inbound
	// allows.
	ErrRate = errors.New("wsx: browser sends too much")

	// ErrIdle is the cause of a connection that sent no request for Options.IdleTimeout.
	ErrIdle = errors.New("wsx: connection is idle")

	// ErrExpired is the cause of a connection whose [Identity] has expired.
	ErrExpired = errors.New("wsx: identity has expired")
)

// Errors for logs and OnDisconnect only. No caller decides by them, so they aren't exported.
var (
	errByProgram  = errors.New("wsx: closed by the program")
	errNoPong     = errors.New("wsx: browser did not answer a ping in time")
	errBadFrames  = errors.New("wsx: too many frames in a row could not be decoded")
	errNotUTF8    = errors.New("wsx: message is not valid UTF-8")
	errUnfinished = errors.New("wsx: browser did not finish a message in time")
	errTooLong    = errors.New("wsx: message is over Options.MaxMessage")
	errProtocol   = errors.New("wsx: browser broke the WebSocket protocol")
	errDenied     = errors.New("wsx: request denied")
	errPanic      = errors.New("wsx: panic")
	errTimeout    = errors.New("wsx: handler ran past Options.HandlerTimeout")
	errBrokerAway = errors.New("wsx: broker can't be followed")
	errNotesFull  = errors.New("wsx: too many notes wait for the broker")
	errNoResponse = errors.New("wsx: handler ended its goroutine")
)

// UserError is an error whose Text is shown to the visitor. No other error's text reaches the
// browser.
//
// It is found with [errors.As], so it may be wrapped; the text of the wrapping error stays in the
// log. Text is plain text, which is escaped wherever it is shown, and cut to 4 KiB.
type UserError struct{ Text string }

// Error returns the text.
func (e *UserError) Error() string { return e.Text }

// UserErrorf returns a [*UserError] with the formatted text, which is shown to the visitor. It
// doesn't support %w, so that the text of an inner error can't reach a browser by mistake.
func UserErrorf(format string, args ...any) error {
	return &UserError{Text: fmt.Sprintf(format, args...)}
}

// userText returns the text for the browser in err. The boolean reports whether there is one.
func userText(err error) (string, bool) {
	if user, ok := errors.AsType[*UserError](err); ok && user != nil {
		return user.Text, true
	}
	return "", false
}

// A callError adds the name of the failed call to an error. Its text begins with "wsx: " only once,
// even if the wrapped error has that prefix, too.
type callError struct {
	call string
	err  error
}

func (e *callError) Error() string {
	return "wsx: " + e.call + ": " + strings.TrimPrefix(e.err.Error(), "wsx: ")
}

func (e *callError) Unwrap() error { return e.err }

// failed returns err as the error of an exported call, or nil.
func failed(call string, err error) error {
	if err == nil {
		return nil
	}
	return &callError{call, err}
}
