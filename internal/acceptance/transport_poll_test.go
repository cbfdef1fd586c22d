package acceptance

import (
	"context"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

func TestPollAnswerIsKeptUntilTheNextPoll(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1}, false)
	p := s.poll(t)
	require.Equal(t, "1", p.number)
	require.NoError(t, s.hub.Broadcast("#a", "one", wsx.Inner))
	first := p.again("1")
	assert.Equal(t, "2", first.header.Get("Wsx-Poll"))
	require.NoError(t, s.hub.Broadcast("#a", "two", wsx.Inner))
	again := p.again("1")
	assert.Equal(t, first.body, again.body, "the answer was lost on its way")
	assert.Equal(t, "2", again.header.Get("Wsx-Poll"))
	next := p.again("2")
	assert.Contains(t, next.body, "two")
	assert.NotContains(t, next.body, "one")
	assert.Equal(t, "3", next.header.Get("Wsx-Poll"))

	for _, number := range []string{"1", "2000", "", "-1", "x"} {
		assert.Equal(t, http.StatusBadRequest, p.again(number).status, "%q", number)
	}
	assert.Equal(t, http.StatusOK, p.again("2").status, "none of this cost anything")
	p.leave()
}

func TestPollHeader(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	got := s.do(t, http.MethodGet, "", header("Accept", "application/json"))
	assert.Equal(t, "application/json", got.header.Get("Content-Type"))
	assert.Equal(t, "no-store", got.header.Get("Cache-Control"))
	p := &chain{httpConn: httpConn{t: t, site: s}}
	p.take(got)
	p.greet(p.next())
	p.leave() // the hub would wait for the next poll
}

// An offline hub is one without a network, for tests with a clock.
type offline struct{ hub *wsx.Hub }

func (b offline) do(t *testing.T, method, body string, changes ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), method, "/ws", strings.NewReader(body))
	for _, change := range changes {
		change(r)
	}
	w := httptest.NewRecorder()
	b.hub.ServeHTTP(timeless{w}, r)
	return w
}

// A timeless writer never needs its deadlines.
type timeless struct{ *httptest.ResponseRecorder }

func (timeless) SetReadDeadline(time.Time) error  { return nil }
func (timeless) SetWriteDeadline(time.Time) error { return nil }

// open begins a connection over long polls.
func (b offline) open(t *testing.T) *httpConn {
	w := b.do(t, http.MethodGet, "", header("Accept", "application/json"))
	require.Equal(t, http.StatusOK, w.Code)
	c := &httpConn{t: t}
	c.greet(strings.TrimSuffix(strings.TrimPrefix(w.Body.String(), "["), "]"))
	return c
}

// poll begins a chain of polls, and returns a function for the next ones.
func (b offline) poll(t *testing.T) (next func(number string) *httptest.ResponseRecorder) {
	c := b.open(t)
	return func(number string) *httptest.ResponseRecorder {
		return b.do(t, http.MethodGet, "", header("Accept", "application/json", "Wsx-Poll", number), c.named())
	}
}

func TestPollWaits25Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1})}
		next := b.poll(t)
		begin := time.Now()
		w := next("1")
		assert.Equal(t, 25*time.Second, time.Since(begin))
		assert.Equal(t, "[]", w.Body.String())
		assert.Equal(t, "2", w.Header().Get("Wsx-Poll"))
		require.NoError(t, b.hub.Disconnect(nil))
		assert.Contains(t, next("2").Body.String(), `"code":4401`)
		synctest.Wait()
		assert.Equal(t, http.StatusNotFound, next("3").Code)
	})
}

func TestPollsThatStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: 20 * time.Second})}
		causes := make(chan error, 1)
		b.hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes <- cause })
		next := b.poll(t)
		time.Sleep(15*time.Second - 1)
		assert.Equal(t, http.StatusOK, next("1").Code, "a ping")
		time.Sleep(15*time.Second - 1)
		synctest.Wait()
		assert.Equal(t, 1, b.hub.Count())
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		assert.Zero(t, b.hub.Count(), "over 15 s without a poll")
		assert.NoError(t, <-causes, "the browser was lost")
		assert.EqualValues(t, 1, b.hub.Stats().Closed["1006"])
		assert.Equal(t, http.StatusNotFound, next("2").Code)
		assert.NoError(t, b.hub.Shutdown(t.Context()))
	})
}

// TestPollsAreNotHeldToPongs polls for longer than any answer to a ping would take.
func TestPollsAreNotHeldToPongs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: 2 * time.Second, PongTimeout: time.Second})}
		next := b.poll(t)
		for number := "1"; b.hub.Stats().Frames < 20; {
			w := next(number)
			require.Equal(t, http.StatusOK, w.Code)
			number = w.Header().Get("Wsx-Poll")
			time.Sleep(5 * time.Second)
		}
		assert.Equal(t, 1, b.hub.Count())
		assert.NoError(t, b.hub.Disconnect(nil))
		time.Sleep(time.Minute)
	})
}

func TestSecondPollTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1})}
		next := b.poll(t)
		first, second := make(chan *httptest.ResponseRecorder), make(chan *httptest.ResponseRecorder)
		go func() { first <- next("1") }()
		synctest.Wait()
		go func() { second <- next("1") }()
		gaveWay := <-first
		assert.Equal(t, "[]", gaveWay.Body.String())
		assert.Equal(t, "1", gaveWay.Header().Get("Wsx-Poll"), "nothing came of it")
		require.NoError(t, b.hub.Broadcast("#a", "hi", wsx.Inner))
		got := <-second
		assert.Contains(t, got.Body.String(), "hi")
		assert.Equal(t, "2", got.Header().Get("Wsx-Poll"))
		go func() { first <- next("2") }()
		synctest.Wait()
		require.NoError(t, b.hub.Shutdown(t.Context()), "a poll that waits hears it at once")
		assert.Contains(t, (<-first).Body.String(), `{"type":"close","code":1012,"reason":""}`)
	})
}

func TestShutdownDoesNotWaitForPollsThatStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1})}
		b.poll(t)
		begin := time.Now()
		require.NoError(t, b.hub.Shutdown(t.Context()))
		assert.Equal(t, 5*time.Second, time.Since(begin))
		assert.EqualValues(t, 1, b.hub.Stats().Closed["1012"])
	})
}

func TestQueueOfPollsIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1, QueueFrames: 8})}
		causes := make(chan error, 1)
		b.hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes <- cause })
		next := b.poll(t)
		for range 20 {
			require.NoError(t, b.hub.Broadcast("#a", "x", wsx.Append))
			synctest.Wait()
		}
		assert.ErrorIs(t, <-causes, wsx.ErrSlow)
		assert.Contains(t, next("1").Body.String(), `"html":"x"`, "what the writer had taken")
		assert.Contains(t, next("2").Body.String(), `"code":4008`)
		synctest.Wait()
	})
}

func TestPollsThatTakeNothing(t *testing.T) {
	inBubble(t, "show nobody who is there", func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1})}
		next := b.poll(t)
		for range 2 {
			time.Sleep(5 * time.Second)
			require.Equal(t, http.StatusBadRequest, next("99").Code)
			require.Equal(t, http.StatusOK, next("0").Code, "the first answer again")
		}
		time.Sleep(5*time.Second + 1)
		synctest.Wait()
		assert.Zero(t, b.hub.Count())
		assert.Equal(t, http.StatusNotFound, next("0").Code)
	})
	inBubble(t, "do not keep a connection that has ended", func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1})}
		c := b.open(t)
		gaveUp, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, b.hub.Disconnect(nil))
		begin := time.Now()
		for status := 0; status != http.StatusNotFound; time.Sleep(time.Second) {
			require.LessOrEqual(t, time.Since(begin), 6*time.Second)
			status = b.do(t, http.MethodGet, "", header("Accept", "application/json", "Wsx-Poll", "1"), c.named(), within(gaveUp)).Code
			b.do(t, http.MethodGet, "", header("Accept", "application/json", "Wsx-Poll", "0"), c.named())
		}
		assert.NoError(t, b.hub.Shutdown(t.Context()))
	})
}

// within has a request end with ctx.
func within(ctx context.Context) func(*http.Request) {
	return func(r *http.Request) { *r = *r.WithContext(ctx) }
}

func TestPollsOfASlowNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1})}
		next := b.poll(t)
		require.NoError(t, b.hub.Broadcast("#a", template.HTML(strings.Repeat("x", 48<<10)), wsx.Append))
		require.Equal(t, http.StatusOK, next("1").Code)
		time.Sleep((15+3*5)*time.Second - 1)
		synctest.Wait()
		assert.Equal(t, 1, b.hub.Count(), "5 s for each 16 KiB")
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		assert.Zero(t, b.hub.Count())
	})
}

func TestFirstPoll(t *testing.T) {
	inBubble(t, "waits for a slow Authorize", func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1, Authenticate: func(*http.Request) (wsx.Identity, error) {
			return wsx.Identity{Rooms: []string{"tea", "cake"}}, nil
		}})}
		b.hub.ConfigureRooms("*", wsx.RoomOptions{Authorize: func(context.Context, wsx.Identity, string) error {
			time.Sleep(10 * time.Second)
			return nil
		}})
		b.open(t)
		require.NoError(t, b.hub.Shutdown(t.Context()))
	})
	inBubble(t, "ends with its request", func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1})}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b.do(t, http.MethodGet, "", header("Accept", "application/json"), within(ctx))
		synctest.Wait()
		assert.Zero(t, b.hub.Count(), "nobody knows its key")
	})
}
