package wsx

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit bounds what one connection's browser may send. Over HTTP each POST counts as a message, and each frame in it after the first
// as one more. What is over it is not refused but read later, so that TCP slows the
// sender down; only a browser that keeps sending more for 5 seconds is closed, with 4029 and ErrRate. A zero field means its default, a
// negative one no bound.
type Limit struct {
	// PerSecond is how many messages, pings among them, are read in a second. Default: 50.
	PerSecond float64
	// Burst is how many may come at once after a pause. Default: 100.
	Burst int
	// BytesPerSecond counts every byte on the wire, so fragments and control frames too. A pause saves up one second's worth, but
	// at least one message of MaxMessage. Default: 256 KiB.
	BytesPerSecond int64
}

func (l *Limit) resolve() {
	if math.IsNaN(l.PerSecond) {
		panic("wsx: Options.Inbound.PerSecond: is no number")
	}
	if l.PerSecond == 0 {
		l.PerSecond = defaultPerSecondIn
	}
	orDefault(&l.Burst, defaultBurstIn)
	orDefault(&l.BytesPerSecond, defaultBytesIn)
}

// A throttle holds one browser to a Limit. The reader uses it and, when the connection ends, whoever reads the answer to the
// close frame.
type throttle struct {
	messages rate.Limiter
	bytes    rate.Limiter

	mu    sync.Mutex // guards what follows
	until time.Time  // when reading may go on
	since time.Time  // since when the browser has sent too much; zero: it has not
}

func newThrottle(l Limit, maxMessage int64) *throttle {
	messages, burst := rate.Limit(l.PerSecond), l.Burst
	if l.PerSecond < 0 || l.Burst < 0 {
		messages = rate.Inf
	}
	bytes := rate.Limit(l.BytesPerSecond)
	if l.BytesPerSecond < 0 {
		bytes = rate.Inf
	}
	return &throttle{
		messages: *rate.NewLimiter(messages, burst),
		bytes:    *rate.NewLimiter(bytes, int(max(l.BytesPerSecond, maxMessage))),
	}
}

// message counts a message, a ping or a POST.
func (t *throttle) message() { t.count(&t.messages, 1) }

// read counts bytes.
func (t *throttle) read(n int) { t.count(&t.bytes, n) }

// most is how many bytes one read may bring, so that they can be counted.
func (t *throttle) most() int { return t.bytes.Burst() }

func (t *throttle) count(limiter *rate.Limiter, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	// n is never above the burst, so there is always a delay to be had.
	if at := now.Add(limiter.ReserveN(now, n).DelayFrom(now)); at.After(t.until) {
		t.until = at
	}
}

// wait returns when the next read may begin, or when ctx ends. It reports whether the browser has sent too much for so long
// that it should be closed.
func (t *throttle) wait(ctx context.Context) (tooMuch bool) {
	pause, tooMuch := t.pause(time.Now())
	if !tooMuch {
		rest(ctx, pause)
	}
	return tooMuch
}

// slow returns when the next read may begin, however much was sent, but after most at the latest.
func (t *throttle) slow(most time.Duration) {
	pause, _ := t.pause(time.Now())
	rest(context.Background(), min(pause, most))
}

// rest returns when d is over, or when ctx ends.
func rest(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// pause returns how long the next read has to wait.
func (t *throttle) pause(now time.Time) (pause time.Duration, tooMuch bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.until.After(now) {
		if !t.since.IsZero() && t.slack(now) {
			t.since = time.Time{}
		}
		return 0, false
	}
	if t.since.IsZero() {
		t.since = now
	}
	return t.until.Sub(now), now.Sub(t.since) >= excessGrace
}

// slack reports that the browser has sent less than it may for a moment. That a read came a little late, because the machine
// is busy, does not look like it. The caller holds mu.
func (t *throttle) slack(now time.Time) bool {
	const moment = 0.1 // seconds
	for _, l := range [...]*rate.Limiter{&t.messages, &t.bytes} {
		if l.Limit() != rate.Inf && l.TokensAt(now) < min(float64(l.Limit())*moment, float64(l.Burst())/2) {
			return false
		}
	}
	return true
}
