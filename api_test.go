package wsx_test

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/dom"
	"github.com/wsxgo/wsx/wsxtest"
)

// Programs compile against these names and types: a line of this file that no longer compiles breaks them.

// The hub.
var (
	_ func(*wsx.Options) *wsx.Hub                                                         = wsx.New
	_ http.Handler                                                                        = (*wsx.Hub)(nil)
	_ func(*wsx.Hub, http.ResponseWriter, *http.Request)                                  = (*wsx.Hub).ServeHTTP
	_ func(*wsx.Hub, context.Context) error                                               = (*wsx.Hub).Shutdown
	_ func(*wsx.Hub, string, wsx.Handler)                                                 = (*wsx.Hub).On
	_ func(*wsx.Hub, ...func(wsx.Handler) wsx.Handler)                                    = (*wsx.Hub).Use
	_ func(*wsx.Hub, func(context.Context, *wsx.Connection) error)                        = (*wsx.Hub).OnConnect
	_ func(*wsx.Hub, func(*wsx.Connection, error))                                        = (*wsx.Hub).OnDisconnect
	_ func(*wsx.Hub, func(*wsx.Connection, string, error))                                = (*wsx.Hub).OnError
	_ func(*wsx.Hub, string, template.HTML, wsx.Swap, ...wsx.Filter) error                = (*wsx.Hub).Broadcast
	_ func(h *wsx.Hub, id, target string, html template.HTML, swap wsx.Swap) error        = (*wsx.Hub).SendToConnection
	_ func(*wsx.Hub, context.Context, wsx.Message, ...wsx.Filter) error                   = (*wsx.Hub).Publish
	_ func(*wsx.Hub, ...wsx.Filter) []*wsx.Connection                                     = (*wsx.Hub).GetConnections
	_ func(*wsx.Hub, string) (*wsx.Connection, bool)                                      = (*wsx.Hub).GetConnection
	_ func(*wsx.Hub, ...wsx.Filter) iter.Seq[*wsx.Connection]                             = (*wsx.Hub).Connections
	_ func(*wsx.Hub, ...wsx.Filter) int                                                   = (*wsx.Hub).Count
	_ func(*wsx.Hub, error, ...wsx.Filter) error                                          = (*wsx.Hub).Disconnect
	_ func(*wsx.Hub) wsx.Stats                                                            = (*wsx.Hub).Stats
	_ func(*wsx.Hub, *wsx.Batch) error                                                    = (*wsx.Hub).Flush
	_ func(*wsx.Hub, string, wsx.RoomOptions)                                             = (*wsx.Hub).ConfigureRooms
	_ func(h *wsx.Hub, ctx context.Context, user string, rooms ...string) (string, error) = (*wsx.Hub).Ticket
	_ func(*wsx.Hub, context.Context, string) ([]wsx.Member, error)                       = (*wsx.Hub).Presence
	_ func() http.Handler                                                                 = wsx.Script
)

// Handlers. A Handler is a function type, so that a func literal is one.
var (
	_ wsx.Handler = func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil }

	_ func(func(context.Context, *wsx.Request, struct{ A int }) (*wsx.Response, error)) wsx.Handler = wsx.Typed[struct{ A int }]

	_ func(*wsx.Request, any) error                                      = (*wsx.Request).Bind
	_ func(*wsx.Request, template.HTML) *wsx.Response                    = (*wsx.Request).Reply
	_ func(*wsx.Request, string, template.HTML, wsx.Swap) *wsx.Response  = (*wsx.Request).ReplyTo
	_ func(*wsx.Response, string, template.HTML, wsx.Swap) *wsx.Response = (*wsx.Response).And
	_ func(*wsx.Response, ...wsx.Fragment) *wsx.Response                 = (*wsx.Response).With
	_ func(string, ...any) error                                         = wsx.UserErrorf
	_ error                                                              = &wsx.UserError{Text: ""}
	_                                                                    = wsx.Request{ID: "", Handler: "", Trigger: "", Target: "", Swap: wsx.Swap(""), Data: json.RawMessage{}, Conn: (*wsx.Connection)(nil)}
	_                                                                    = wsx.Response{Fragments: []wsx.Fragment{{Target: "", HTML: template.HTML(""), Swap: wsx.Swap("")}}}
	_                                                                    = wsx.Response{[]wsx.Fragment{{"", template.HTML(""), wsx.Swap("")}}}
	_                                                                    = wsx.Message{ID: "", Fragments: []wsx.Fragment{}, Key: "", Volatile: false}
	_                                                                    = wsx.Stats{
		Connections: int(0), Users: int(0), Rooms: int(0), Frames: uint64(0), Bytes: uint64(0),
		Dropped: map[string]uint64{}, Closed: map[string]uint64{},
	}
)

// Filters.
var (
	_ func(...string) wsx.Filter                  = wsx.Room
	_ func(...string) wsx.Filter                  = wsx.User
	_ func(...*wsx.Connection) wsx.Filter         = wsx.Except
	_ func(string, ...string) wsx.Filter          = wsx.Tag
	_ func(lat, lng, km float64) wsx.Filter       = wsx.Near
	_ func(...wsx.Filter) wsx.Filter              = wsx.Any
	_ func(wsx.Filter) wsx.Filter                 = wsx.Not
	_ func(func(*wsx.Connection) bool) wsx.Filter = wsx.Where
	_ func() wsx.Filter                           = wsx.Local
	_                                             = wsx.Filter{}
)

// The connection.
var (
	_ func(*wsx.Connection) string                                        = (*wsx.Connection).ID
	_ func(*wsx.Connection) string                                        = (*wsx.Connection).User
	_ func(*wsx.Connection) context.Context                               = (*wsx.Connection).Context
	_ func(*wsx.Connection) string                                        = (*wsx.Connection).RemoteAddr
	_ func(*wsx.Connection, string, template.HTML, wsx.Swap) error        = (*wsx.Connection).Send
	_ func(*wsx.Connection, wsx.Message) error                            = (*wsx.Connection).Publish
	_ func(*wsx.Connection, context.Context, string) error                = (*wsx.Connection).Join
	_ func(c *wsx.Connection, ctx context.Context, from, to string) error = (*wsx.Connection).Switch
	_ func(c *wsx.Connection) (lat, lng float64, ok bool)                 = (*wsx.Connection).Location
	_ func(*wsx.Connection, string)                                       = (*wsx.Connection).Leave
	_ func(*wsx.Connection) []string                                      = (*wsx.Connection).Rooms
	_ func(*wsx.Connection, string)                                       = (*wsx.Connection).SetUser
	_ func(c *wsx.Connection, key, value string)                          = (*wsx.Connection).SetTag
	_ func(*wsx.Connection, string) string                                = (*wsx.Connection).Tag
	_ func(c *wsx.Connection, lat, lng float64)                           = (*wsx.Connection).SetLocation
	_ func(*wsx.Connection) time.Time                                     = (*wsx.Connection).ConnectedAt
	_ func(*wsx.Connection) time.Time                                     = (*wsx.Connection).LastActivity
	_ func(*wsx.Connection, error)                                        = (*wsx.Connection).Close
	_ func(string) *wsx.Key[int]                                          = wsx.NewKey[int]
	_ func(*wsx.Key[int], *wsx.Connection, int)                           = (*wsx.Key[int]).Set
	_ func(*wsx.Key[int], *wsx.Connection) (int, bool)                    = (*wsx.Key[int]).Get
)

// Batches, rates and presence.
var (
	_ func(*wsx.Batch, string, template.HTML, wsx.Swap, ...wsx.Filter) = (*wsx.Batch).Add
	_ func(*wsx.Batch, wsx.Message, ...wsx.Filter)                     = (*wsx.Batch).AddMessage
	_ wsx.Broadcaster                                                  = (*wsx.Hub)(nil)
	_ wsx.Broadcaster                                                  = (*wsx.Batcher)(nil)
	_ wsx.Broadcaster                                                  = (*wsx.RateLimiter)(nil)
	_ wsx.Broadcaster                                                  = (interface {
		Broadcast(target string, html template.HTML, swap wsx.Swap, to ...wsx.Filter) error
	})(nil)
	_ func(*wsx.Hub, wsx.BatcherOptions) *wsx.Batcher                = wsx.NewBatcher
	_ func(*wsx.Batcher) error                                       = (*wsx.Batcher).Flush
	_ func(*wsx.Batcher, context.Context) error                      = (*wsx.Batcher).Close
	_ func(wsx.Broadcaster, wsx.RateLimiterOptions) *wsx.RateLimiter = wsx.NewRateLimiter
	_ func(*wsx.RateLimiter) int                                     = (*wsx.RateLimiter).Len
	_ func(*wsx.RateLimiter) wsx.RateLimiterStats                    = (*wsx.RateLimiter).Stats
	_ func(*wsx.RateLimiter, context.Context) error                  = (*wsx.RateLimiter).Close
	_                                                                = wsx.BatcherOptions{Window: time.Duration(0), MaxFragments: int(0)}
	_                                                                = wsx.RateLimiterOptions{PerSecond: float64(0), Burst: int(0), Queue: int(0), Overflow: wsx.Overflow(0)}
	_                                                                = wsx.RateLimiterStats{Sent: uint64(0), Conflated: uint64(0), Dropped: uint64(0), Refused: uint64(0)}
	_                                                                = wsx.RoomOptions{
		History: int(0), HistoryBytes: int(0), TTL: time.Duration(0), Presence: false,
		OnPresence: func(context.Context, string, wsx.PresenceDiff) []wsx.Fragment { return nil },
		Authorize:  func(context.Context, wsx.Identity, string) error { return nil },
	}
	_ = wsx.Member{User: "", Connections: int(0), Since: time.Time{}}
	_ = wsx.PresenceDiff{Joined: []wsx.Member{}, Left: []wsx.Member{}, Members: []wsx.Member{}}
)

// Verbs.
var (
	_ func(target, text string) wsx.Fragment              = dom.SetText
	_ func(target string) wsx.Fragment                    = dom.Remove
	_ func(target, value string) wsx.Fragment             = dom.SetValue
	_ func(target, name, value string) wsx.Fragment       = dom.SetAttr
	_ func(target, name string) wsx.Fragment              = dom.RemoveAttr
	_ func(target string, names ...string) wsx.Fragment   = dom.AddClass
	_ func(target string, names ...string) wsx.Fragment   = dom.RemoveClass
	_ func(target string, names ...string) wsx.Fragment   = dom.ToggleClass
	_ func(target string) wsx.Fragment                    = dom.Focus
	_ func(target string) wsx.Fragment                    = dom.ScrollTo
	_ func(target, event string, detail any) wsx.Fragment = dom.Dispatch
	_ func(title string) wsx.Fragment                     = dom.SetTitle
	_ func(url string) wsx.Fragment                       = dom.PushURL
	_ func(url string) wsx.Fragment                       = dom.ReplaceURL
	_ func(url string) wsx.Fragment                       = dom.Navigate
	_ func() wsx.Fragment                                 = dom.Reload
	_ func(text string) wsx.Fragment                      = dom.Announce
)

// Rendering.
var (
	_ func(string) template.HTML                                   = wsx.Text
	_ func(*template.Template, string, any) (template.HTML, error) = wsx.Execute
	_ func(context.Context, wsx.Component) (template.HTML, error)  = wsx.Render
	_ wsx.Component                                                = (interface {
		Render(ctx context.Context, w io.Writer) error
	})(nil)
	_ func(string) string = wsx.ID
	_ template.HTML       = wsx.HTMLf("%s", "an untyped constant is a format")
)

// Options.
var (
	_ = wsx.Options{
		Authenticate: func(*http.Request) (wsx.Identity, error) { return wsx.Identity{}, nil },
		Origins:      []string{}, Secrets: [][]byte{}, Logger: (*slog.Logger)(nil), IdleTimeout: time.Duration(0),
		PingInterval: time.Duration(0), PongTimeout: time.Duration(0), WriteTimeout: time.Duration(0),
		HandlerTimeout: time.Duration(0), ShutdownTimeout: time.Duration(0),
		MaxMessage: int64(0), QueueBytes: int64(0), QueueFrames: int(0), Inbound: wsx.Limit{},
		MaxConnections: int(0), MaxPerUser: int(0), MaxPerAddr: int(0), MaxRooms: int(0),
		TrustedProxies: []netip.Prefix{}, Compression: false,
	}
	_ = wsx.Identity{User: "", Rooms: []string{}, Tags: map[string]string{}, Expires: time.Time{}}
	_ = wsx.Limit{PerSecond: float64(0), Burst: int(0), BytesPerSecond: int64(0)}
)

// For users' tests.
var (
	_ func(testing.TB, *wsx.Hub, http.Header) *wsxtest.Browser = wsxtest.Open
	_ func(*wsxtest.Browser, string, any) []wsx.Fragment       = (*wsxtest.Browser).Ask
	_ func(*wsxtest.Browser) wsx.Fragment                      = (*wsxtest.Browser).Next
	_ func(*wsxtest.Browser) *wsx.Connection                   = (*wsxtest.Browser).Conn
)

// The words of swaps are on the wire and in pages, and constants, so that they may be added to.
const (
	_ wsx.Swap = wsx.Append + " scroll:bottom"

	_ wsx.Overflow = wsx.Reject
	_ wsx.Overflow = wsx.DropOldest
	_ wsx.Overflow = wsx.Conflate
)

func TestSwapWords(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []wsx.Swap{
		"innerHTML", "outerHTML", "outerMorph", "innerMorph", "textContent", "beforebegin", "afterbegin", "beforeend", "afterend", "delete", "none",
	}, []wsx.Swap{
		wsx.Inner, wsx.Outer, wsx.Morph, wsx.MorphInner, wsx.TextContent, wsx.Before, wsx.Prepend, wsx.Append, wsx.After, wsx.Delete, wsx.None,
	})
	assert.Zero(t, wsx.Reject, "the default")
}

func TestErrorsAreDifferent(t *testing.T) {
	t.Parallel()
	all := []error{
		wsx.ErrClosed, wsx.ErrNotConnected, wsx.ErrTarget, wsx.ErrSwap, wsx.ErrFilter, wsx.ErrRoom, wsx.ErrTooLarge,
		wsx.ErrQueueFull, wsx.ErrSlow, wsx.ErrRate, wsx.ErrIdle, wsx.ErrExpired, wsx.ErrTicket,
	}
	for i, a := range all {
		for j, b := range all {
			assert.Equal(t, i == j, errors.Is(a, b), "%v, %v", a, b)
		}
		assert.Regexp(t, `^wsx: [a-z]`, a.Error())
	}
}
