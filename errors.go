package wsx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wsxgo/wsx/internal/protocol"
)

// Errors that a caller decides by. Test for them with [errors.Is]; several are wrapped with what was being done.
var (
	// ErrClosed is returned by sending and by Join once [Hub.Shutdown] has ended the connections, and is the cause that
	// [Hub.OnDisconnect] is given for the connections that Shutdown closes.
	ErrClosed = errors.New("wsx: hub is shut down")

	// ErrNotConnected is returned by [Connection.Send], [Connection.Join] and [Hub.SendToConnection] for a
	// connection that has ended or never was.
	ErrNotConnected = errors.New("wsx: not connected")

	// ErrTarget is returned by everything that sends if a target is empty or begins with "<". Nothing was sent.
	ErrTarget = protocol.ErrTarget

	// ErrSwap is returned by everything that sends if a swap has no known style, or a verb of package dom isn't allowed. Nothing
	// was sent.
	ErrSwap = protocol.ErrSwap

	// ErrFilter is returned by everything that sends when a filter cannot be answered: a coordinate that is no
	// number or out of range, or, beside a room that remembers, a filter that cannot be kept with the message: Where, Local,
	// Any or a further room. Nothing was sent.
	ErrFilter = errors.New("wsx: filter cannot be answered")

	// ErrRoom is returned by Join, and by everything that sends with a Room filter, for a name that is empty, over
	// 255 bytes or not printable; and by Join for one room more than [Options].MaxRooms allows.
	ErrRoom = errors.New("wsx: unusable room")

	// ErrTicket is what a ticket is refused with, whatever is wrong with it. It is only logged: browsers are told no reason.
	ErrTicket = errors.New("wsx: ticket is refused")

	// ErrTooLarge is returned by everything that sends when a message would take over half of Options.QueueBytes.
	// Nothing was sent.
	ErrTooLarge = errors.New("wsx: message is too large")

	// ErrQueueFull is returned by [RateLimiter.Broadcast] when as many wait as may. Nothing was queued.
	ErrQueueFull = errors.New("wsx: queue is full")

	// ErrSlow is the cause of a connection whose browser did not take what was queued for it in time.
	ErrSlow = errors.New("wsx: browser is too slow")

	// ErrRate is the cause of a connection whose browser kept sending more than Options.Inbound allows.
	ErrRate = errors.New("wsx: browser sends too much")

	// ErrIdle is the cause of a connection that sent no request for Options.IdleTimeout.
	ErrIdle = errors.New("wsx: connection is idle")

	// ErrExpired is the cause of a connection whose [Identity] has expired.
	ErrExpired = errors.New("wsx: identity has expired")
)

// Causes that no caller decides by: they are read in logs.
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
	errNoResponse = errors.New("wsx: handler ended its goroutine")
)

// UserError is an error whose Text is meant for the person at the browser: the only kind of error of which anything
// leaves the server. It is found by [errors.As], so it may be wrapped; the wrapper's words stay in the log. The text
// is plain text: it is escaped wherever it is shown.
type UserError struct{ Text string }

// Error returns the text.
func (e *UserError) Error() string { return e.Text }

// UserErrorf returns a [*UserError] with the formatted text. It does not wrap: %w is not understood, so that the words
// of an inner error cannot reach a browser by mistake.
func UserErrorf(format string, args ...any) error {
	return &UserError{Text: fmt.Sprintf(format, args...)}
}

// userText returns the text for the browser in err, if there is one.
func userText(err error) (string, bool) {
	if user, ok := errors.AsType[*UserError](err); ok && user != nil {
		return user.Text, true
	}
	return "", false
}

// A callError says which call failed. Its text begins with the package once, whatever it wraps.
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
