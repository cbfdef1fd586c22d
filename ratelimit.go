package wsx

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"sync"

	"golang.org/x/time/rate"
)

const (
	defaultPerSecond = 10
	defaultRateQueue = 1000
)

// Overflow says what [RateLimiter] does when its queue is full.
type Overflow int

const (
	// Reject refuses the new broadcast with ErrQueueFull. It is the default.
	Reject Overflow = iota
	// DropOldest drops the broadcast that has waited longest, and counts it.
	DropOldest
	// Conflate drops, full or not, the last broadcast that waits if the new one makes it superfluous: if both replace all that
	// is inside the same element, for the same audience. If nothing is superfluous and the queue is full, it refuses.
	Conflate
)

// RateLimiterOptions are the settings of a [RateLimiter]. A zero field means its default.
type RateLimiterOptions struct {
	// PerSecond is how many broadcasts leave in a second. Negative: no limit. Default: 10.
	PerSecond float64
	// Burst is how many may leave at once after a pause. Default: 1.
	Burst int
	// Queue is how many may wait. Default: 1,000.
	Queue int
	// Overflow is what happens to one more. Default: Reject.
	Overflow Overflow
}

// RateLimiterStats count broadcasts. Sent, Conflated, Dropped and those that still wait are together all that were accepted.
type RateLimiterStats struct {
	Sent      uint64 // given to the Broadcaster
	Conflated uint64 // left out because a newer one said all that they said
	Dropped   uint64 // by DropOldest, by Close when its context ended, or because the Broadcaster returned an error
	Refused   uint64 // never accepted: the caller got ErrQueueFull
}

// RateLimiter is a queue in front of a [Broadcaster] that lets so many broadcasts pass in a second. What it accepts leaves in
// order; filters are asked when it leaves. All methods may be called concurrently.
type RateLimiter struct {
	// immutable
	to      Broadcaster
	opts    RateLimiterOptions
	limiter *rate.Limiter
	stop    context.CancelFunc // ends the sender's waiting
	stopped context.Context

	mu      sync.Mutex // guards what follows
	queue   []pendingBroadcast
	sending bool          // a sender is at work
	idle    chan struct{} // closed when the sender ends; nil while there is none
	closed  bool
	stats   RateLimiterStats
}

// NewRateLimiter returns a queue in front of b. It has a goroutine only while something waits. It panics, with the field's
// name, on options that cannot work.
func NewRateLimiter(b Broadcaster, opts RateLimiterOptions) *RateLimiter {
	if b == nil {
		panic("wsx: NewRateLimiter: the Broadcaster is nil")
	}
	if math.IsNaN(opts.PerSecond) {
		panic("wsx: RateLimiterOptions.PerSecond: is no number")
	}
	mustBePositive("RateLimiterOptions.Burst", float64(opts.Burst))
	mustBePositive("RateLimiterOptions.Queue", float64(opts.Queue))
	if opts.Overflow < Reject || opts.Overflow > Conflate {
		panic("wsx: RateLimiterOptions.Overflow: is none of the constants")
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

// Broadcast queues one fragment. It returns ErrTarget, ErrSwap, ErrFilter or ErrRoom for what cannot be sent, ErrQueueFull,
// and ErrClosed after Close, or after the hub behind it was shut down. What the Broadcaster refuses later is counted as dropped.
func (r *RateLimiter) Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error {
	normal, err := normalFragments([]Fragment{{target, html, swap}})
	if err == nil {
		err = checkFilters(to)
	}
	if hub, ok := r.to.(*Hub); ok && err == nil {
		_, err = hub.route(to)
	}
	if end, ok := r.to.(interface{ isClosed() bool }); ok && err == nil && end.isClosed() {
		err = ErrClosed
	}
	if err == nil {
		err = r.push(newPendingBroadcast(batchItem{fragment: normal[0], to: append([]Filter(nil), to...)}))
	}
	if err != nil {
		return fmt.Errorf("broadcasting at a limited rate: %w", err)
	}
	return nil
}

func (r *RateLimiter) push(item pendingBroadcast) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	if !r.makeRoom(item) {
		r.stats.Refused++
		return fmt.Errorf("%w: %d wait", ErrQueueFull, len(r.queue))
	}
	r.queue = append(r.queue, item)
	if !r.sending {
		r.sending, r.idle = true, make(chan struct{})
		go r.send()
	}
	return nil
}

// makeRoom drops what the overflow rule gives up for item; false: there is no room. The caller holds mu.
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

// send lets what waits pass, one after the other, until nothing waits.
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
		r.sent(safely(func() error {
			return r.to.Broadcast(item.fragment.Target, item.fragment.HTML, item.fragment.Swap, item.to...)
		}))
	}
	finished = true
}

// waits reports that something waits; if not, the sender has ended.
func (r *RateLimiter) waits() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.queue, r.sending = nil, false
		close(r.idle)
		r.idle = nil
		return false
	}
	return true
}

// next takes the oldest that waits; false: the sender was stopped, and nothing waits any more.
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

func (r *RateLimiter) sent(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.stats.Dropped++
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

// Stats returns the counts of now.
func (r *RateLimiter) Stats() RateLimiterStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Close refuses new broadcasts and waits until those that wait have left, at their rate. If ctx ends first, the rest is dropped
// and counted, and the error says how many and wraps ctx's. Twice does nothing more.
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
		return fmt.Errorf("closing a rate-limited queue: %d broadcasts were left: %w", left, ctx.Err())
	}
	return nil
}
