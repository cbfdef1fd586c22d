// Package wsxtest lets programs test their wsx handlers and broadcasts without a network or a browser: [Open] connects a
// browser in memory, which asks and receives as a real page would. Everything in it works inside a testing/synctest
// bubble, so that timeouts cost no time.
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

// patience is how long a Browser waits for what it is asked for before it fails the test.
const patience = 15 * time.Second

// Browser is one page that is connected to a hub. Its methods fail the test, with what came instead, when what they wait
// for does not come in 15 seconds; they must be called from the test's goroutine.
type Browser struct {
	tb   testing.TB
	hub  *wsx.Hub
	ws   *websocket.Conn
	conn *wsx.Connection
	asks int

	done chan struct{} // closed when the reader has ended

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when something came
	pushed  []wsx.Fragment
	answers map[string]answer
	hello   string // the id that the hub's greeting names
	end     error  // why the reader ended
}

type answer struct {
	fragments []wsx.Fragment
	code      string
	html      template.HTML
}

// Open connects a browser to hub, through its origin check and Authenticate, with the given request header (a cookie, for
// example; nil is none). It returns when the hub knows the connection; OnConnect may still be running. The test's end closes
// it. A refusal fails the test.
func Open(tb testing.TB, hub *wsx.Hub, header http.Header) *Browser {
	tb.Helper()
	b := open(tb, hub, header, &websocket.DialOptions{})
	b.write(fmt.Sprintf(`{"type":"hello","v":1,"page":%q}`, rand.Text()))
	return b
}

func open(tb testing.TB, hub *wsx.Hub, header http.Header, opts *websocket.DialOptions) *Browser {
	tb.Helper()
	opts.HTTPClient, opts.HTTPHeader = &http.Client{Transport: handshake{hub}}, header
	ws, resp, err := websocket.Dial(context.Background(), "ws://wsxtest.example/ws", opts)
	if err != nil {
		if resp != nil {
			tb.Fatalf("wsxtest: the hub refused the connection: %s", resp.Status)
		}
		tb.Fatalf("wsxtest: connecting: %v", err)
	}
	ws.SetReadLimit(-1)
	b := &Browser{
		tb: tb, hub: hub, ws: ws,
		done: make(chan struct{}), changed: make(chan struct{}), answers: make(map[string]answer),
	}
	go b.read()
	tb.Cleanup(b.Close)
	b.wait("the hub's greeting", func() bool { return b.hello != "" })
	b.conn, _ = hub.GetConnection(b.hello)
	return b
}

// OpenMute connects a browser that has gone silent: it takes what is sent but answers no pings. Only Conn and
// Close of it are of use.
func OpenMute(tb testing.TB, hub *wsx.Hub, header http.Header) *Browser {
	tb.Helper()
	return open(tb, hub, header, &websocket.DialOptions{
		OnPingReceived: func(context.Context, []byte) bool { return false },
	})
}

// Conn returns the hub's side of the connection; nil if the hub closed it at once.
func (b *Browser) Conn() *wsx.Connection { return b.conn }

// Ask sends a request, as an element with wx-send="handler" does, and returns the fragments of the answer; none is an
// acknowledgement. Data is encoded as JSON; nil is {}. An error as answer fails the test; see AskError. What was pushed
// meanwhile waits for Next.
func (b *Browser) Ask(handler string, data any) []wsx.Fragment {
	b.tb.Helper()
	got := b.ask(handler, data)
	if got.code != "" {
		b.tb.Fatalf("wsxtest: asking %q: the answer is an error, code %q, %q", handler, got.code, got.html)
	}
	return got.fragments
}

// AskError sends a request that is to fail, and returns the code of the error and, of a UserError, its escaped text. Any
// other answer fails the test.
func (b *Browser) AskError(handler string, data any) (code string, html template.HTML) {
	b.tb.Helper()
	got := b.ask(handler, data)
	if got.code == "" {
		b.tb.Fatalf("wsxtest: asking %q: the answer is no error but %v", handler, got.fragments)
	}
	return got.code, got.html
}

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
		b.tb.Fatalf("wsxtest: asking %q: %v", handler, err)
	}
	b.write(string(frame))
	b.wait(fmt.Sprintf("the answer of %q", handler), func() (ok bool) {
		got, ok = b.answers[id]
		delete(b.answers, id)
		return ok
	})
	return got
}

// Next returns the next fragment that was pushed: broadcast or sent, not an answer.
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

// Pushed returns and forgets all fragments that were pushed and not yet asked for with Next. It does not wait: inside a
// synctest bubble, call synctest.Wait before.
func (b *Browser) Pushed() []wsx.Fragment {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.pushed
	b.pushed = nil
	return all
}

// Write sends a frame as it is, for tests of what no good browser sends.
func (b *Browser) Write(frame string) {
	b.tb.Helper()
	b.write(frame)
}

// Closed waits until the hub has closed the connection and returns the close code and reason; 1006 if there was none.
func (b *Browser) Closed() (code int, reason string) {
	b.tb.Helper()
	b.wait("the end of the connection", func() bool { return b.end != nil })
	var end websocket.CloseError
	if !errors.As(b.end, &end) {
		return 1006, ""
	}
	return int(end.Code), end.Reason
}

// Close leaves, as a page does that is closed. Twice does nothing.
func (b *Browser) Close() {
	// An error says that the connection has ended already.
	_ = b.ws.Close(websocket.StatusNormalClosure, "")
	<-b.done
}

func (b *Browser) write(frame string) {
	// An error shows in what the caller waits for.
	_ = b.ws.Write(context.Background(), websocket.MessageText, []byte(frame))
}

// wait returns once ready, which is called under the lock, says so.
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
			b.tb.Fatalf("wsxtest: waiting for %s: the connection has ended: %v", what, end)
		}
		select {
		case <-changed:
		case <-timeout.C:
			b.tb.Fatalf("wsxtest: waiting for %s: nothing came in %s", what, patience)
		}
	}
}
