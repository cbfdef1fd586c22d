package acceptance

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// patience is how long a test waits before it fails.
const patience = 30 * time.Second

// waitUntil returns once a condition holds.
func waitUntil(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), what)
	}
}

// A site is a hub on a real socket.
type site struct {
	*httptest.Server
	hub *wsx.Hub
	log *journal
}

// newSite starts one, over TLS or not. It ends with the test.
func newSite(t testing.TB, opts wsx.Options, tls bool) *site {
	s := &site{log: new(journal)}
	opts.Logger = slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.hub = wsx.New(&opts)
	if tls {
		s.Server = httptest.NewTLSServer(s.hub)
	} else {
		s.Server = httptest.NewServer(s.hub)
	}
	t.Cleanup(func() {
		assert.NoError(t, s.hub.Shutdown(context.Background()))
		s.Close()
	})
	return s
}

// A journal is a log that may be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// A reply is what a site says to a handshake.
type reply struct {
	status int
	header http.Header
	body   string
	conn   io.Reader // what follows a successful one
	leave  func()    // cuts the connection, if there is one
}

// ask sends a correct handshake after it was changed, and returns what comes.
func (s *site) ask(t testing.TB, changes ...func(*http.Request)) reply {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.URL+"/ws", nil)
	require.NoError(t, err)
	r.Header = http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for _, change := range changes {
		change(r)
	}
	resp, err := s.Client().Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	got := reply{status: resp.StatusCode, header: resp.Header, conn: resp.Body, leave: func() { resp.Body.Close() }}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		got.body = string(body)
	}
	return got
}

// header returns a change of a handshake: pairs of a name and a value to add. With an empty value the name is removed.
func header(pairs ...string) func(*http.Request) {
	return func(r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			if name, value := pairs[i], pairs[i+1]; value == "" {
				r.Header.Del(name)
			} else {
				r.Header.Add(name, value)
			}
		}
	}
}

// eventuallyStatus asks until the answer has that status, as it has once something else has ended.
func (s *site) eventuallyStatus(t testing.TB, status int, changes ...func(*http.Request)) {
	t.Helper()
	waitUntil(t, http.StatusText(status), func() bool {
		got := s.ask(t, changes...)
		got.leave()
		return got.status == status
	})
}

// A socket is a WebSocket client that shows frames as they are, and has not said hello.
type socket struct {
	greeting string
	t        testing.TB
	ws       *websocket.Conn
	id       string // of the connection
}

// dial connects to a site.
func (s *site) dial(t testing.TB) *socket {
	t.Helper()
	c, err := dialWith(t, s.URL, nil)
	require.NoError(t, err)
	return c
}

// dialPipe connects to a hub in memory. Nothing is read but what is asked for, so the hub's writer waits from the second
// frame on.
func dialPipe(t testing.TB, hub *wsx.Hub) *socket {
	t.Helper()
	c, err := dialWith(t, "ws://wsx.example/ws", &http.Client{Transport: pipe{hub}})
	require.NoError(t, err)
	return c
}

func dialWith(t testing.TB, url string, client *http.Client) (*socket, error) {
	t.Helper()
	ws, _, err := websocket.Dial(context.Background(), url, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { ws.CloseNow() })
	ws.SetReadLimit(-1)
	s := &socket{t: t, ws: ws}
	s.greeted()
	return s, nil
}

// greeted reads the hub's greeting.
func (s *socket) greeted() {
	s.t.Helper()
	greeting := s.next()
	require.Regexp(s.t, `^\{"type":"hello","v":1,"conn":"[^"]+","ping":\d+,"t":"[^"]+"(,"max":\d+)?\}$`, greeting)
	s.greeting = greeting
	s.id = strings.Split(greeting, `"`)[9]
}

// conn returns the hub's side.
func (s *socket) conn(hub *wsx.Hub) *wsx.Connection {
	s.t.Helper()
	c, ok := hub.GetConnection(s.id)
	require.True(s.t, ok)
	return c
}

func (s *socket) send(frames ...string) {
	s.t.Helper()
	for _, f := range frames {
		require.NoError(s.t, s.ws.Write(context.Background(), websocket.MessageText, []byte(f)))
	}
}

// next returns the next frame.
func (s *socket) next() string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, text, err := s.ws.Read(ctx)
	require.NoError(s.t, err)
	return string(text)
}

// closed reads to the end of the connection and returns the frames before it, and the close frame.
func (s *socket) closed() (frames []string, end websocket.CloseError) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, text, err := s.ws.Read(ctx)
		if err == nil {
			frames = append(frames, string(text))
			continue
		}
		require.True(s.t, errors.As(err, &end), "%v", err)
		return frames, end
	}
}

// pipe upgrades without a network.
type pipe struct{ handler http.Handler }

func (p pipe) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &pipeWriter{ResponseRecorder: httptest.NewRecorder()}
	p.handler.ServeHTTP(w, r)
	resp := w.Result()
	if w.client != nil {
		resp.Body = w.client
	}
	return resp, nil
}

type pipeWriter struct {
	*httptest.ResponseRecorder
	client net.Conn
}

func (w *pipeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	client, server := net.Pipe()
	w.client = client
	return server, bufio.NewReadWriter(bufio.NewReader(server), bufio.NewWriter(server)), nil
}
