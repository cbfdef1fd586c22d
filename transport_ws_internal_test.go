package wsx

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// These tests, and those of internal/wsconn, fail when a new coder/websocket breaks a rule of docs/adr/0001-coder-websocket.md. They
// run over TCP.

// A recorder notes what is written to a net.Conn, and under which deadline.
type recorder struct {
	net.Conn
	mu       sync.Mutex
	deadline time.Time
	writes   []string
	late     int // writes without a deadline that lies ahead
}

func (r *recorder) SetWriteDeadline(d time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deadline = d
	return r.Conn.SetWriteDeadline(d)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	r.writes = append(r.writes, string(p))
	if !time.Now().Before(r.deadline) {
		r.late++
	}
	r.deadline = time.Time{} // each write is to set its own
	r.mu.Unlock()
	return r.Conn.Write(p)
}

type recordingListener struct {
	net.Listener
	conns chan *recorder
}

func (l recordingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	r := &recorder{Conn: conn}
	l.conns <- r
	return r, nil
}

// serveRecorded is serveTCP with a client, and with a recorder of what it is sent. While a test holds the recorder's mu, the network
// takes nothing.
func serveRecorded(t *testing.T, opts Options) (*Hub, *rawClient, *recorder) {
	opts.Logger = slog.New(slog.DiscardHandler)
	hub := New(&opts)
	listener := recordingListener{conns: make(chan *recorder, 1)}
	server := httptest.NewUnstartedServer(hub)
	listener.Listener, server.Listener = server.Listener, &listener
	server.Start()
	t.Cleanup(func() {
		assert.NoError(t, hub.Shutdown(context.Background()))
		server.Close()
	})
	client := dialRaw(t, server.Listener.Addr().String())
	return hub, client, <-listener.conns
}

func TestEachControlFrameIsOneWriteWithADeadline(t *testing.T) {
	hub, client, record := serveRecorded(t, Options{})
	record.mu.Lock()
	handshake := len(record.writes) - 1 // the greeting has a deadline already
	record.writes, record.late = nil, 0
	record.mu.Unlock()
	assert.Equal(t, 1, handshake)

	ping := longText(125)
	client.send(0x89, ping)
	assert.Equal(t, ping, string(client.next().payload))
	require.NoError(t, hub.Broadcast("#a", "x", Inner))
	client.next()
	theConnection(t, hub).Close(UserErrorf("%s", longText(200)))
	code, reason := client.closeCode()
	assert.Equal(t, 4403, code)
	assert.Equal(t, longText(123), reason)

	record.mu.Lock()
	defer record.mu.Unlock()
	require.Len(t, record.writes, 3)
	assert.Equal(t, "\x8a\x7d"+ping, record.writes[0])
	assert.Equal(t, "\x81", record.writes[1][:1])
	assert.Equal(t, "\x88\x7d", record.writes[2][:2])
	assert.Len(t, record.writes[2], 127)
	assert.Zero(t, record.late, "every write has a deadline of its own, so none can run into an old one")
}

func TestFramesStayWholeBetweenPings(t *testing.T) {
	hub, addr := serveTCP(t, &Options{QueueBytes: 64 << 20, Inbound: Limit{PerSecond: -1}})
	client := dialRaw(t, addr)
	const frames, pings = 2000, 500
	var senders sync.WaitGroup
	senders.Go(func() {
		for i := range frames {
			html := template.HTML(fmt.Sprintf("%d:%s", i, longText(i*37%9000)))
			assert.NoError(t, hub.Broadcast("#a", html, Append))
		}
	})
	senders.Go(func() {
		for i := range pings {
			_, err := client.Write(masked(0x89, fmt.Appendf(nil, "ping %d", i)))
			assert.NoError(t, err)
		}
	})
	for next, ponged := 0, 0; next < frames || ponged < pings; {
		switch f := client.next(); f.first {
		case 0x8a:
			require.Equal(t, fmt.Sprintf("ping %d", ponged), string(f.payload))
			ponged++
		case 0x81:
			_, html, _ := strings.Cut(string(f.payload), `"html":"`)
			require.Truef(t, strings.HasPrefix(html, fmt.Sprintf("%d:", next)), "frame %d is %.60s", next, f.payload)
			require.True(t, strings.HasSuffix(html, `","swap":"beforeend"}`))
			next++
		default:
			t.Fatalf("a frame that begins with %#x", f.first)
		}
	}
	senders.Wait()
}

func TestAPongWaitsForTheFrameThatIsHalfWritten(t *testing.T) {
	hub, addr := serveTCP(t, &Options{QueueBytes: 64 << 20})
	client := dialRaw(t, addr)
	big := longText(16 << 20) // more than both sockets hold
	require.NoError(t, hub.Broadcast("#a", template.HTML(big), Inner))
	_, err := client.r.Peek(1) // the frame has begun
	require.NoError(t, err)
	client.send(0x89, "now")
	assert.Len(t, client.next().payload, len(big)+len(`{"id":"b_1_`+hub.node+`","target":"#a","html":"","swap":"innerHTML"}`))
	assert.Equal(t, rawFrame{0x8a, []byte("now")}, client.next())
}

func TestNothingFollowsACloseFrame(t *testing.T) {
	for name, begin := range map[string]func(*rawClient, *Connection){
		"of the browser": func(client *rawClient, _ *Connection) { client.send(0x88, "\x03\xe8") },
		"of the program": func(_ *rawClient, c *Connection) { c.Close(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			hub, addr := serveTCP(t, nil)
			client := dialRaw(t, addr)
			c := theConnection(t, hub)
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for {
					select {
					case <-stop:
						return
					default:
						assert.NoError(t, hub.Broadcast("#a", "more", Append))
					}
				}
			}()
			client.next()
			begin(client, c)
			client.closeCode()
			close(stop)
			<-stopped
		})
	}
}

func TestAnIdleConnectionSurvivesTheGarbageCollector(t *testing.T) {
	hub, addr := serveTCP(t, nil)
	client := dialRaw(t, addr)
	for range 5 {
		runtime.GC() // coder/websocket closes a connection that nothing refers to any more
	}
	client.send(0x89, "still there?")
	assert.Equal(t, "still there?", string(client.next().payload))
	assert.Equal(t, 1, hub.Count())
}

func TestBytesThatCameWithTheHandshakeAreRead(t *testing.T) {
	_, addr := serveTCP(t, nil)
	client := dialRaw(t, addr, masked(0x89, []byte("early"))...)
	got := []string{string(client.next().payload), string(client.next().payload)}
	assert.Contains(t, got, "early")
}

func TestAnAbortLeavesNothingInTheKernel(t *testing.T) {
	hub, addr := serveTCP(t, &Options{QueueBytes: 64 << 20})
	client := dialRaw(t, addr)
	c := theConnection(t, hub)
	require.NoError(t, hub.Broadcast("#a", template.HTML(longText(16<<20)), Inner))
	_, err := client.r.Peek(1)
	require.NoError(t, err)
	c.end(closeReason{cause: errNoPong, code: 1006, mode: closeAbort})
	_, err = io.Copy(io.Discard, client.r)
	assert.ErrorContains(t, err, "reset", "the kernel was told to forget what had not left")
}
