package wsx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/protocol"
)

func TestWhatABrowserSaidLastIsHandled(t *testing.T) {
	const n = 100
	hub, addr := serveTCP(t, nil)
	var mu sync.Mutex
	saved := 0
	hub.On("save", func(context.Context, *Request) (*Response, error) {
		mu.Lock()
		defer mu.Unlock()
		saved++ // whether or not the context has ended: that depends on which came first
		return nil, nil
	})
	for i := range n {
		ask := masked(0x81, fmt.Appendf(nil, `{"id":"%d","handler":"save"}`, i))
		dialRaw(t, addr, append(ask, masked(0x88, []byte("\x03\xe9"))...)...)
	}
	eventually(t, "all that came before the goodbye are saved", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return saved == n
	})
}

func TestTheEndIsCountedAsItWas(t *testing.T) {
	hub, addr := serveTCP(t, &Options{QueueBytes: 1 << 30, QueueFrames: 1 << 30}) // nobody is too slow here
	causes := endingsOf(hub)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // so that a writer is likely to meet the close frame first
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
	const n = 50
	for range n {
		client := dialRaw(t, addr)
		client.send(0x88, "\x03\xe8")
		client.closeCode()
		client = dialRaw(t, addr)
		client.send(0xc1, "{}") // RSV1 means nothing here
		client.closeCode()
	}
	eventually(t, "all have ended", func() bool { return len(causes.all()) == 2*n })
	close(stop)
	<-stopped
	assert.Equal(t, map[string]uint64{"1000": n, "1002": n}, hub.Stats().Closed)
	byItself := 0
	for _, cause := range causes.all() {
		if cause == nil {
			byItself++
		}
	}
	assert.Equal(t, n, byItself)
}

func TestASlowWhereDelaysNoOtherCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, all := newNullHub(t, 20)
		synctest.Wait()
		release := make(chan struct{})
		asked := 0
		done := make(chan error)
		go func() {
			done <- hub.Broadcast("#a", "x", Append, Where(func(*Connection) bool {
				if asked++; asked == 15 {
					<-release
				}
				return true
			}))
		}()
		synctest.Wait()
		before := hub.Stats().Frames
		for _, c := range all {
			require.NoError(t, c.Send("#b", "y", Append))
		}
		synctest.Wait()
		assert.EqualValues(t, 20, hub.Stats().Frames-before, "each has what was sent to it alone")
		close(release)
		require.NoError(t, <-done)
	})
}

func TestAHandlerThatStopsInTimeIsATimeoutAllTheSame(t *testing.T) {
	hub, addr := serveTCP(t, &Options{HandlerTimeout: time.Millisecond, Inbound: Limit{PerSecond: -1}})
	hub.On("slow", func(ctx context.Context, _ *Request) (*Response, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	var mu sync.Mutex
	var errs []error
	hub.OnError(func(_ *Connection, _ string, err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	})
	client := dialRaw(t, addr)
	client.send(0x81, `{"type":"hello","v":1}`)
	for range 200 {
		client.send(0x81, `{"id":"1","handler":"slow"}`)
		require.Equal(t, `{"type":"error","id":"1","code":"timeout"}`, string(client.next().payload))
	}
	mu.Lock()
	defer mu.Unlock()
	for _, err := range errs {
		assert.ErrorIs(t, err, errTimeout)
	}
}

func TestAShutdownIsNotAnErrorOfHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, all := newNullHub(t, 1)
		hub.OnError(func(_ *Connection, _ string, err error) { t.Errorf("OnError: %v", err) })
		hub.On("work", func(ctx context.Context, r *Request) (*Response, error) {
			<-ctx.Done()
			return r.ReplyTo("#a", "done", Inner), nil
		})
		all[0].receive([]byte(`{"id":"1","handler":"work","target":"#a"}`))
		synctest.Wait()
		require.NoError(t, hub.Shutdown(t.Context()))
	})
}

func TestAReloadIsNotRefusedForASlowHandlerOfThePageBefore(t *testing.T) {
	hub, addr := serveTCP(t, &Options{MaxPerAddr: 1})
	release := make(chan struct{})
	hub.On("slow", func(context.Context, *Request) (*Response, error) { <-release; return nil, nil })
	client := dialRaw(t, addr)
	client.send(0x81, `{"id":"1","handler":"slow"}`)
	client.send(0x88, "\x03\xe9")
	eventually(t, "the old page has gone", func() bool { return hub.Count() == 0 })
	dialRaw(t, addr)
	close(release)
}

func TestALongUserErrorIsCut(t *testing.T) {
	m := errorMessage("1", "#a", protocol.CodeUser, strings.Repeat(`"`, 1<<20))
	assert.Less(t, len(m.frame(encodingFull)), 64<<10)
	assert.Less(t, len(m.frame(encodingPlain)), 64<<10)
}

func TestAPanicWithAUserErrorIsAPanic(t *testing.T) {
	hub, _ := newNullHub(t, 0)
	var failed error
	hub.OnError(func(_ *Connection, _ string, err error) { failed = err })
	code, text := hub.errorCode(&Connection{hub: hub}, "x", safely(func() error { panic(UserErrorf("no")) }))
	assert.Equal(t, protocol.CodeInternal, code)
	assert.Empty(t, text)
	assert.ErrorIs(t, failed, errPanic)
}

func TestAMessageHasToBeFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := New(nil)
		page, _, err := websocket.Dial(t.Context(), "ws://wsx.test", &websocket.DialOptions{HTTPClient: &http.Client{Transport: piped{hub}}})
		require.NoError(t, err)
		page.Read(t.Context())
		causes := endingsOf(hub)
		w, err := page.Writer(t.Context(), websocket.MessageText)
		require.NoError(t, err)
		_, err = w.Write([]byte(longText(5000))) // more than coder/websocket keeps back
		require.NoError(t, err)
		begin := time.Now()
		_, _, err = page.Read(t.Context())
		assert.Equal(t, websocket.StatusPolicyViolation, websocket.CloseStatus(err))
		assert.Equal(t, 10*time.Second, time.Since(begin))
		synctest.Wait()
		assert.True(t, len(causes.all()) == 1 && errors.Is(causes.all()[0], errUnfinished))
		require.NoError(t, hub.Shutdown(t.Context()))
	})
}

func TestAWriterOfTheProgramThatPanics(t *testing.T) {
	hub := New(&Options{MaxConnections: 1})
	for range 3 {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header = http.Header{
			"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
		}
		assert.PanicsWithValue(t, "no", func() { hub.ServeHTTP(panicker{httptest.NewRecorder()}, r) })
		assert.Zero(t, hub.Count())
	}
	require.NoError(t, hub.Shutdown(t.Context()), "nothing is waited for")
}
