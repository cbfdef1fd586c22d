package wsx

import (
	"html/template"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endings collects why connections ended.
type endings struct {
	mu     sync.Mutex
	causes []error
}

func endingsOf(hub *Hub) *endings {
	e := new(endings)
	hub.OnDisconnect(func(_ *Connection, cause error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.causes = append(e.causes, cause)
	})
	return e
}

func (e *endings) all() []error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]error(nil), e.causes...)
}

func TestABrowserThatDoesNotRead(t *testing.T) {
	t.Parallel()
	hub, addr := serveTCP(t, &Options{WriteTimeout: 4 * time.Second})
	causes := endingsOf(hub)
	stalled := dialRaw(t, addr)
	healthy := dialRaw(t, addr)
	html := template.HTML(longText(100 << 10))

	sent := 0
	for hub.Count() == 2 {
		require.NoError(t, hub.Broadcast("#a", html, Append))
		sent++
		for f := healthy.next(); len(f.payload) < len(html); {
			f = healthy.next()
		}
	}
	eventually(t, "the stalled one has ended", func() bool { return len(causes.all()) == 1 })
	assert.ErrorIs(t, causes.all()[0], ErrSlow)
	assert.Equal(t, uint64(1), hub.Stats().Closed["4008"])
	assert.NotZero(t, hub.Stats().Dropped["slow"]+hub.Stats().Dropped["gone"], "what did not leave is counted")
	assert.Greater(t, sent, 10, "the healthy one got everything meanwhile")
	_, err := io.Copy(io.Discard, stalled.r)
	assert.ErrorContains(t, err, "reset", "nothing is left in the kernel")
}

func TestABrowserThatReadsTooSlowlyIsNotified(t *testing.T) {
	hub, client, record := serveRecorded(t, Options{QueueFrames: 10})
	record.mu.Lock() // the network takes nothing
	for hub.Count() == 1 {
		require.NoError(t, hub.Broadcast("#a", "x", Append))
	}
	record.mu.Unlock()
	code, _ := client.closeCode()
	assert.Equal(t, 4008, code)
	assert.Equal(t, uint64(1), hub.Stats().Dropped["slow"])
	assert.Equal(t, uint64(10), hub.Stats().Dropped["gone"])
}

func TestABrowserThatReadsSlowlyButSteadily(t *testing.T) {
	const timeout = 500 * time.Millisecond
	hub, addr := serveTCP(t, &Options{WriteTimeout: timeout, QueueBytes: 64 << 20})
	client := dialRaw(t, addr)
	begin := time.Now()
	require.NoError(t, hub.Broadcast("#a", template.HTML(longText(12<<20)), Append))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	first, err := client.r.Peek(1)
	require.NoError(t, err)
	require.Equal(t, byte(0x81), first[0])
	buf := make([]byte, 16<<10)
	for got := 0; got < 12<<20; { // about 16 KiB a tick, which takes longer than the timeout in all
		<-tick.C
		n, err := client.r.Read(buf)
		require.NoError(t, err)
		got += n
	}
	assert.Greater(t, time.Since(begin), timeout)
	assert.Equal(t, 1, hub.Count(), "the deadline is for progress, not for the whole")
}
