package httpio

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A response notes what is written to it and which deadlines it is given.
type response struct {
	*httptest.ResponseRecorder
	write       func()
	fails       error
	read, wrote time.Time // deadlines
}

func newResponse() *response {
	return &response{ResponseRecorder: httptest.NewRecorder(), write: func() {}}
}

func (r *response) SetReadDeadline(at time.Time) error  { r.read = at; return nil }
func (r *response) SetWriteDeadline(at time.Time) error { r.wrote = at; return nil }
func (r *response) Write(b []byte) (int, error) {
	r.write()
	if r.fails != nil {
		return 0, r.fails
	}
	return r.ResponseRecorder.Write(b)
}

func inBubble(t *testing.T, name string, do func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, do) })
}

// A budget is a peerio.Budget of two functions.
type budget struct {
	before func(p []byte) ([]byte, error)
	after  func(n int)
}

func (b budget) Before(p []byte) ([]byte, error) { return b.before(p) }
func (b budget) After(n int)                     { b.after(n) }

func TestDeadlineWriter(t *testing.T) {
	t.Parallel()
	inBubble(t, "gives each chunk a timeout and leaves no deadline", func(t *testing.T) {
		r := newResponse()
		var left []time.Duration
		r.write = func() {
			time.Sleep(time.Second)
			left = append(left, time.Until(r.wrote))
		}
		require.NoError(t, NewDeadlineWriter(r, 2, 3*time.Second).Write([]byte("aabbc")))
		assert.Equal(t, []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}, left)
		assert.Equal(t, "aabbc", r.Body.String())
		assert.True(t, r.Flushed)
		assert.Zero(t, r.wrote)
	})
	inBubble(t, "tells a late browser from one that has gone", func(t *testing.T) {
		r := newResponse()
		r.fails = net.ErrClosed
		d := NewDeadlineWriter(r, 2, time.Second)
		require.NotErrorIs(t, d.Write([]byte("a")), os.ErrDeadlineExceeded)
		assert.False(t, d.IsLate())
		r.write = func() { time.Sleep(time.Second) }
		err := d.Write([]byte("a"))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.ErrorIs(t, err, net.ErrClosed)
		assert.True(t, d.IsLate())
	})
	inBubble(t, "turns a panic into an error", func(t *testing.T) {
		r := newResponse()
		r.write = func() { panic("a bug of the middleware") }
		assert.ErrorContains(t, NewDeadlineWriter(r, 2, time.Second).Write([]byte("a")), "a bug of the middleware")
	})
	inBubble(t, "writes nothing after Abort", func(t *testing.T) {
		r := newResponse()
		d := NewDeadlineWriter(r, 2, time.Second)
		d.Abort()
		assert.True(t, r.wrote.Before(time.Now()), "a write in progress fails")
		require.ErrorIs(t, d.Write([]byte("a")), net.ErrClosed)
		assert.Empty(t, r.Body.String())
		d.Finish()
		assert.True(t, r.wrote.Before(time.Now()), "Finish leaves it")
	})
	inBubble(t, "sets no deadline after Finish", func(t *testing.T) {
		r := newResponse()
		d := NewDeadlineWriter(r, 2, time.Second)
		d.Finish()
		assert.Equal(t, time.Second, time.Until(r.wrote))
		d.Abort()
		assert.Equal(t, time.Second, time.Until(r.wrote), "it is the next request's")
	})
	inBubble(t, "does without deadlines and Flush", func(t *testing.T) {
		r := newResponse()
		bare := struct{ http.ResponseWriter }{r}
		require.NoError(t, NewDeadlineWriter(bare, 2, time.Second).Write([]byte("aab")))
		assert.Equal(t, "aab", r.Body.String())
		assert.False(t, r.Flushed)
	})
}

func TestTimedBody(t *testing.T) {
	t.Parallel()
	open := func(most int64) (*response, *TimedBody) {
		r := newResponse()
		return r, NewTimedBody(r, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("abc")), most, 10*time.Second)
	}
	inBubble(t, "has its time, which Renew restarts", func(t *testing.T) {
		r, b := open(10)
		assert.Equal(t, 10*time.Second, time.Until(r.read))
		time.Sleep(4 * time.Second)
		b.Renew()
		assert.Equal(t, 10*time.Second, time.Until(r.read))
	})
	inBubble(t, "lifts the deadline at its end alone", func(t *testing.T) {
		r, b := open(10)
		n, err := b.Read(make([]byte, 2))
		require.NoError(t, err)
		require.Equal(t, 2, n)
		assert.NotZero(t, r.read)
		_, err = io.ReadAll(b)
		require.NoError(t, err)
		assert.Zero(t, r.read)
		b.Renew()
		b.Cut()
		assert.Zero(t, r.read, "it stays lifted")
	})
	inBubble(t, "keeps the deadline when it is too long", func(t *testing.T) {
		r, b := open(2)
		_, err := io.ReadAll(b)
		_, tooLong := errors.AsType[*http.MaxBytesError](err)
		assert.True(t, tooLong)
		assert.NotZero(t, r.read)
	})
	inBubble(t, "is not renewed after Cut", func(t *testing.T) {
		r, b := open(10)
		b.Cut()
		b.Renew()
		assert.True(t, r.read.Before(time.Now()))
	})
	inBubble(t, "is renewed when the budget makes the browser wait", func(t *testing.T) {
		r, b := open(10)
		throttled := ThrottledReader{Body: b, Budget: budget{before: func(p []byte) ([]byte, error) { time.Sleep(5 * time.Second); return p[:1], nil },
			after: func(int) {},
		}}
		n, err := throttled.Read(make([]byte, 3))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		assert.Equal(t, 10*time.Second, time.Until(r.read))
	})
}

// A wrapper is a middleware's ResponseWriter that lets others see what is under it.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestWhatAResponseWriterCanDo(t *testing.T) {
	t.Parallel()
	r := newResponse()
	hidden := struct{ http.ResponseWriter }{r}
	assert.True(t, Flushes(r))
	assert.True(t, Flushes(wrapper{wrapper{r}}))
	assert.False(t, Flushes(hidden))
	assert.False(t, Flushes(wrapper{hidden}))
	assert.False(t, Implements[http.Hijacker](r))
	r.read, r.wrote = time.Now(), time.Now()
	assert.True(t, ClearDeadlines(wrapper{r}))
	assert.Zero(t, r.read)
	assert.Zero(t, r.wrote)
	assert.False(t, ClearDeadlines(hidden))
}

func TestTimeToAnswer(t *testing.T) {
	t.Parallel()
	const most = 25 * time.Second
	for _, one := range []struct {
		what   string
		hidden bool // the deadlines
		server *http.Server
		within time.Duration // of the request's context; 0: forever
		want   time.Duration
	}{
		{"all of it, if the server's deadlines can be lifted", false, &http.Server{ReadTimeout: time.Second, WriteTimeout: time.Second}, 0, most},
		{"half of the server's WriteTimeout", true, &http.Server{WriteTimeout: 8 * time.Second}, 0, 4 * time.Second},
		{"half of the shorter one", true, &http.Server{ReadTimeout: 6 * time.Second, WriteTimeout: 8 * time.Second}, 0, 3 * time.Second},
		{"all of it, of a server without timeouts", true, &http.Server{}, 0, most},
		{"all of it, of a longer timeout", true, &http.Server{WriteTimeout: time.Hour}, 0, most},
		{"all of it, without a server", true, nil, 0, most},
		{"half of the request's time", false, nil, 10 * time.Second, 5 * time.Second},
		{"the least of all", true, &http.Server{WriteTimeout: 4 * time.Second}, 10 * time.Second, 2 * time.Second},
	} {
		inBubble(t, one.what, func(t *testing.T) {
			ctx := t.Context()
			if one.server != nil {
				ctx = context.WithValue(ctx, http.ServerContextKey, one.server)
			}
			if one.within > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, one.within)
				defer cancel()
			}
			var w http.ResponseWriter = newResponse()
			if one.hidden {
				w = struct{ http.ResponseWriter }{w}
			}
			assert.Equal(t, one.want, TimeToAnswer(w, httptest.NewRequest(http.MethodGet, "/", nil).WithContext(ctx), most))
		})
	}
}

func TestIsolate(t *testing.T) {
	t.Parallel()
	r := newResponse()
	r.Header()["Connection"] = []string{"Upgrade"}
	request := httptest.NewRequest(http.MethodPost, "/", nil)
	Isolate(r, request)
	assert.Equal(t, []string{"close", "Upgrade"}, r.Header()["Connection"])
	r = newResponse()
	request.ProtoMajor = 2
	Isolate(r, request)
	assert.Empty(t, r.Header())
}
