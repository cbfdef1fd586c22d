package acceptance

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

func TestUploadIsTakenOrRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1, Authenticate: asUser}, false)
	s.hub.On("echo", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) { return nil, nil })
	c := s.stream(t, as("alice"))
	request := func(id string) string { return fmt.Sprintf(`{"id":%q,"handler":"echo"}`, id) }
	for what, one := range map[string]struct {
		body   string
		change func(*http.Request)
		want   int
	}{
		"no array":               {body: request("no"), want: 400},
		"nothing":                {body: ``, want: 400},
		"an end that is none":    {body: `[` + request("no"), want: 400},
		"something behind it":    {body: `[` + request("no") + `]x`, want: 400},
		"another media type":     {body: `[]`, change: header("Content-Type", "", "Content-Type", "text/plain"), want: 415},
		"too much":               {body: `[` + strings.Repeat(" ", 256<<10) + `]`, want: 413},
		"a wrong key":            {body: `[]`, change: header("Wsx-Conn", "", "Wsx-Conn", c.Conn+" "+strings.ToLower(c.Key)), want: 404},
		"no key":                 {body: `[]`, change: header("Wsx-Conn", "", "Wsx-Conn", c.Conn), want: 404},
		"no such connection":     {body: `[]`, change: header("Wsx-Conn", "", "Wsx-Conn", "n1-none "+c.Key), want: 404},
		"another user":           {body: `[` + request("no") + `]`, change: header("User", "", "User", "mallory"), want: 403},
		"nobody":                 {body: `[` + request("no") + `]`, change: header("User", ""), want: 403},
		"a foreign origin":       {body: `[` + request("no") + `]`, change: header("Origin", "https://evil.example"), want: 403},
		"nothing in it":          {body: `[]`, want: 202},
		"parameters of the type": {body: ` [ ] `, change: header("Content-Type", "", "Content-Type", "application/json; charset=utf-8"), want: 202},
	} {
		if one.change == nil {
			one.change = header()
		}
		got := c.post(one.body, one.change)
		assert.Equal(t, one.want, got.status, what)
		if one.want == 202 {
			assert.Empty(t, got.body, what)
		}
	}
	c.send(request("yes"))
	assert.Equal(t, `{"type":"ack","id":"yes"}`, c.next(), "nothing of what was refused was handled")
}

func TestUploadKeepsTheOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1, Inbound: wsx.Limit{PerSecond: -1}}, false)
	s.hub.On("echo", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
	c := s.stream(t)
	var frames []string
	for i := range 50 { // more than wait at a time
		frames = append(frames, fmt.Sprintf(`{"id":"%d","handler":"echo"}`, i))
	}
	c.send(frames...)
	for i := range frames {
		assert.Equal(t, fmt.Sprintf(`{"type":"ack","id":"%d"}`, i), c.next())
	}
}

func TestUploadOfABadFrameCostsThatFrame(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1}, false)
	s.hub.On("echo", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
	c := s.stream(t)
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	c.send(`{"id":"1","handler":"echo","data":`+deep+`}`, `[]`, `{"id":"2","handler":"echo"}`)
	assert.Equal(t, `{"type":"error","id":"1","code":"bad_request"}`, c.next())
	assert.Equal(t, `{"type":"error","id":"","code":"bad_request"}`, c.next())
	assert.Equal(t, `{"type":"ack","id":"2"}`, c.next())
}

func TestUploadOfAFrameThatIsTooLarge(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{MaxMessage: 100}, false)
	c := s.stream(t)
	got := c.post(`[{"id":"1","handler":"echo","data":"` + strings.Repeat("x", 100) + `"}]`)
	assert.Equal(t, http.StatusRequestEntityTooLarge, got.status)
	code, _ := c.closed()
	assert.Equal(t, 1009, code)
}

func TestUploadThatIsNotText(t *testing.T) {
	t.Parallel()
	c := newSite(t, wsx.Options{}, false).stream(t)
	c.send("{\"id\":\"\xff\"}")
	code, _ := c.closed()
	assert.Equal(t, 1007, code)
}

func TestUploadAfterTheProgramLoggedTheUserIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{Authenticate: asUser}, false)
	c := s.stream(t)
	c.conn(s.hub).SetUser("alice")
	assert.Equal(t, http.StatusAccepted, c.post(`[]`).status, "as it was opened")
	assert.Equal(t, http.StatusAccepted, c.post(`[]`, as("alice")).status, "with the cookie of now")
	assert.Equal(t, http.StatusForbidden, c.post(`[]`, as("bob")).status)
}

// TestUploadsTakeTurns has one wait for the other, until its browser gives up.
func TestUploadsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1, HandlerTimeout: -1, Inbound: wsx.Limit{PerSecond: -1}})}
		free := make(chan struct{})
		var handled diary
		b.hub.On("hold", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			<-free
			handled.note("%s", r.ID)
			return nil, nil
		})
		c := b.open(t)
		post := func(id string, n int, changes ...func(*http.Request)) <-chan int {
			status := make(chan int, 1)
			go func() {
				frames := strings.Repeat(fmt.Sprintf(`{"id":%q,"handler":"hold"},`, id), n)
				status <- b.do(t, http.MethodPost, "["+frames[:len(frames)-1]+"]", append(changes, asJSON, c.named())...).Code
			}()
			synctest.Wait()
			return status
		}
		first := post("first", 30) // more than wait, so the POST does too
		ctx, cancel := context.WithCancel(t.Context())
		second := post("second", 1, func(r *http.Request) { *r = *r.WithContext(ctx) })
		third := post("third", 1)
		cancel()
		assert.Equal(t, http.StatusNotFound, <-second)
		close(free)
		assert.Equal(t, http.StatusAccepted, <-first)
		assert.Equal(t, http.StatusAccepted, <-third)
		synctest.Wait()
		assert.Equal(t, append(slices.Repeat([]string{"first"}, 30), "third"), handled.read())
		require.NoError(t, b.hub.Disconnect(nil))
		time.Sleep(time.Minute)
	})
}

// holdUp has a connection's handler hold a POST, which has more requests than may wait, until free is closed.
func holdUp(t *testing.T, b offline) (c *httpConn, post func(changes ...func(*http.Request)) <-chan int, handled *atomic.Int32, free chan struct{}) {
	free, handled = make(chan struct{}), new(atomic.Int32)
	b.hub.On("hold", func(context.Context, *wsx.Request) (*wsx.Response, error) {
		<-free
		handled.Add(1)
		return nil, nil
	})
	c = b.open(t)
	post = func(changes ...func(*http.Request)) <-chan int {
		status := make(chan int, 1)
		go func() {
			status <- b.do(t, http.MethodPost, "["+strings.Repeat(`{"id":"1","handler":"hold"},`, 29)+`{"id":"1","handler":"hold"}]`,
				append(changes, asJSON, c.named())...).Code
		}()
		synctest.Wait()
		return status
	}
	return c, post, handled, free
}

func TestUploadsThatWait(t *testing.T) {
	unlimited := &wsx.Options{PingInterval: -1, HandlerTimeout: -1, Inbound: wsx.Limit{PerSecond: -1}}
	inBubble(t, "are bounded", func(t *testing.T) {
		b := offline{wsx.New(unlimited)}
		_, post, handled, free := holdUp(t, b)
		waiting := []<-chan int{post(), post(), post()}
		assert.Equal(t, tooMany, <-post())
		close(free)
		for _, status := range waiting {
			assert.Equal(t, http.StatusAccepted, <-status)
		}
		synctest.Wait()
		assert.EqualValues(t, 90, handled.Load())
		assert.Equal(t, http.StatusAccepted, <-post(), "there is room again")
		require.NoError(t, b.hub.Disconnect(nil))
		time.Sleep(time.Minute)
	})
	inBubble(t, "hear that the connection has ended", func(t *testing.T) {
		b := offline{wsx.New(unlimited)}
		_, post, _, free := holdUp(t, b)
		status := post()
		require.NoError(t, b.hub.Disconnect(nil))
		assert.Equal(t, http.StatusNotFound, <-status, "not all of it was taken")
		close(free)
		time.Sleep(time.Minute)
	})
	inBubble(t, "end with their request", func(t *testing.T) {
		b := offline{wsx.New(unlimited)}
		_, post, handled, free := holdUp(t, b)
		ctx, cancel := context.WithCancel(t.Context())
		status := post(within(ctx))
		next := post()
		cancel()
		<-status
		close(free)
		assert.Equal(t, http.StatusAccepted, <-next)
		synctest.Wait()
		assert.EqualValues(t, 17+30, handled.Load(), "one that runs, 16 that wait, and the next POST")
		require.NoError(t, b.hub.Disconnect(nil))
		time.Sleep(time.Minute)
	})
	inBubble(t, "do not keep the browser from leaving", func(t *testing.T) {
		b := offline{wsx.New(unlimited)}
		c, post, handled, free := holdUp(t, b)
		status := post()
		assert.Equal(t, http.StatusNoContent, b.do(t, http.MethodDelete, "", c.named()).Code)
		assert.Equal(t, http.StatusNotFound, <-status)
		assert.Zero(t, b.hub.Count())
		close(free)
		synctest.Wait()
		assert.EqualValues(t, 17, handled.Load(), "what had been taken is handled")
	})
}

func TestEachPostCountsAsAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := offline{wsx.New(&wsx.Options{PingInterval: -1, Inbound: wsx.Limit{PerSecond: 1, Burst: 2}})}
		c := b.open(t)
		begin := time.Now()
		for range 4 {
			assert.Equal(t, http.StatusAccepted, b.do(t, http.MethodPost, `[]`, asJSON, c.named()).Code)
		}
		assert.Equal(t, 2*time.Second, time.Since(begin))
		require.NoError(t, b.hub.Disconnect(nil))
		time.Sleep(time.Minute)
	})
}

func TestUploadIsReadAtThePaceOfInbound(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{MaxMessage: 1 << 10, Inbound: wsx.Limit{BytesPerSecond: 4 << 10}}, false)
	c := s.stream(t)
	c.flood(strings.Repeat(" ", 1000)+`{}`, 250)
	code, _ := c.closed()
	assert.Equal(t, 4029, code)
}

func TestLeaving(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{Authenticate: asUser}, false)
	c := s.stream(t, as("alice"))
	leave := func(changes ...func(*http.Request)) int { return s.do(t, http.MethodDelete, "", changes...).status }
	assert.Equal(t, http.StatusNotFound, leave(as("alice")))
	assert.Equal(t, http.StatusNotFound, leave(as("alice"), header("Wsx-Conn", c.Conn+" x")))
	assert.Equal(t, http.StatusForbidden, leave(as("bob"), c.named()))
	assert.Equal(t, http.StatusForbidden, leave(as("alice"), c.named(), header("Origin", "https://evil.example")))
	require.Equal(t, 1, s.hub.Count())
	assert.Equal(t, http.StatusNoContent, leave(as("alice"), c.named()))
	assert.Zero(t, s.hub.Count())
	assert.EqualValues(t, 1, s.hub.Stats().Closed["1000"])
	assert.Equal(t, http.StatusNotFound, leave(as("alice"), c.named()))
}

// TestUploadThatNeverComes claims a body that is not sent. Other requests don't wait for it.
func TestUploadThatNeverComes(t *testing.T) {
	if testing.Short() {
		t.Skip("waits 10 s")
	}
	t.Parallel()
	s := newSite(t, wsx.Options{}, false)
	c := s.stream(t)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "POST /ws HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nWsx-Conn: %s %s\r\nContent-Length: 100\r\n\r\n[",
		s.Listener.Addr(), c.Conn, c.Key)
	c.send() // does not wait for it
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err, "after 10 s")
	defer resp.Body.Close()
	_, _ = io.ReadAll(resp.Body)
	assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
}
