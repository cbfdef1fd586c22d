//go:build !race

package wsx

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const sayHi = `{"id":"1","handler":"say","target":"#a"}`

// openSocket opens a WebSocket and has it handle a request.
func openSocket(t *testing.T, s *endingSite) *rawClient {
	c := dialRaw(t, s.addr)
	c.send(0x81, sayHi)
	require.Contains(t, string(c.next().payload), "hi")
	return c
}

// openSilent opens one that may end at once.
func openSilent(t *testing.T, s *endingSite) *rawClient { return dialRaw(t, s.addr) }

// openHandshake asks for one, whatever comes of it.
func openHandshake(t *testing.T, s *endingSite) *rawClient {
	return dialRequest(t, s.addr, handshakeRequest)
}

// answered answers the server's close frame.
func answered(c *rawClient) { c.closeCode() }

// unanswered reads up to it.
func unanswered(c *rawClient) (code int) {
	f := c.next()
	for f.first != 0x88 {
		f = c.next()
	}
	return int(binary.BigEndian.Uint16(f.payload))
}

// sent sends bytes, and answers the close frame that comes of it.
func sent(p []byte) func(*testing.T, *endingRound) {
	return each(func(c *rawClient) {
		_, err := c.Write(p)
		require.NoError(c.t, err)
		answered(c)
	})
}

// cutAfter sends bytes and hangs up.
func cutAfter(p []byte) func(*testing.T, *endingRound) {
	return each(func(c *rawClient) {
		_, err := c.Write(p)
		require.NoError(c.t, err)
		hangUp(c)
	})
}

// fillQueues sends more than there is space for while a writer of each connection is busy.
func fillQueues(t *testing.T, r *endingRound) {
	all := r.hub.GetConnections()
	for _, c := range all {
		eventually(t, "nothing is being written", func() bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.out.writing {
				return false
			}
			c.out.writing = true
			c.tasks.Add(1)
			return true
		})
	}
	for r.hub.Count() > 0 {
		require.NoError(t, r.hub.Broadcast("#a", "x", Append))
	}
	for _, c := range all {
		go c.writeLoopFunc()
	}
	each(answered)(t, r)
}

// neverAnswered closes all, and lets the time pass in which a browser may answer.
func neverAnswered(t *testing.T, r *endingRound) {
	all := r.hub.GetConnections()
	closeAll(r.hub)
	for _, c := range r.clients {
		unanswered(c)
	}
	for _, c := range all {
		require.NoError(t, c.transport.(*wsTransport).wire.SetReadDeadline(time.Now()))
	}
}

// A hijackFailer is a ResponseWriter that fails after the browser has been sent the status of success.
type hijackFailer struct{ http.ResponseWriter }

func (hijackFailer) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, errNotHere }

// A latePanicker is one that fails when it has given the socket away: the nth time that it is asked for its header.
type latePanicker struct {
	http.ResponseWriter
	nth, asked int
	given      bool
}

func (p *latePanicker) Header() http.Header {
	if p.given {
		if p.asked++; p.asked == p.nth {
			panic(errNotHere)
		}
	}
	return p.ResponseWriter.Header()
}

func (p *latePanicker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	p.given = true
	return http.NewResponseController(p.ResponseWriter).Hijack()
}

func failsToHijack(w http.ResponseWriter) http.ResponseWriter  { return hijackFailer{w} }
func panicsInHijack(w http.ResponseWriter) http.ResponseWriter { return panicker{w} }

func panicsLate(nth int) func(http.ResponseWriter) http.ResponseWriter {
	return func(w http.ResponseWriter) http.ResponseWriter {
		return &latePanicker{ResponseWriter: w, nth: nth}
	}
}

func TestNothingStaysOfAWebSocket(t *testing.T) {
	ask := masked(0x81, []byte(sayHi))
	testWays(t, map[string]way{
		"cut":                       {code: 1006, end: each(hangUp)},
		"reset":                     {code: 1006, end: each(resetSocket)},
		"cut in a frame's header":   {code: 1006, end: cutAfter(ask[:3])},
		"cut in a frame":            {code: 1006, end: cutAfter(ask[:20])},
		"cut between two fragments": {code: 1006, end: cutAfter(masked(0x01, []byte(sayHi)))},
		"close frame": {code: 1000, end: each(func(c *rawClient) {
			c.send(0x88, "\x03\xe8")
			unanswered(c)
		})},

		"protocol error": {code: 1002, end: sent(masked(0x83, nil))},
		"protocol error, and the browser hangs up": {code: 1002, end: each(func(c *rawClient) {
			c.send(0x83, "")
			unanswered(c)
			hangUp(c)
		})},
		"not UTF-8":         {code: 1007, end: sent(masked(0x81, []byte("\"\xff\"")))},
		"too many mistakes": {code: 1008, end: sent(bytes.Repeat(masked(0x81, []byte("{")), maxBadFrames))},
		"too long":          {code: 1009, opts: Options{MaxMessage: 100}, end: sent(masked(0x81, make([]byte, 200)))},

		"missed pong": {code: 1006, opts: Options{PingInterval: 64 * time.Millisecond, PongTimeout: 2 * time.Millisecond}, open: openSilent},
		"idle":        {code: 4001, opts: Options{IdleTimeout: time.Millisecond}, open: openSilent, end: each(answered)},
		"expired":     {code: 4401, opts: Options{Authenticate: identityFor(50 * time.Millisecond)}, open: openSilent, end: each(answered)},

		"too slow, a full queue":  {code: 4008, opts: Options{QueueFrames: 10}, end: fillQueues},
		"too slow, a full socket": {code: 4008, opts: Options{WriteTimeout: 50 * time.Millisecond}, end: fillSockets},

		"Close": {code: 4401, end: byHub(closeAll, each(answered))},
		"Close, and the browser hangs up": {code: 4401, end: byHub(closeAll, each(func(c *rawClient) {
			unanswered(c)
			hangUp(c)
		}))},
		"Close, and the browser never answers": {code: 4401, end: neverAnswered},
		"Disconnect":                           {code: 4401, end: byHub(disconnectAll, each(answered))},
		"Shutdown":                             {code: 1012, once: true, end: shuttingDown(each(answered))},

		"OnConnect refuses":                           {code: 4401, setUp: refusing, open: openSilent, end: each(answered)},
		"OnConnect refuses, and the browser hangs up": {code: 4401, setUp: refusing, open: openSilent, end: byHub(untilEnded, each(hangUp))},
		"OnConnect panics":                            {code: 1011, setUp: panicking, open: openSilent, end: each(answered)},

		"bad handshake": {open: func(t *testing.T, s *endingSite) *rawClient {
			return dialRequest(t, s.addr, strings.Replace(handshakeRequest, "dGhl", "", 1))
		}, end: each(hangUp)},
		"Authorize ends the request":  {code: 1006, setUp: exiting, open: openHandshake, end: each(hungUpOn)},
		"no socket":                   {code: 1006, wrap: failsToHijack, open: openHandshake, end: each(hangUp)},
		"a panic instead of a socket": {code: 1006, wrap: panicsInHijack, open: openHandshake, end: each(hungUpOn)},
		"a panic after the hijack":    {code: 1006, wrap: panicsLate(1), open: openHandshake, end: each(hungUpOn)},
		"a panic after the handshake": {code: 1006, wrap: panicsLate(2), open: openHandshake, end: each(hungUpOn)},
	})
}
