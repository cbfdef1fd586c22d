// Package wsxtest helps test wsx handlers and broadcasts without a network or a real browser.
// [Open] connects an in-memory browser to a hub, which sends requests and receives fragments like
// a page.
//
// The package works inside a testing/synctest bubble.
package wsxtest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/wsxgo/wsx"
)

// patience is how long a Browser waits before it fails the test. It only ends tests that hang, so
// it is long enough for a slow machine.
const patience = 15 * time.Second

// Browser is a page that is connected to a hub. Its methods fail the test if they wait for more
// than 15 seconds. Call them from the test's goroutine.
type Browser struct {
	// immutable
	tb   testing.TB
	hub  *wsx.Hub
	ws   *websocket.Conn
	conn *wsx.Connection
	done chan struct{} // closed when the reader has ended

	// owned by the test's goroutine
	asks int

	// guarded by mu
	mu      sync.Mutex
	changed chan struct{} // closed and replaced after each frame
	pushed  []wsx.Fragment
	answers map[string]answer
	hello   string // the connection's id, from the hub's hello frame
	end     error  // why the reader ended
}

// An answer is the response to a request: fragments, or the code and text of an error.
type answer struct {
	fragments []wsx.Fragment
	code      string
	html      template.HTML
}

// Open connects a browser to hub with the given request header, for example a cookie. The header
// may be nil. The request passes the hub's origin check and Authenticate; if the hub refuses it,
// the test fails.
//
// Open returns when the hub has registered the connection. OnConnect may still be running. The
// connection closes when the test ends.
func Open(tb testing.TB, hub *wsx.Hub, header http.Header) *Browser {
	tb.Helper()
	b := open(tb, hub, header, &websocket.DialOptions{})
	b.write(fmt.Sprintf(`{"type":"hello","v":1,"page":%q}`, rand.Text()))
	return b
}

// open connects without a hello, so the hub treats the browser as a plain client until it sends
// one.
func open(tb testing.TB, hub *wsx.Hub, header http.Header, opts *websocket.DialOptions) *Browser {
	tb.Helper()
	opts.HTTPClient, opts.HTTPHeader = &http.Client{Transport: handshake{hub}}, header
	ws, resp, err := websocket.Dial(context.Background(), "ws://wsxtest.example/ws", opts)
	if err != nil {
		if resp != nil {
			tb.Fatalf("wsxtest: the hub refused the connection: %s", resp.Status)
		}
		tb.Fatalf("wsxtest: connect: %v", err)
	}
	ws.SetReadLimit(-1)
	b := &Browser{
		tb: tb, hub: hub, ws: ws,
		done: make(chan struct{}), changed: make(chan struct{}), answers: make(map[string]answer),
	}
	go b.read()
	tb.Cleanup(b.Close)
	b.wait("the hello frame", func() bool { return b.hello != "" })
	b.conn, _ = hub.GetConnection(b.hello)
	return b
}

// OpenMute connects an unresponsive browser: it receives frames, but doesn't answer pings. Use only
// its Conn and Close methods.
func OpenMute(tb testing.TB, hub *wsx.Hub, header http.Header) *Browser {
	tb.Helper()
	return open(tb, hub, header, &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool { return false },
	})
}

// Conn returns the hub's side of the connection, or nil if the hub closed it at once.
func (b *Browser) Conn() *wsx.Connection { return b.conn }

// Ask sends a request like an element with wx-send="handler", and returns the fragments of the
// response. A response without fragments is an acknowledgment. Ask encodes data as JSON; nil means
// {}. If the response is an error, the test fails; see AskError.
//
// Fragments that the hub pushes meanwhile are left for Next and Pushed.
func (b *Browser) Ask(handler string, data any) []wsx.Fragment {
	b.tb.Helper()
	got := b.ask(handler, data)
	if got.code != "" {
		b.tb.Fatalf("wsxtest: ask %q: the response is an error, code %q, %q", handler, got.code, got.html)
	}
	return got.fragments
}

// AskError sends a request that is expected to fail. It returns the error's code and, for a
// UserError, its escaped text. Any other response fails the test.
func (b *Browser) AskError(handler string, data any) (code string, html template.HTML) {
	b.tb.Helper()
	got := b.ask(handler, data)
	if got.code == "" {
		b.tb.Fatalf("wsxtest: ask %q: the response is not an error: %v", handler, got.fragments)
	}
	return got.code, got.html
}

// ask sends a request and waits for its answer.
func (b *Browser) ask(handler string, data any) (got answer) {
	b.tb.Helper()
	b.asks++
	id := "wsxtest-" + strconv.Itoa(b.asks)
	if data == nil {
		data = struct{}{}
	}
	frame, err := json.Marshal(map[string]any{
		"id": id, "handler": handler, "target": "body", "trigger": "click", "data": data, "swap": wsx.Inner,
	})
	if err != nil {
		b.tb.Fatalf("wsxtest: ask %q: %v", handler, err)
	}
	b.write(string(frame))
	b.wait(fmt.Sprintf("the response of %q", handler), func() (ok bool) {
		got, ok = b.answers[id]
		delete(b.answers, id)
		return ok
	})
	return got
}

// Next waits for the next pushed fragment and returns it. Pushed fragments are those of broadcasts
// and sends, not of responses.
func (b *Browser) Next() (f wsx.Fragment) {
	b.tb.Helper()
	b.wait("a fragment", func() bool {
		if len(b.pushed) == 0 {
			return false
		}
		f, b.pushed = b.pushed[0], b.pushed[1:]
		return true
	})
	return f
}

// Pushed returns all pushed fragments that Next hasn't returned, and removes them. It doesn't wait:
// inside a synctest bubble, call synctest.Wait first.
func (b *Browser) Pushed() []wsx.Fragment {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.pushed
	b.pushed = nil
	return all
}

// Write sends a raw frame, to test frames that a real browser doesn't send.
func (b *Browser) Write(frame string) {
	b.tb.Helper()
	b.write(frame)
}

// Closed waits until the hub has closed the connection, and returns the close code and reason.
// Without a close frame the code is 1006.
func (b *Browser) Closed() (code int, reason string) {
	b.tb.Helper()
	b.wait("the end of the connection", func() bool { return b.end != nil })
	var end websocket.CloseError
	if !errors.As(b.end, &end) {
		return 1006, ""
	}
	return int(end.Code), end.Reason
}

// Close closes the connection like a page that is closed. A second call does nothing.
func (b *Browser) Close() {
	// It fails only if the connection has ended already.
	_ = b.ws.Close(websocket.StatusNormalClosure, "")
	<-b.done
}

// write sends a frame. It can't fail the test on an error, because the hub may close the connection
// at any time.
func (b *Browser) write(frame string) {
	// What the caller waits for then reports the end of the connection.
	_ = b.ws.Write(context.Background(), websocket.MessageText, []byte(frame))
}

// wait returns once ready returns true. It calls ready with mu held, and unlocks mu before it waits
// or fails the test.
func (b *Browser) wait(what string, ready func() bool) {
	b.tb.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		b.mu.Lock()
		ok, end, changed := ready(), b.end, b.changed
		b.mu.Unlock()
		if ok {
			return
		}
		if end != nil {
			b.tb.Fatalf("wsxtest: wait for %s: the connection has ended: %v", what, end)
		}
		select {
		case <-changed:
		case <-timeout.C:
			b.tb.Fatalf("wsxtest: wait for %s: timeout after %s", what, patience)
		}
	}
}
