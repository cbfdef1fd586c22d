//go:build !race

package wsx

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The endings of connections over HTTP, in the manner of TestNothingStaysOfAWebSocket.

// ask returns the answer to a request, over a TCP connection of its own.
func (s *endingSite) ask(t *testing.T, method, body string, header ...string) (status int, text string) {
	c := dialRequest(t, s.addr, fmt.Sprintf("%s /ws HTTP/1.1\r\nHost: wsx.test\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n\r\n%s",
		method, len(body), strings.Join(header, "\r\n"), body))
	defer c.Close()
	return c.answer()
}

// answer reads the answer to a request.
func (c *rawClient) answer() (status int, text string) {
	resp, err := http.ReadResponse(c.r, nil)
	require.NoError(c.t, err)
	all, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(all)
}

// nameIn returns how later requests name the connection that a greeting is for.
func nameIn(t *testing.T, hello string) string {
	var said struct{ Type, Conn, Key string }
	require.NoError(t, json.Unmarshal([]byte(hello), &said), hello)
	require.Equal(t, "hello", said.Type)
	return "Wsx-Conn: " + said.Conn + " " + said.Key
}

// sayHiTo has the connection handle a request.
func (s *endingSite) sayHiTo(t *testing.T, name string) {
	status, _ := s.ask(t, "POST", "["+sayHi+"]", name, "Content-Type: application/json")
	require.Equal(t, http.StatusAccepted, status)
}

const streamRequest = "GET /ws HTTP/1.1\r\nHost: wsx.test\r\nAccept: text/event-stream\r\n\r\n"

// openEvents opens a stream of events, of which nothing may come.
func openEvents(t *testing.T, s *endingSite) *rawClient {
	c := dialRequest(t, s.addr, streamRequest)
	resp, err := http.ReadResponse(c.r, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	c.r = bufio.NewReader(resp.Body)
	return c
}

func openStream(t *testing.T, s *endingSite) *rawClient {
	c := openEvents(t, s)
	hello := c.event()
	s.sayHiTo(t, nameIn(t, hello))
	for !strings.Contains(c.event(), "hi</b>") {
	}
	return c
}

// event returns the next one.
func (c *rawClient) event() string {
	data, err := c.r.ReadString('\n')
	require.NoError(c.t, err)
	_, err = c.r.ReadString('\n')
	require.NoError(c.t, err)
	return strings.TrimPrefix(strings.TrimSpace(data), "data: ")
}

// readToEnd reads a stream to its end.
func readToEnd(c *rawClient) {
	_, err := io.Copy(io.Discard, c.r)
	require.NoError(c.t, err)
}

// overHTTP does something with each connection over HTTP.
func (r *endingRound) overHTTP(do func(l *httpSession)) {
	r.hub.httpSessions.Range(func(_, l any) bool {
		do(l.(*httpSession))
		return true
	})
}

func sayGoodbye(t *testing.T, r *endingRound) {
	r.overHTTP(func(l *httpSession) {
		status, _ := r.ask(t, "DELETE", "", l.named())
		require.Equal(t, http.StatusNoContent, status)
	})
}

func (l *httpSession) named() string { return "Wsx-Conn: " + l.conn.id + " " + l.conn.key }

// A writePanicker is a ResponseWriter that fails in Write.
type writePanicker struct{ http.ResponseWriter }

func (p writePanicker) Write([]byte) (int, error)   { panic(errNotHere) }
func (p writePanicker) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// A headerPanicker is one that fails in WriteHeader.
type headerPanicker struct{ http.ResponseWriter }

func (p headerPanicker) WriteHeader(int)             { panic(errNotHere) }
func (p headerPanicker) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func panicsInWrite(w http.ResponseWriter) http.ResponseWriter  { return writePanicker{w} }
func panicsInHeader(w http.ResponseWriter) http.ResponseWriter { return headerPanicker{w} }

func TestNothingStaysOfAStream(t *testing.T) {
	bare := func(t *testing.T, s *endingSite) *rawClient { return dialRequest(t, s.addr, streamRequest) }
	testWays(t, map[string]way{
		"cut":   {code: 1006, open: openStream, end: each(hangUp)},
		"reset": {code: 1006, open: openStream, end: each(resetSocket)},

		"idle":    {code: 4001, opts: Options{IdleTimeout: time.Millisecond}, open: openEvents, end: each(readToEnd)},
		"expired": {code: 4401, opts: Options{Authenticate: identityFor(50 * time.Millisecond)}, open: openEvents, end: each(readToEnd)},

		"too slow, a full queue":  {code: 4008, open: openStream, end: byHub(overfill, each(readToEnd))},
		"too slow, a full socket": {code: 4008, opts: Options{WriteTimeout: 50 * time.Millisecond}, open: openStream, end: fillSockets},

		"Close":      {code: 4401, open: openStream, end: byHub(closeAll, each(readToEnd))},
		"Disconnect": {code: 4401, open: openStream, end: byHub(disconnectAll, each(readToEnd))},
		"Shutdown":   {code: 1012, once: true, open: openStream, end: shuttingDown(each(readToEnd))},
		"DELETE":     {code: 1000, open: openStream, end: sayGoodbye},

		"OnConnect refuses":                           {code: 4401, setUp: refusing, open: openEvents, end: each(readToEnd)},
		"OnConnect refuses, and the browser hangs up": {code: 4401, setUp: refusing, open: openEvents, end: byHub(untilEnded, each(hangUp))},
		"OnConnect panics":                            {code: 1011, setUp: panicking, open: openEvents, end: each(readToEnd)},

		"Authorize ends the request":   {code: 1006, setUp: exiting, open: bare, end: each(hungUpOn)},
		"a panic in the first event":   {code: 1006, wrap: panicsInWrite, open: bare, end: each(hungUpOn)},
		"a panic in the answer's head": {code: 1006, wrap: panicsInHeader, open: bare, end: each(hungUpOn)},
	})
}

const pollRequest = "GET /ws HTTP/1.1\r\nHost: wsx.test\r\nConnection: close\r\nAccept: application/json\r\n"

// openPolls opens a connection over long polls, of which nothing but the greeting may come.
func openPolls(t *testing.T, s *endingSite) *rawClient {
	c := dialRequest(t, s.addr, pollRequest+"\r\n")
	status, _ := c.answer()
	require.Equal(t, http.StatusOK, status)
	return c
}

func openChain(t *testing.T, s *endingSite) *rawClient {
	c := dialRequest(t, s.addr, pollRequest+"\r\n")
	_, text := c.answer()
	var frames []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &frames), text)
	name := nameIn(t, string(frames[0]))
	s.sayHiTo(t, name)
	for number := 1; !strings.Contains(text, "hi</b>"); number++ {
		_, text = s.ask(t, "GET", "", name, "Accept: application/json", fmt.Sprintf("Wsx-Poll: %d", number))
	}
	return c
}

// follow returns a request for what the connection has to say next.
func (l *httpSession) follow() []string {
	l.polls.mu.Lock()
	defer l.polls.mu.Unlock()
	return []string{l.named(), "Accept: application/json", fmt.Sprintf("Wsx-Poll: %d", l.polls.kept.number)}
}

// pollToEnd polls until the goodbye comes.
func pollToEnd(t *testing.T, r *endingRound) {
	r.overHTTP(func(l *httpSession) {
		for text := ""; !strings.Contains(text, `"type":"close"`); {
			var status int
			status, text = r.ask(t, "GET", "", l.follow()...)
			require.Equal(t, http.StatusOK, status)
		}
	})
}

// pollNoMore lets the time pass in which a poll is expected.
func pollNoMore(t *testing.T, r *endingRound) {
	r.overHTTP(func(l *httpSession) {
		p := l.polls
		eventually(t, "the next poll is expected", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.polls == 0 && (p.conn.ctx.Err() == nil || p.parting)
		})
		p.gap.Reset(0)
	})
}

// cutPolls hangs up while polls wait, and polls no more.
func cutPolls(t *testing.T, r *endingRound) {
	r.overHTTP(func(l *httpSession) {
		c := dialRequest(t, r.addr, "GET /ws HTTP/1.1\r\nHost: wsx.test\r\n"+strings.Join(l.follow(), "\r\n")+"\r\n\r\n")
		eventually(t, "it waits", func() bool {
			l.polls.mu.Lock()
			defer l.polls.mu.Unlock()
			return l.polls.waiting != nil
		})
		c.Close()
	})
	pollNoMore(t, r)
}

func TestNothingStaysOfPolls(t *testing.T) {
	bare := func(t *testing.T, s *endingSite) *rawClient { return dialRequest(t, s.addr, pollRequest+"\r\n") }
	testWays(t, map[string]way{
		"never followed":       {code: 1006, open: openChain, end: pollNoMore},
		"cut while one waits":  {code: 1006, open: openChain, end: cutPolls},
		"idle":                 {code: 4001, opts: Options{IdleTimeout: time.Millisecond}, open: openPolls, end: pollToEnd},
		"expired":              {code: 4401, opts: Options{Authenticate: identityFor(50 * time.Millisecond)}, open: openPolls, end: pollToEnd},
		"too slow":             {code: 4008, open: openChain, end: byHub(overfill, pollToEnd)},
		"too slow, and silent": {code: 4008, open: openChain, end: byHub(overfill, pollNoMore)},

		"Close":                                {code: 4401, open: openChain, end: byHub(closeAll, pollToEnd)},
		"Close, and no poll comes":             {code: 4401, open: openChain, end: byHub(closeAll, pollNoMore)},
		"Disconnect":                           {code: 4401, open: openChain, end: byHub(disconnectAll, pollToEnd)},
		"Shutdown":                             {code: 1012, once: true, open: openChain, end: shuttingDown(pollToEnd)},
		"DELETE":                               {code: 1000, open: openChain, end: sayGoodbye},
		"OnConnect refuses":                    {code: 4401, setUp: refusing, open: openPolls, end: pollToEnd},
		"OnConnect refuses, and no poll comes": {code: 4401, setUp: refusing, open: openPolls, end: byHub(untilEnded, pollNoMore)},
		"OnConnect panics":                     {code: 1011, setUp: panicking, open: openPolls, end: pollToEnd},
		"Authorize ends the request":           {code: 1006, setUp: exiting, open: bare, end: each(hungUpOn)},
		"a panic in the first answer":          {code: 1006, wrap: panicsInWrite, open: bare, end: each(hungUpOn)},
		"a panic in the answer's head":         {code: 1006, wrap: panicsInHeader, open: bare, end: each(hungUpOn)},
	})
}

// What a single request takes has to be given back as well.
func TestNothingStaysOfASingleRequest(t *testing.T) {
	const body = `{"id":"1","handler":"%s","target":"#a"}`
	asking := func(handler string) func(*testing.T, *endingSite) *rawClient {
		return func(t *testing.T, s *endingSite) *rawClient {
			text := fmt.Sprintf(body, handler)
			return dialRequest(t, s.addr, fmt.Sprintf("POST /ws HTTP/1.1\r\nHost: wsx.test\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text), text))
		}
	}
	handlers := func(hub *Hub) {
		hub.On("panic", func(context.Context, *Request) (*Response, error) { panic(errNotHere) })
		hub.On("exit", func(context.Context, *Request) (*Response, error) { runtime.Goexit(); return nil, nil })
		hub.On("wait", func(ctx context.Context, _ *Request) (*Response, error) { <-ctx.Done(); return nil, ctx.Err() })
	}
	unlimited := Limit{PerSecond: -1}
	testWays(t, map[string]way{
		"answered":                   {opts: Options{Inbound: unlimited}, open: asking("say"), end: each(readAnswer)},
		"the browser hangs up":       {opts: Options{Inbound: unlimited}, open: asking("say"), end: each(hangUp)},
		"the handler panics":         {opts: Options{Inbound: unlimited}, setUp: handlers, open: asking("panic"), end: each(readAnswer)},
		"the handler ends":           {opts: Options{Inbound: unlimited}, setUp: handlers, open: asking("exit"), end: each(readAnswer)},
		"the handler takes too long": {opts: Options{Inbound: unlimited, HandlerTimeout: 5 * time.Millisecond}, setUp: handlers, open: asking("wait"), end: each(readAnswer)},
	})
}

func readAnswer(c *rawClient) {
	status, _ := c.answer()
	require.Equal(c.t, http.StatusOK, status)
}
