package acceptance

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// claim sends the head of a request, and one byte of a body of a hundred.
func (s *site) claim(t testing.TB, head string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "%sHost: %s\r\nContent-Length: 100\r\n\r\n[", head, s.Listener.Addr())
	require.NoError(t, err)
	return conn
}

// TestNoAnswerWaitsForABody claims bodies that do not come.
func TestNoAnswerWaitsForABody(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	for what, one := range map[string]struct {
		head string
		want int
	}{
		"a wrong key":      {"POST /ws HTTP/1.1\r\nContent-Type: application/json\r\nWsx-Conn: n1 x\r\n", 404},
		"a foreign origin": {"POST /ws HTTP/1.1\r\nContent-Type: application/json\r\nOrigin: https://evil.example\r\n", 403},
		"a text":           {"POST /ws HTTP/1.1\r\nContent-Type: text/plain\r\n", 415},
		"another method":   {"PUT /ws HTTP/1.1\r\n", 426},
		"nothing known":    {"GET /ws HTTP/1.1\r\n", 426},
		"a farewell":       {"DELETE /ws HTTP/1.1\r\n", 400},
		"a preflight":      {"OPTIONS /ws HTTP/1.1\r\n", 400},
		"a poll":           {"GET /ws HTTP/1.1\r\nAccept: application/json\r\n", 400},
		"events":           {"GET /ws HTTP/1.1\r\nAccept: text/event-stream\r\n", 400},
		"a WebSocket":      {"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", 400},
	} {
		begin := time.Now()
		resp, err := http.ReadResponse(bufio.NewReader(s.claim(t, one.head)), nil)
		require.NoError(t, err, what)
		_ = resp.Body.Close()
		assert.Less(t, time.Since(begin), 5*time.Second, what)
		assert.Equal(t, one.want, resp.StatusCode, what)
		assert.True(t, resp.Close, "what follows is no request: %s", what)
	}
	assert.Zero(t, s.hub.Count())
}

func TestTheHubsShutdownCutsUploads(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	c := s.stream(t)
	conn := s.claim(t, "POST /ws HTTP/1.1\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nWsx-Conn: "+c.Conn+" "+c.Key+"\r\n")
	up := bufio.NewReader(conn)
	resp, err := http.ReadResponse(up, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusContinue, resp.StatusCode, "it is being read")
	require.NoError(t, s.hub.Shutdown(t.Context()))
	resp, err = http.ReadResponse(up, nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	assert.NoError(t, s.Config.Shutdown(ctx))
}

// overEachHTTP runs a test with each of the server's own timeouts, over each version of HTTP.
func overEachHTTP(t *testing.T, timeout time.Duration, test func(t *testing.T, configure func(*httptest.Server))) {
	t.Parallel()
	for name, start := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func(s *httptest.Server) {
				s.Config.ReadTimeout, s.Config.WriteTimeout = timeout, timeout
				start(s)
			})
		})
	}
}

func TestPollsOutliveTheServersTimeouts(t *testing.T) {
	overEachHTTP(t, time.Second, func(t *testing.T, configure func(*httptest.Server)) {
		s := serve(t, wsx.Options{PingInterval: 2 * time.Second}, configure)
		p := s.poll(t)
		assert.Contains(t, p.next(), `"type":"ping"`)
		p.leave()
	})
}

func TestUploadsOutliveTheServersTimeouts(t *testing.T) {
	overEachHTTP(t, time.Second, func(t *testing.T, configure func(*httptest.Server)) {
		s := serve(t, wsx.Options{PingInterval: -1, HandlerTimeout: 130 * time.Millisecond}, configure)
		s.hub.On("slow", func(ctx context.Context, _ *wsx.Request) (*wsx.Response, error) {
			<-ctx.Done()
			return nil, nil
		})
		frames := make([]string, 30) // 16 wait, so the POST does for 13 handlers
		for i := range frames {
			frames[i] = `{"id":"1","handler":"slow"}`
		}
		s.stream(t).send(frames...)
	})
}

func TestSingleRequestsOutliveTheServersTimeouts(t *testing.T) {
	overEachHTTP(t, time.Second, func(t *testing.T, configure func(*httptest.Server)) {
		s := serve(t, wsx.Options{HandlerTimeout: 2 * time.Second}, configure)
		s.hub.On("slow", func(ctx context.Context, _ *wsx.Request) (*wsx.Response, error) {
			<-ctx.Done()
			return nil, nil
		})
		assert.Equal(t, `{"type":"error","id":"1","code":"timeout"}`, s.do(t, http.MethodPost, `{"id":"1","handler":"slow"}`, asJSON).body)
	})
}

// TestRefusalsAreNotWrittenForever asks without end and reads nothing.
func TestRefusalsAreNotWrittenForever(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1, MaxConnections: 1, WriteTimeout: 200 * time.Millisecond}, false)
	s.stream(t)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	request := []byte("GET /ws HTTP/1.1\r\nHost: " + s.Listener.Addr().String() + "\r\nAccept: text/event-stream\r\n\r\n")
	for err == nil {
		_ = conn.SetWriteDeadline(time.Now().Add(patience)) // it fails only if there is none
		_, err = conn.Write(request)
	}
	var late net.Error
	assert.False(t, errors.As(err, &late) && late.Timeout(), "the server still waits")
}

func TestThePageOfAFormThatIsLateIsWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{HandlerTimeout: 50 * time.Millisecond}, false)
	free := make(chan struct{})
	s.hub.On("slow", func(context.Context, *wsx.Request) (*wsx.Response, error) { <-free; return nil, nil })
	got := s.do(t, http.MethodPost, "handler=slow", asForm) // returns when the page has ended
	assert.Equal(t, http.StatusInternalServerError, got.status)
	assert.Contains(t, got.body, "Something went wrong")
	close(free)
}
