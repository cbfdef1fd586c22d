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
	// DropOldest drops the broadcast that has waited longest and counts it as dropped.
	DropOldest
	// Conflate drops the last queued broadcast if the new one makes it superfluous, even if the
	// queue isn't full. That is so if both replace the content of the same element for the same
	// audience. Otherwise, a full queue refuses the new broadcast with ErrQueueFull.
	Conflate
)

// RateLimiterOptions are the settings of a [RateLimiter]. A zero field means its default.
type RateLimiterOptions struct {
	// PerSecond is how many broadcasts are sent per second. Negative: no limit. Default: 10.
	PerSecond float64
	// Burst is how many broadcasts are sent at once after a pause. It must not be negative.
	// Default: 1.
	Burst int
	// Queue is how many broadcasts may wait. It must not be negative. Default: 1,000.
	Queue int
	// Overflow is what happens to a broadcast when the queue is full. Default: Reject.
	Overflow Overflow
}

// RateLimiterStats counts broadcasts since NewRateLimiter. Sent, Conflated, Dropped and
// [RateLimiter.Len] add up to the number of accepted broadcasts.
type RateLimiterStats struct {
	Sent      uint64 // passed to the Broadcaster
	Conflated uint64 // replaced by a newer one
	Dropped   uint64 // by DropOldest, a timeout of Close or an error
	Refused   uint64 // not accepted: the caller got an error
}

// RateLimiter is a bounded queue in front of a [Broadcaster] that limits how many broadcasts it
// gets per second. Accepted broadcasts are sent in order. Filters are evaluated when a broadcast is
// sent. All methods may be called concurrently.
type RateLimiter struct {
	// immutable
	to      Broadcaster
	opts    RateLimiterOptions
	limiter *rate.Limiter
	stop    context.CancelFunc // ends stopped, and with it the sender's waiting
	stopped context.Context

	// guarded by mu
	mu      sync.Mutex
	queue   []pendingBroadcast
	sending bool          // a caller or a sender is sending
	idle    chan struct{} // closed when sending ends; nil while sending is false
	closed  bool
	stats   RateLimiterStats
}

// NewRateLimiter returns a queue in front of b. It has a goroutine only while broadcasts wait.
// NewRateLimiter panics, naming the argument or field, if b is nil or an option can't work.
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

// Broadcast sends one fragment at once if the rate allows it and no broadcast waits. Otherwise it
// queues the fragment.
//
// It returns ErrTarget, ErrSwap, ErrFilter or ErrRoom for invalid arguments, and ErrQueueFull if
// the queue is full. After Close, or once the Broadcaster has returned ErrClosed, it returns
// ErrClosed.
//
// If the fragment is sent at once, Broadcast also returns the Broadcaster's error. A queued
// broadcast that the Broadcaster refuses later is counted as dropped.
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
		return false, fmt.Errorf("%w: %d broadcasts are waiting", ErrQueueFull, len(r.queue))
	}
	r.queue = append(r.queue, item)
	if !r.sending {
		r.sending, r.idle = true, make(chan struct{})
		go r.send()
	}
	return false, nil
}

// sendNow sends item on the goroutine of Broadcast's caller, which so gets the Broadcaster's error.
// If more was queued meanwhile, a sender takes over.
func (r *RateLimiter) sendNow(item pendingBroadcast) error {
	err := errNoResponse
	defer func() { // even if a Where ends the goroutine with runtime.Goexit
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

// broadcast passes item on. It runs user code, such as a Where or another Broadcaster, so mu must
// not be held.
func (r *RateLimiter) broadcast(item pendingBroadcast) error {
	f := item.fragments[0]
	return r.to.Broadcast(f.Target, f.HTML, f.Swap, item.to...)
}

// endSending notes that no broadcast is being sent, for which Close waits. The caller holds mu.
func (r *RateLimiter) endSending() {
	r.queue, r.sending = nil, false
	close(r.idle)
	r.idle = nil
}

// makeRoom drops a broadcast for item if Overflow allows that. It reports whether the queue has
// room. The caller holds mu.
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

// send sends queued broadcasts in order until none waits.
func (r *RateLimiter) send() {
	finished := false
	defer func() {
		if !finished { // a Where ended the goroutine with runtime.Goexit, as a failing test does
			r.sent(errNoResponse)
			go r.send()
		}
	}()
	for r.waits() {
		// The queue stays open to Overflow while this waits, so the item is taken afterwards.
		_ = r.limiter.Wait(r.stopped) // it fails only once Close has emptied the queue
		item, ok := r.next()
		if !ok {
			continue
		}
		r.sent(safely(func() error { return r.broadcast(item) }))
	}
	finished = true
}

// waits reports whether a broadcast waits. If none does, sending has ended when it returns: both
// happen under mu, so that a broadcast queued meanwhile starts a new sender.
func (r *RateLimiter) waits() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.endSending()
		return false
	}
	return true
}

// next removes the broadcast that has waited longest. It returns false if Close has dropped them
// all.
func (r *RateLimiter) next() (pendingBroadcast, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		return pendingBroadcast{}, false
	}
	item := r.queue[0]
	r.queue[0] = pendingBroadcast{}
	r.queue = r.queue[1:]
	return item, true
}

// sent counts a queued broadcast that the Broadcaster got.
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

// Close refuses new broadcasts and waits until the queued ones have been sent at their rate. If ctx
// ends first, the rest is dropped and counted; the error wraps ctx's and says how many were
// dropped. Close doesn't wait any longer then, even if a broadcast is still being sent. A second
// call waits too, but has no further effect.
func (r *RateLimiter) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	idle := r.idle
	r.mu.Unlock()
	if idle != nil {
		select {
		case <-idle:
		case <-ctx.Done():
			return failed("close rate limiter", r.dropQueue(ctx.Err()))
		}
	}
	r.stop()
	return nil
}

// dropQueue drops what waits, and returns an error that wraps cause unless all has been sent.
func (r *RateLimiter) dropQueue(cause error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.queue)
	r.stats.Dropped += uint64(n)
	r.queue = nil
	r.stop() // after emptying the queue, so that a sender that waits finds nothing
	switch {
	case n > 0:
		return fmt.Errorf("%d broadcasts were dropped: %w", n, cause)
	case r.sending:
		return fmt.Errorf("a broadcast is still being sent: %w", cause)
	}
	return nil
}
