// Package limit bounds how many connections there are, and how much each of them may send.
package limit

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rates bound what one browser may send. A negative rate or burst means no bound.
type Rates struct {
	PerSecond      float64 // messages
	Burst          int     // messages at once after a pause
	BytesPerSecond int64
}

func (r Rates) messages() rate.Limit {
	if r.PerSecond < 0 || r.Burst < 0 {
		return rate.Inf
	}
	return rate.Limit(r.PerSecond)
}

// A Throttle holds one browser to its Rates. It may be used concurrently.
type Throttle struct {
	// immutable
	grace    time.Duration
	messages rate.Limiter
	bytes    rate.Limiter

	// guarded by mu
	mu    sync.Mutex
	until time.Time // when reading may go on
	since time.Time // since when the browser has sent too much; zero while it hasn't
}

// NewThrottle returns a Throttle that allows at least one message of maxMessage bytes at once. Its Wait gives up on a browser that
// sends too much for as long as grace.
func NewThrottle(r Rates, maxMessage int64, grace time.Duration) *Throttle {
	bytes := rate.Limit(r.BytesPerSecond)
	if r.BytesPerSecond < 0 {
		bytes = rate.Inf
	}
	return &Throttle{
		grace:    grace,
		messages: *rate.NewLimiter(r.messages(), r.Burst),
		bytes:    *rate.NewLimiter(bytes, int(max(r.BytesPerSecond, maxMessage))),
	}
}

// Message counts a message, a ping or a POST.
func (t *Throttle) Message() { t.count(&t.messages, 1) }

// Bytes counts n bytes, which must not be more than MaxRead.
func (t *Throttle) Bytes(n int) { t.count(&t.bytes, n) }

// MaxRead returns how many bytes one read may bring.
func (t *Throttle) MaxRead() int { return t.bytes.Burst() }

func (t *Throttle) count(limiter *rate.Limiter, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	// n is never above the burst, so the delay is finite.
	if at := now.Add(limiter.ReserveN(now, n).DelayFrom(now)); at.After(t.until) {
		t.until = at
	}
}

// Wait returns when the next read may begin, or when ctx ends. It reports whether the browser has sent too much for so long that it
// should be closed.
func (t *Throttle) Wait(ctx context.Context) (tooMuch bool) {
	pause, tooMuch := t.pause(time.Now())
	if !tooMuch {
		sleep(ctx, pause)
	}
	return tooMuch
}

// WaitAtMost returns when the next read may begin, but after most at the latest. It gives up on no browser.
func (t *Throttle) WaitAtMost(most time.Duration) {
	pause, _ := t.pause(time.Now())
	sleep(context.Background(), min(pause, most))
}

// sleep returns after d, or when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
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
func (t *Throttle) pause(now time.Time) (pause time.Duration, tooMuch bool) {
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
	return t.until.Sub(now), now.Sub(t.since) >= t.grace
}

// slack reports whether the browser has sent less than it may for a moment. A read that comes a little late, because the machine is
// busy, is not such a moment. The caller holds mu.
func (t *Throttle) slack(now time.Time) bool {
	const moment = 0.1 // seconds
	for _, l := range [...]*rate.Limiter{&t.messages, &t.bytes} {
		if l.Limit() != rate.Inf && l.TokensAt(now) < min(float64(l.Limit())*moment, float64(l.Burst())/2) {
			return false
		}
	}
	return true
}
