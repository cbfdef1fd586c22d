package acceptance

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// A recorder is a Broadcaster that records what came when.
type recorder struct {
	start time.Time
	fail  func(html string) error // nil: never

	mu   sync.Mutex
	html []string
	at   []time.Duration
}

func newRecorder() *recorder { return &recorder{start: time.Now()} }

func (r *recorder) Broadcast(_ string, html template.HTML, _ wsx.Swap, _ ...wsx.Filter) error {
	if r.fail != nil {
		if err := r.fail(string(html)); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.html = append(r.html, string(html))
	r.at = append(r.at, time.Since(r.start))
	return nil
}

// appendAll broadcasts the texts, none of which makes another superfluous.
func appendAll(t *testing.T, r *wsx.RateLimiter, texts ...string) {
	for _, text := range texts {
		require.NoError(t, r.Broadcast("#a", template.HTML(text), wsx.Append))
	}
}

// limited runs a test of a RateLimiter in fake time. A bubble cannot end while a goroutine is left in it, so each of these
// tests shows that there is none once nothing waits.
func limited(opts wsx.RateLimiterOptions, do func(t *testing.T, r *wsx.RateLimiter, to *recorder)) func(*testing.T) {
	return func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			to := newRecorder()
			do(t, wsx.NewRateLimiter(to, opts), to)
		})
	}
}

func TestRateLimiter(t *testing.T) {
	const ms = time.Millisecond
	t.Run("lets five pass in a second, the first at once", limited(wsx.RateLimiterOptions{PerSecond: 5}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		appendAll(t, r, "1", "2", "3", "4")
		pass(time.Minute)
		assert.Equal(t, []string{"1", "2", "3", "4"}, to.html)
		assert.Equal(t, []time.Duration{0, 200 * ms, 400 * ms, 600 * ms}, to.at)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 4}, r.Stats())
	}))
	t.Run("lets Burst pass at once, after a pause too, and never more", limited(wsx.RateLimiterOptions{PerSecond: 5, Burst: 3}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		appendAll(t, r, "1", "2", "3", "4", "5")
		pass(time.Hour)
		appendAll(t, r, "6", "7", "8", "9")
		pass(time.Minute)
		assert.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, to.html)
		assert.Equal(t, []time.Duration{
			0, 0, 0, 200 * ms, 400 * ms, time.Hour, time.Hour, time.Hour, time.Hour + 200*ms,
		}, to.at)
	}))
	t.Run("with a negative rate lets everything pass at once", limited(wsx.RateLimiterOptions{PerSecond: -1}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		for i := range 500 {
			appendAll(t, r, strconv.Itoa(i))
		}
		synctest.Wait()
		assert.Len(t, to.html, 500)
		assert.Zero(t, to.at[499])
	}))
	t.Run("Reject refuses the newest and keeps what it accepted", limited(wsx.RateLimiterOptions{Queue: 2}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		appendAll(t, r, "leaves at once")
		synctest.Wait()
		appendAll(t, r, "1", "2")
		assert.ErrorIs(t, r.Broadcast("#a", "3", wsx.Append), wsx.ErrQueueFull)
		assert.Equal(t, 2, r.Len())
		pass(time.Second)
		assert.Equal(t, []string{"leaves at once", "1", "2"}, to.html)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 3, Refused: 1}, r.Stats())
		assert.Zero(t, r.Len())
	}))
	t.Run("DropOldest keeps the newest", limited(wsx.RateLimiterOptions{Queue: 2, Overflow: wsx.DropOldest}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		appendAll(t, r, "leaves at once")
		synctest.Wait()
		appendAll(t, r, "1", "2", "3", "4")
		assert.Equal(t, 2, r.Len())
		pass(time.Second)
		assert.Equal(t, []string{"leaves at once", "3", "4"}, to.html)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 3, Dropped: 2}, r.Stats())
	}))
	t.Run("Conflate", func(t *testing.T) {
		type broadcast struct {
			target, html string
			swap         wsx.Swap
			to           []wsx.Filter
		}
		tea := []wsx.Filter{wsx.Room("tea")}
		where := func() []wsx.Filter { return []wsx.Filter{wsx.Where(func(*wsx.Connection) bool { return true })} }
		for name, test := range map[string]struct {
			in   []broadcast
			want []string
		}{
			"leaves out what the next one replaces":     {[]broadcast{{"#a", "1", "", nil}, {"#a", "2", wsx.MorphInner, nil}, {"#a", "3", wsx.TextContent, nil}}, []string{"3"}},
			"for an equal audience":                     {[]broadcast{{"#a", "1", "", tea}, {"#a", "2", "", []wsx.Filter{wsx.Room("tea")}}}, []string{"2"}},
			"but not for another audience":              {[]broadcast{{"#a", "1", "", tea}, {"#a", "2", "", nil}}, []string{"1", "2"}},
			"nor for another Where":                     {[]broadcast{{"#a", "1", "", where()}, {"#a", "2", "", where()}}, []string{"1", "2"}},
			"nor another element":                       {[]broadcast{{"#a", "1", "", nil}, {"#b", "2", "", nil}}, []string{"1", "2"}},
			"nor across another one":                    {[]broadcast{{"#a", "1", "", nil}, {"#b", "2", "", nil}, {"#a", "3", "", nil}}, []string{"1", "2", "3"}},
			"nor what is appended":                      {[]broadcast{{"#a", "1", wsx.Append, nil}, {"#a", "2", wsx.Append, nil}}, []string{"1", "2"}},
			"nor what replaces the element itself":      {[]broadcast{{"#a", "1", wsx.Outer, nil}, {"#a", "2", wsx.Outer, nil}}, []string{"1", "2"}},
			"nor what is replaced with a modifier":      {[]broadcast{{"#a", "1", "innerHTML swap:1s", nil}, {"#a", "2", "", nil}}, []string{"1", "2"}},
			"nor in what may be more than one element":  {[]broadcast{{".a", "1", "", nil}, {".a", "2", "", nil}}, []string{"1", "2"}},
			"nor where a selector may mean another one": {[]broadcast{{"#a b", "1", "", nil}, {"#a b", "2", "", nil}}, []string{"1", "2"}},
		} {
			t.Run(name, limited(wsx.RateLimiterOptions{Overflow: wsx.Conflate}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
				appendAll(t, r, "first")
				synctest.Wait()
				for _, b := range test.in {
					require.NoError(t, r.Broadcast(b.target, template.HTML(b.html), b.swap, b.to...))
				}
				pass(time.Second)
				assert.Equal(t, append([]string{"first"}, test.want...), to.html)
				assert.Equal(t, uint64(len(test.in)-len(test.want)), r.Stats().Conflated)
			}))
		}
	})
	t.Run("Conflate makes room in a full queue, or refuses", limited(wsx.RateLimiterOptions{Queue: 1, Overflow: wsx.Conflate}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		appendAll(t, r, "first")
		synctest.Wait()
		for i := range 50 {
			require.NoError(t, r.Broadcast("#price", template.HTML(strconv.Itoa(i)), wsx.Inner))
		}
		assert.ErrorIs(t, r.Broadcast("#other", "x", wsx.Inner), wsx.ErrQueueFull)
		pass(time.Second)
		assert.Equal(t, []string{"first", "49"}, to.html)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 2, Conflated: 49, Refused: 1}, r.Stats())
	}))
	t.Run("says at once what cannot be sent", limited(wsx.RateLimiterOptions{}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		assert.ErrorIs(t, r.Broadcast("", "x", wsx.Inner), wsx.ErrTarget)
		assert.ErrorIs(t, r.Broadcast("#a", "x", "sideways"), wsx.ErrSwap)
		assert.ErrorIs(t, r.Broadcast("#a", "x", wsx.Inner, wsx.Near(math.NaN(), 0, 1)), wsx.ErrFilter)
		assert.ErrorIs(t, r.Broadcast("#a", "x", wsx.Inner, wsx.Room("")), wsx.ErrRoom)
		assert.Zero(t, r.Len())
		assert.Zero(t, r.Stats())
	}))
	t.Run("counts what fails later, and goes on", limited(wsx.RateLimiterOptions{}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		to.fail = func(html string) error {
			switch html {
			case "panics":
				panic("boom")
			case "fails":
				return errRefused
			}
			return nil
		}
		appendAll(t, r, "leaves", "panics", "fails", "leaves")
		pass(time.Second)
		assert.Equal(t, []string{"leaves", "leaves"}, to.html)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 2, Dropped: 2}, r.Stats())
		assert.ErrorIs(t, r.Broadcast("#a", "fails", wsx.Inner), errRefused, "what is sent at once says at once what is wrong")
		assert.Equal(t, wsx.RateLimiterStats{Sent: 2, Dropped: 2, Refused: 1}, r.Stats())
	}))
	t.Run("sends on after what it sent at once has failed", limited(wsx.RateLimiterOptions{PerSecond: 1}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		to.fail = func(html string) error {
			switch html {
			case "panics":
				appendAll(t, r, "queued")
				panic("boom")
			case "exits": // as a failing test does
				appendAll(t, r, "queued")
				runtime.Goexit()
			}
			return nil
		}
		err := r.Broadcast("#a", "panics", wsx.Append)
		assert.ErrorContains(t, err, "wsx: rate limiter: panic: boom")
		pass(time.Minute)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = r.Broadcast("#a", "exits", wsx.Append)
		}()
		<-done
		pass(time.Minute)
		appendAll(t, r, "at once")
		assert.Equal(t, []string{"queued", "queued", "at once"}, to.html)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 3, Refused: 2}, r.Stats())
		assert.NoError(t, r.Close(t.Context()))
	}))
	t.Run("stands in front of a hub or a batcher", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			ann, bob := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob"))
			batcher := wsx.NewBatcher(hub, wsx.BatcherOptions{})
			r := wsx.NewRateLimiter(batcher, wsx.RateLimiterOptions{PerSecond: 100, Burst: 3})
			for _, text := range []template.HTML{"1", "2", "3"} {
				require.NoError(t, r.Broadcast("#a", text, wsx.Append, wsx.User("ann")))
			}
			require.NoError(t, r.Close(t.Context()))
			require.NoError(t, batcher.Close(t.Context()))
			assert.Equal(t, []string{"1", "2", "3"}, received(ann))
			assert.Empty(t, received(bob))
		})
	})
}

func TestRateLimiterClose(t *testing.T) {
	t.Run("lets what was accepted leave at its rate", limited(wsx.RateLimiterOptions{PerSecond: 1}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		appendAll(t, r, "1", "2", "3")
		require.NoError(t, r.Close(t.Context()))
		assert.Equal(t, []string{"1", "2", "3"}, to.html)
		assert.Equal(t, []time.Duration{0, time.Second, 2 * time.Second}, to.at)
		assert.ErrorIs(t, r.Broadcast("#a", "4", wsx.Append), wsx.ErrClosed)
		assert.NoError(t, r.Close(t.Context()))
	}))
	t.Run("says what was left when its time is over", limited(wsx.RateLimiterOptions{PerSecond: 1}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		appendAll(t, r, "1", "2", "3", "4", "5")
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		err := r.Close(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "3 broadcasts were dropped")
		assert.Equal(t, []string{"1", "2"}, to.html)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 2, Dropped: 3}, r.Stats())
		assert.NoError(t, r.Close(t.Context()))
	}))
	t.Run("waits no longer than it may for a broadcast that is being sent", limited(wsx.RateLimiterOptions{PerSecond: 1}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		closing := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return r.Close(ctx)
		}
		to.fail = func(html string) error { // as a Where may that broadcasts and closes
			if html == "1" {
				appendAll(t, r, "2")
				err := closing()
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.EqualError(t, err, "wsx: close rate limiter: 1 broadcasts were dropped: context deadline exceeded")
				assert.EqualError(t, closing(), "wsx: close rate limiter: a broadcast is still being sent: context deadline exceeded")
			}
			return nil
		}
		appendAll(t, r, "1")
		assert.Equal(t, []string{"1"}, to.html)
		assert.Equal(t, wsx.RateLimiterStats{Sent: 1, Dropped: 1}, r.Stats())
		assert.NoError(t, r.Close(t.Context()))
	}))
	t.Run("of what is empty returns at once", limited(wsx.RateLimiterOptions{}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		assert.NoError(t, r.Close(ended))
	}))
	t.Run("may be called by many, while others broadcast", limited(wsx.RateLimiterOptions{PerSecond: 1000}, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
		var all sync.WaitGroup
		accepted := make([]int, 4)
		for i := range accepted {
			all.Go(func() {
				for r.Broadcast("#a", "x", wsx.Append) == nil {
					accepted[i]++
					time.Sleep(time.Millisecond)
				}
			})
			all.Go(func() {
				time.Sleep(100 * time.Millisecond)
				assert.NoError(t, r.Close(t.Context()))
			})
		}
		all.Wait()
		assert.Len(t, to.html, accepted[0]+accepted[1]+accepted[2]+accepted[3])
	}))
}

// Whatever is accepted and not counted as conflated or dropped leaves, in order and no faster than it may.
func TestRateLimiterKeepsOrderAndRate(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 60 {
		opts := wsx.RateLimiterOptions{
			PerSecond: float64(1 + random.IntN(50)), Burst: 1 + random.IntN(5), Queue: 1 + random.IntN(20),
			Overflow: wsx.Overflow(random.IntN(3)),
		}
		limited(opts, func(t *testing.T, r *wsx.RateLimiter, to *recorder) {
			accepted := 0
			for n := range 300 {
				err := r.Broadcast(pick(random, []string{"#a", "#b"}), template.HTML(strconv.Itoa(n)), pick(random, []wsx.Swap{wsx.Inner, wsx.Append}))
				if err == nil {
					accepted++
				} else {
					require.ErrorIs(t, err, wsx.ErrQueueFull)
				}
				if random.IntN(3) == 0 {
					time.Sleep(time.Duration(random.IntN(int(200 * time.Millisecond))))
				}
				require.LessOrEqual(t, r.Len(), opts.Queue)
			}
			require.NoError(t, r.Close(t.Context()))
			s := r.Stats()
			about := fmt.Sprintf("%d: %+v: %+v", i, opts, s)
			require.Equal(t, 300, accepted+int(s.Refused), about)
			require.Equal(t, accepted, int(s.Sent+s.Conflated+s.Dropped), about)
			require.Len(t, to.html, int(s.Sent), about)
			last := -1
			for j, text := range to.html {
				n, err := strconv.Atoi(text)
				require.NoError(t, err)
				require.Greater(t, n, last, about)
				last = n
				if k := j - opts.Burst; k >= 0 { // in the time between, no more than the rate came on top of a burst
					least := time.Duration(float64(time.Second) / opts.PerSecond)
					require.GreaterOrEqual(t, to.at[j]-to.at[k], least-time.Microsecond, about)
				}
			}
			if opts.Overflow == wsx.Reject {
				require.Equal(t, accepted, int(s.Sent), about)
			}
		})(t)
	}
}

func TestNewRateLimiterRejectsNonsense(t *testing.T) {
	hub := newHub(t, nil)
	for field, do := range map[string]func(){
		"NewRateLimiter: b": func() { wsx.NewRateLimiter(nil, wsx.RateLimiterOptions{}) },
		"PerSecond":         func() { wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{PerSecond: math.NaN()}) },
		"Burst":             func() { wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{Burst: -1}) },
		"Queue":             func() { wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{Queue: -1}) },
		"Overflow":          func() { wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{Overflow: 3}) },
	} {
		t.Run(field, func(t *testing.T) {
			var said any
			func() {
				defer func() { said = recover() }()
				do()
			}()
			assert.Contains(t, fmt.Sprint(said), field)
		})
	}
}
