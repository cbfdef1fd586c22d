package acceptance

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// A down is what a test sees of a connection, whatever carries it.
type down interface {
	next() string                      // the next frame
	closed() (code int, reason string) // reads to the end
	flood(frame string, n int)         // sends one many times, whatever comes of it
	send(frames ...string)             // sends frames, and waits until they were taken
	conn(hub *wsx.Hub) *wsx.Connection // the hub's side
	leave()                            // the page goes away, without a word
	said() string                      // the greeting
}

// do sends a request to a site.
func (s *site) do(t testing.TB, method, body string, changes ...func(*http.Request)) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+"/ws", strings.NewReader(body))
	require.NoError(t, err)
	for _, change := range changes {
		change(r)
	}
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{status: resp.StatusCode, header: resp.Header, body: string(text)}
}

var asJSON = header("Content-Type", "application/json")

// A greeting is the first frame of a connection over HTTP.
type greeting struct {
	Type, Conn, Key string
	Ping            int
}

// An httpConn is what both transports over HTTP have in common: the way up.
type httpConn struct {
	t     testing.TB
	site  *site
	with  []func(*http.Request)
	hello string
	greeting
}

func (c *httpConn) greet(frame string) {
	c.t.Helper()
	c.hello = frame
	require.NoError(c.t, json.Unmarshal([]byte(frame), &c.greeting), frame)
	require.Equal(c.t, "hello", c.Type)
	require.Regexp(c.t, `^[A-Z2-7]{26}$`, c.Key)
}

func (c *httpConn) said() string { return c.hello }

// named names the connection in a request.
func (c *httpConn) named() func(*http.Request) { return header("Wsx-Conn", c.Conn+" "+c.Key) }

func (c *httpConn) conn(hub *wsx.Hub) *wsx.Connection {
	c.t.Helper()
	found, ok := hub.GetConnection(c.Conn)
	require.True(c.t, ok)
	return found
}

// post sends a body up.
func (c *httpConn) post(body string, changes ...func(*http.Request)) reply {
	c.t.Helper()
	all := append([]func(*http.Request){asJSON, c.named()}, c.with...)
	return c.site.do(c.t, http.MethodPost, body, append(all, changes...)...)
}

func (c *httpConn) send(frames ...string) {
	c.t.Helper()
	require.Equal(c.t, http.StatusAccepted, c.post("["+strings.Join(frames, ",")+"]").status)
}

func (c *httpConn) flood(frame string, n int) {
	body := "[" + strings.Repeat(frame+",", n-1) + frame + "]"
	r, err := http.NewRequest(http.MethodPost, c.site.URL+"/ws", strings.NewReader(body))
	require.NoError(c.t, err)
	asJSON(r)
	c.named()(r)
	if resp, err := c.site.Client().Do(r); err == nil {
		resp.Body.Close()
	}
}

func closeFrame(t testing.TB, frame string) (code int, reason string) {
	t.Helper()
	var end struct {
		Type, Reason string
		Code         int
	}
	require.NoError(t, json.Unmarshal([]byte(frame), &end), frame)
	require.Equal(t, "close", end.Type, frame)
	return end.Code, end.Reason
}

// An events is a connection over a stream of events.
type events struct {
	httpConn
	resp  *http.Response
	lines *bufio.Scanner
}

// stream opens one.
func (s *site) stream(t testing.TB, changes ...func(*http.Request)) *events {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/ws", nil)
	require.NoError(t, err)
	r.Header.Set("Accept", "text/event-stream")
	for _, change := range changes {
		change(r)
	}
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	require.Equal(t, http.StatusOK, resp.StatusCode)
	e := &events{httpConn: httpConn{t: t, site: s, with: changes}, resp: resp, lines: bufio.NewScanner(resp.Body)}
	e.lines.Buffer(nil, 4<<20)
	e.greet(e.next())
	return e
}

func (e *events) read() (frame string, ok bool) {
	e.t.Helper()
	if !e.lines.Scan() {
		return "", false
	}
	frame, isData := strings.CutPrefix(e.lines.Text(), "data: ")
	require.True(e.t, isData, "%q", e.lines.Text())
	require.True(e.t, e.lines.Scan() && e.lines.Text() == "", "an event ends with an empty line")
	return frame, true
}

func (e *events) next() string {
	e.t.Helper()
	frame, ok := e.read()
	require.True(e.t, ok, "the stream has ended: %v", e.lines.Err())
	return frame
}

func (e *events) closed() (code int, reason string) {
	e.t.Helper()
	var last string
	for frame, ok := e.read(); ok; frame, ok = e.read() {
		last = frame
	}
	require.NoError(e.t, e.lines.Err(), "the stream ends properly")
	return closeFrame(e.t, last)
}

func (e *events) leave() { e.resp.Body.Close() }

// A chain is a connection over long polls.
type chain struct {
	httpConn
	number  string // of the last answer
	waiting []string
}

func (s *site) poll(t testing.TB, changes ...func(*http.Request)) *chain {
	t.Helper()
	p := &chain{httpConn: httpConn{t: t, site: s, with: changes}}
	p.take(s.do(t, http.MethodGet, "", append(changes, header("Accept", "application/json"))...))
	p.greet(p.next())
	return p
}

// again polls, as having read the answers up to number.
func (p *chain) again(number string) reply {
	p.t.Helper()
	changes := append([]func(*http.Request){p.named(), header("Accept", "application/json", "Wsx-Poll", number)}, p.with...)
	return p.site.do(p.t, http.MethodGet, "", changes...)
}

func (p *chain) take(got reply) {
	p.t.Helper()
	require.Equal(p.t, http.StatusOK, got.status)
	p.number = got.header.Get("Wsx-Poll")
	var frames []json.RawMessage
	require.NoError(p.t, json.Unmarshal([]byte(got.body), &frames), got.body)
	for _, f := range frames {
		p.waiting = append(p.waiting, string(f))
	}
}

func (p *chain) next() string {
	p.t.Helper()
	for len(p.waiting) == 0 {
		p.take(p.again(p.number))
	}
	frame := p.waiting[0]
	p.waiting = p.waiting[1:]
	return frame
}

func (p *chain) closed() (code int, reason string) {
	p.t.Helper()
	for begin := time.Now(); ; {
		require.Less(p.t, time.Since(begin), patience, "it is not closed")
		if frame := p.next(); strings.HasPrefix(frame, `{"type":"close"`) {
			require.Empty(p.t, p.waiting, "nothing follows the goodbye")
			return closeFrame(p.t, frame)
		}
	}
}

func (p *chain) leave() {
	assert.Equal(p.t, http.StatusNoContent, p.site.do(p.t, http.MethodDelete, "", append(p.with, p.named())...).status)
}

// A wsDown is a WebSocket that has said hello.
type wsDown struct{ *socket }

func (d wsDown) said() string { return "" }
func (d wsDown) leave()       { d.ws.CloseNow() }
func (d wsDown) flood(frame string, n int) {
	for range n {
		if d.ws.Write(context.Background(), websocket.MessageText, []byte(frame)) != nil {
			return
		}
	}
}

func (d wsDown) closed() (code int, reason string) {
	_, end := d.socket.closed()
	return int(end.Code), end.Reason
}

// connectors open a connection over each transport, with the full dialect.
var connectors = map[string]func(*site, testing.TB, ...func(*http.Request)) down{
	"WebSocket": func(s *site, t testing.TB, changes ...func(*http.Request)) down {
		c, err := dialWith(t, s.URL, &http.Client{Transport: changed{s.Client().Transport, changes}})
		require.NoError(t, err)
		c.send(hello)
		return wsDown{c}
	},
	"events": func(s *site, t testing.TB, changes ...func(*http.Request)) down { return s.stream(t, changes...) },
	"polls":  func(s *site, t testing.TB, changes ...func(*http.Request)) down { return s.poll(t, changes...) },
}

// changed changes requests before they are sent.
type changed struct {
	http.RoundTripper
	changes []func(*http.Request)
}

func (c changed) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, change := range c.changes {
		change(r)
	}
	return c.RoundTripper.RoundTrip(r)
}

// overEach runs a test over every transport.
func overEach(t *testing.T, test func(t *testing.T, connect func(*site, testing.TB, ...func(*http.Request)) down)) {
	t.Parallel()
	for name, connect := range connectors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, connect)
		})
	}
}

// A diary notes what hooks hear, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.lines...)
}
