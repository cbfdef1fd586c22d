package wsx

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"math"
	"slices"
	"sync"

	"golang.org/x/time/rate"

	"github.com/wsxgo/wsx/internal/protocol"
)

const (
	defaultPerSecond = 10
	defaultRateQueue = 1000
)

// Overflow says what a [RateLimiter] does when its queue is full.
type Overflow int

const (
	// Reject refuses the new broadcast with ErrQueueFull. It is the default.
	Reject Overflow = iota
	// DropOldest drops the broadcast that has waited longest, and counts it.
	DropOldest
	// Conflate drops the last queued broadcast, whether or not the queue is full, if the new one makes it superfluous: both replace
	// all that is inside the same element, for the same audience. If that isn't so and the queue is full, the new one is refused with
	// ErrQueueFull.
	Conflate
)

// RateLimiterOptions are the settings of a [RateLimiter]. A zero field means its default.
type RateLimiterOptions struct {
	// PerSecond is how many broadcasts are sent in a second. Negative: no limit. Default: 10.
	PerSecond float64
	// Burst is how many are sent at once after a pause. Default: 1.
	Burst int
	// Queue is how many wait at most. Default: 1,000.
	Queue int
	// Overflow is what happens to a broadcast when the queue is full. Default: Reject.
	Overflow Overflow
}

// RateLimiterStats counts broadcasts. Sent, Conflated, Dropped and those that still wait add up to all that were accepted.
type RateLimiterStats struct {
	Sent      uint64 // passed to the Broadcaster
	Conflated uint64 // replaced by a newer one
	Dropped   uint64 // by DropOldest, by Close when its context ended, or because the Broadcaster returned an error
	Refused   uint64 // never accepted: the caller got an error
}

// RateLimiter is a bounded queue in front of a [Broadcaster], which it sends so many broadcasts a second. What it accepts is sent in
// order. Filters are evaluated when a broadcast is sent. All methods may be called concurrently.
type RateLimiter struct {
	// immutable
	to      Broadcaster
	opts    RateLimiterOptions
	limiter *rate.Limiter
	stop    context.CancelFunc // ends the sender's waiting
	stopped context.Context

	mu      sync.Mutex // guards what follows
	queue   []pendingBroadcast
	sending bool          // a broadcast is being sent, or a sender is at work
	idle    chan struct{} // closed when sending ends; nil while sending is false
	closed  bool
	stats   RateLimiterStats
}

// NewRateLimiter returns a queue in front of b. It has a goroutine only while a broadcast waits. It panics, with the name of the argument
// or field, if b is nil or an option can't work.
func NewRateLimiter(b Broadcaster, opts RateLimiterOptions) *RateLimiter {
	requireNonNil("NewRateLimiter", "b", b == nil)
	if math.IsNaN(opts.PerSecond) {
		panic("wsx: RateLimiterOptions.PerSecond: not a number")
	}
	requireNonNegative("RateLimiterOptions.Burst", opts.Burst)
	requireNonNegative("RateLimiterOptions.Queue", opts.Queue)
	if opts.Overflow < Reject || opts.Overflow > Conflate {
		panic("wsx: RateLimiterOptions.Overflow: not one of the constants")
	}
	if opts.PerSecond == 0 {
		opts.PerSecond = defaultPerSecond
	}
	orDefault(&opts.Burst, 1)
	orDefault(&opts.Queue, defaultRateQueue)
	limit := rate.Limit(opts.PerSecond)
	if opts.PerSecond < 0 {
		limit = rate.Inf
	}
	r := &RateLimiter{to: b, opts: opts, limiter: rate.NewLimiter(limit, opts.Burst)}
	r.stopped, r.stop = context.WithCancel(context.Background())
	return r
}

// Broadcast sends one fragment at once if the rate allows it and nothing waits. Otherwise it queues the fragment.
//
// It returns ErrTarget, ErrSwap, ErrFilter or ErrRoom for invalid arguments, ErrQueueFull, and ErrClosed after Close or after the
// Broadcaster has returned ErrClosed. A fragment that is sent at once also returns the error of the Broadcaster; what the Broadcaster
// refuses later is counted as dropped.
func (r *RateLimiter) Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error {
	checked, err := oneFragment(target, html, swap)
	if err == nil {
		err = checkFilters(to)
	}
	if err != nil {
		return failed("rate limiter", err)
	}
	item := newPendingBroadcast(batchItem{
		fragments: []Fragment{{target, html, swap}}, checked: []protocol.Fragment{checked}, to: slices.Clone(to),
	})
	now, err := r.push(item)
	if now {
		err = r.sendNow(item)
	}
	return failed("rate limiter", err)
}

// push queues item. The boolean reports whether the caller sends it instead.
func (r *RateLimiter) push(item pendingBroadcast) (now bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false, ErrClosed
	}
	if !r.sending && r.limiter.Allow() {
		r.sending, r.idle = true, make(chan struct{})
		return true, nil
	}
	if !r.makeRoom(item) {
		r.stats.Refused++
		return false, fmt.Errorf("%w: %d broadcasts wait", ErrQueueFull, len(r.queue))
	}
	r.queue = append(r.queue, item)
	if !r.sending {
		r.sending, r.idle = true, make(chan struct{})
		go r.send()
	}
	return false, nil
}

// sendNow sends item in the goroutine of a caller of Broadcast. What was queued meanwhile gets a sender.
func (r *RateLimiter) sendNow(item pendingBroadcast) error {
	err := errNoResponse
	defer func() { // also when a Where ends the goroutine
		r.mu.Lock()
		defer r.mu.Unlock()
		if err != nil {
			r.stats.Refused++
		} else {
			r.stats.Sent++
		}
		r.closed = r.closed || errors.Is(err, ErrClosed)
		if len(r.queue) > 0 {
			go r.send()
			return
		}
		r.endSending()
	}()
	err = safely(func() error { return r.broadcast(item) })
	return err
}

func (r *RateLimiter) broadcast(item pendingBroadcast) error {
	f := item.fragments[0]
	return r.to.Broadcast(f.Target, f.HTML, f.Swap, item.to...)
}

// endSending says that no broadcast is being sent. The caller holds mu.
func (r *RateLimiter) endSending() {
	r.queue, r.sending = nil, false
	close(r.idle)
	r.idle = nil
}

// makeRoom drops what the overflow rule gives up for item, and reports whether there is room. The caller holds mu.
func (r *RateLimiter) makeRoom(item pendingBroadcast) bool {
	n := len(r.queue)
	if r.opts.Overflow == Conflate && n > 0 && item.supersedes(r.queue[n-1]) {
		r.queue = r.queue[:n-1]
		r.stats.Conflated++
		return true
	}
	if n < r.opts.Queue {
		return true
	}
	if r.opts.Overflow != DropOldest {
		return false
	}
	r.queue = r.queue[1:]
	r.stats.Dropped++
	return true
}

// send sends what waits, in order, until nothing does.
func (r *RateLimiter) send() {
	finished := false
	defer func() {
		if !finished { // a Where ended the goroutine with runtime.Goexit, as a failing test does
			r.sent(errNoResponse)
			go r.send()
		}
	}()
	for r.waits() {
		err := r.limiter.Wait(r.stopped)
		item, ok := r.next(err != nil)
		if !ok {
			continue
		}
		r.sent(safely(func() error { return r.broadcast(item) }))
	}
	finished = true
}

// waits reports whether a broadcast waits. If not, sending has ended.
func (r *RateLimiter) waits() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.endSending()
		return false
	}
	return true
}

// next takes the broadcast that has waited longest. If the sender was stopped, it drops all and returns false.
func (r *RateLimiter) next(stopped bool) (pendingBroadcast, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stopped {
		r.stats.Dropped += uint64(len(r.queue))
		r.queue = nil
		return pendingBroadcast{}, false
	}
	item := r.queue[0]
	r.queue[0] = pendingBroadcast{}
	r.queue = r.queue[1:]
	return item, true
}

// sent counts a queued broadcast that was passed to the Broadcaster.
func (r *RateLimiter) sent(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.stats.Dropped++
		r.closed = r.closed || errors.Is(err, ErrClosed)
		return
	}
	r.stats.Sent++
}

// Len returns how many broadcasts wait.
func (r *RateLimiter) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue)
}

// Stats returns the current counts.
func (r *RateLimiter) Stats() RateLimiterStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Close refuses new broadcasts and waits until those that wait have been sent, at their rate. If ctx ends first, the rest is dropped and
// counted, and the error says how many and wraps ctx's. A second call has no further effect.
func (r *RateLimiter) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	idle := r.idle
	r.mu.Unlock()
	if idle == nil {
		r.stop()
		return nil
	}
	select {
	case <-idle:
		r.stop()
		return nil
	case <-ctx.Done():
	}
	before := r.Stats().Dropped
	r.stop()
	<-idle
	if left := r.Stats().Dropped - before; left > 0 {
		return failed("close rate limiter", fmt.Errorf("%d broadcasts were dropped: %w", left, ctx.Err()))
	}
	return nil
}
