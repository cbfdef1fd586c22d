package wsx

import (
	"crypto/tls"
	"fmt"
	"html/template"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStalledBrowsersDelayNoOthers(t *testing.T) {
	hub, addr := serveTCP(t, &Options{QueueBytes: 64 << 20})
	for range 3*hub.writers.limit + 1 { // more than there are writers
		dialRaw(t, addr)
	}
	require.NoError(t, hub.Broadcast("#a", template.HTML(longText(8<<20)), Append)) // fills every socket
	eventually(t, "all stalled ones have writers of their own", func() bool {
		hub.writers.mu.Lock()
		defer hub.writers.mu.Unlock()
		return hub.writers.working == 0
	})
	healthy := dialRaw(t, addr)
	for i := range 500 {
		require.NoError(t, hub.Broadcast("#a", template.HTML(fmt.Sprint(i)), Append))
		assert.Contains(t, string(healthy.next().payload), fmt.Sprintf(`"html":"%d"`, i))
	}
}

func TestWritersEndWithTheirWork(t *testing.T) {
	hub, all := newNullHub(t, 100)
	for range 50 {
		require.NoError(t, hub.Broadcast("#a", "x", Append))
	}
	eventually(t, "nothing waits and nobody writes", func() bool {
		for _, c := range all {
			if !idle(c) {
				return false
			}
		}
		stacks := make([]byte, 1<<20)
		return !strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "(*writers).work")
	})
	assert.EqualValues(t, 100*51, hub.Stats().Frames)
}

func TestABurstIsFewWrites(t *testing.T) {
	hub, client, record := serveRecorded(t, Options{})
	record.mu.Lock() // the first one keeps the writer busy
	for range 101 {
		require.NoError(t, hub.Broadcast("#a", template.HTML(longText(200)), Append))
	}
	record.mu.Unlock()
	for range 101 {
		client.next()
	}
	client.Close()
	record.mu.Lock()
	defer record.mu.Unlock()
	assert.LessOrEqual(t, len(record.writes), 2+3, "the handshake, the greeting, and the burst in at most three")
}

func TestOverTLS(t *testing.T) {
	hub := New(&Options{QueueBytes: 64 << 20})
	server := httptest.NewTLSServer(hub)
	defer server.Close()
	defer func() { assert.NoError(t, hub.Shutdown(t.Context())) }()
	client := server.Client()
	client.Transport.(interface{ CloseIdleConnections() }).CloseIdleConnections()
	page, resp, err := websocket.Dial(t.Context(), server.URL, &websocket.DialOptions{HTTPClient: client})
	require.NoError(t, err)
	defer page.CloseNow()
	require.Equal(t, 101, resp.StatusCode)
	page.SetReadLimit(-1)
	_, _, err = page.Read(t.Context()) // the greeting: so there is a transport
	require.NoError(t, err)
	require.IsType(t, &tls.Conn{}, theConnection(t, hub).transport.(*wsTransport).wire.Conn)
	for i := range 300 {
		require.NoError(t, hub.Broadcast("#a", template.HTML(fmt.Sprintf("%d:%s", i, longText(i*40))), Append))
	}
	for i := range 300 {
		_, data, err := page.Read(t.Context())
		require.NoError(t, err)
		require.Contains(t, string(data), fmt.Sprintf(`"html":"%d:`, i))
	}
}

func TestTheReadyListDoesNotGrowWithItsWork(t *testing.T) {
	var w writers // without a goroutine: taken from by hand, and never empty
	var c Connection
	w.wake(&c)
	for range 100_000 {
		w.wake(&c)
		require.Equal(t, 1, w.take(make([]*Connection, 1)))
	}
	assert.LessOrEqual(t, cap(w.ready), 16)
	assert.Equal(t, 1, len(w.ready)-w.head)
}

func TestKeyedMessagesToABrowserThatKeepsUp(t *testing.T) {
	hub, addr := serveTCP(t, nil)
	client := dialRaw(t, addr)
	html := template.HTML(longText(40 << 10))
	for i := range 50 {
		require.NoError(t, hub.Broadcast("#log", html, Append))
		for range 5 {
			require.NoError(t, hub.Publish(t.Context(), Message{Key: "k", Fragments: []Fragment{{"#a", html, Inner}}}))
		}
		require.NoError(t, hub.Broadcast("#end", template.HTML(fmt.Sprint(i)), TextContent))
		for !strings.Contains(string(client.next().payload), `"target":"#end"`) {
		}
	}
}
