package wsx

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"sync"
	"time"
)

// Broadcaster sends one fragment to the connections that match all filters. [Hub] implements it,
// and so do [Batcher] and [RateLimiter], which stand in front of another Broadcaster.
type Broadcaster interface {
	Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error
}

const (
	defaultWindow       = 50 * time.Millisecond
	defaultMaxFragments = 256

	maxFlushErrors = 16 // that wait for the next Flush; the rest is only counted
)

// BatcherOptions are the settings of a [Batcher]. A zero field means its default.
type BatcherOptions struct {
	// Window is how long the first broadcast of a batch waits for others. Default: 50 ms.
	Window time.Duration
	// MaxFragments is how many broadcasts a batch holds before it is flushed early. Default: 256.
	MaxFragments int
}

// Batcher collects broadcasts for a short time and sends them as one [Batch], so that a browser
// gets one frame instead of many. All methods may be called concurrently.
//
// A broadcast that replaces the content of an element is dropped if the very next one, for the same
// audience, replaces it again. Filters are evaluated when the batch is sent.
type Batcher struct {
	// immutable
	hub  *Hub
	opts BatcherOptions

	// mu guards what follows. It isn't held during a flush, which may call a Where of the program.
	mu       sync.Mutex
	items    []pendingBroadcast
	bytes    int64
	timer    *time.Timer   // runs while a broadcast waits
	flushing chan struct{} // closed when the current flush ends; nil between flushes
	closed   bool
	errs     []error // of the first flushes without a caller, for the next Flush or Close
	failures int     // flushes without a caller that failed
}

// A pendingBroadcast waits to be sent. Its message serves only to find out whether it is
// superseded.
type pendingBroadcast struct {
	batchItem
	msg      *message
	audience string
}

// NewBatcher returns a batcher in front of h. It has no goroutine while no broadcast waits.
//
// NewBatcher panics, naming the argument or field, if h is nil or an option is negative.
func NewBatcher(h *Hub, opts BatcherOptions) *Batcher {
	requireNonNil("NewBatcher", "h", h == nil)
	requireNonNegative("BatcherOptions.Window", opts.Window)
	requireNonNegative("BatcherOptions.MaxFragments", opts.MaxFragments)
	orDefault(&opts.Window, defaultWindow)
	orDefault(&opts.MaxFragments, defaultMaxFragments)
	return &Batcher{hub: h, opts: opts}
}

// Broadcast collects one fragment for the next batch. An empty swap means [Inner]. Broadcast
// doesn't wait for a flush in progress.
//
// It returns ErrTarget, ErrSwap, ErrFilter, ErrRoom or ErrTooLarge for invalid arguments, and
// ErrClosed after Close or Shutdown.
func (b *Batcher) Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error {
	item := batchItem{fragments: []Fragment{{target, html, swap}}, to: slices.Clone(to)}
	full, err := b.collect(item)
	if err != nil {
		return failed("batch", err)
	}
	if full {
		b.flushAlone()
	}
	return nil
}

// collect adds one item. The boolean reports whether the batch is full and should be flushed.
func (b *Batcher) collect(item batchItem) (full bool, err error) {
	if b.hub.isClosed() {
		return false, ErrClosed
	}
	if err := b.hub.checkItem(&item); err != nil {
		return false, err
	}
	add := newPendingBroadcast(item)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false, ErrClosed
	}
	if n := len(b.items); n > 0 && add.supersedes(b.items[n-1]) {
		b.bytes -= rawSize(b.items[n-1].checked)
		b.items = b.items[:n-1]
	}
	b.items = append(b.items, add)
	b.bytes += rawSize(add.checked)
	if b.timer == nil {
		b.timer = time.AfterFunc(b.opts.Window, b.flushInTime)
	}
	return b.full(), nil
}

// full reports whether the batch should be flushed early. The caller holds mu.
func (b *Batcher) full() bool {
	return len(b.items) >= b.opts.MaxFragments || b.bytes > b.hub.opts.QueueBytes/4
}

func newPendingBroadcast(item batchItem) pendingBroadcast {
	msg := newUpdate("", item.checked)
	msg.room = roomOf(item.to)
	return pendingBroadcast{item, msg, audienceKey(item.to)}
}

// supersedes reports whether p makes last, the broadcast queued right before it, superfluous. The
// audiences aren't evaluated yet, so their filters must be equal.
func (p pendingBroadcast) supersedes(last pendingBroadcast) bool {
	return p.audience == last.audience && supersedes(p.msg, last.msg, true)
}

// flushAlone flushes unless a flush is in progress. It is for callers that can't wait: the timer,
// and Broadcast, which may be called from a Where that the flush itself calls. The loop takes what
// came meanwhile if that fills another batch.
func (b *Batcher) flushAlone() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for first := true; b.flushing == nil && (first || b.full()); first = false {
		if err := b.flush(); err != nil {
			b.keep(err)
		}
	}
	if b.flushing != nil && b.timer != nil {
		// The flush in progress took its items before these were added, and the timer may have
		// fired.
		b.timer.Reset(b.opts.Window)
	}
}

// keep keeps the error of a flush without a caller. A program may never call Flush, so their number
// is bounded. The caller holds mu.
func (b *Batcher) keep(err error) {
	if b.failures++; len(b.errs) < maxFlushErrors {
		b.errs = append(b.errs, err)
	}
}

// takeErrors returns the kept errors joined to err. The caller holds mu.
func (b *Batcher) takeErrors(err error) error {
	all := b.errs
	if more := b.failures - len(all); more > 0 {
		all = append(all, fmt.Errorf("wsx: flush: %d more flushes failed", more))
	}
	b.errs, b.failures = nil, 0
	return errors.Join(append(all, err)...)
}

// flushInTime is flushAlone for the timer. A Where that panics in the timer's goroutine would end
// the process.
func (b *Batcher) flushInTime() {
	err := safely(func() error { b.flushAlone(); return nil })
	if err != nil {
		b.hub.opts.Logger.Error("wsx: flushing a batch failed", "error", err)
	}
}

// Flush sends the collected broadcasts and returns once they are queued for the browsers. It waits
// for a flush in progress, so a Where must not call it.
//
// It returns ErrClosed if broadcasts were waiting at Shutdown, and ErrTooLarge if one connection
// would get more than Options.QueueBytes. The errors of earlier flushes that had no caller are
// joined to its own, as far as they are among the first 16.
func (b *Batcher) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flushAfter(context.Background())
}

// Close flushes the batcher. From then on Broadcast returns ErrClosed. A second call has no further
// effect.
//
// It returns the errors of Flush. If ctx ends while another flush is in progress, Close drops the
// waiting broadcasts. Its error then also gives their number and wraps ctx's error.
func (b *Batcher) Close(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return failed("close batcher", b.flushAfter(ctx))
}

// flushAfter waits for the flush in progress and then flushes. The caller holds mu, which is
// released meanwhile.
func (b *Batcher) flushAfter(ctx context.Context) error {
	for b.flushing != nil {
		current := b.flushing
		b.mu.Unlock()
		select {
		case <-current:
		case <-ctx.Done():
		}
		b.mu.Lock()
		if ctx.Err() != nil && b.flushing != nil {
			return b.takeErrors(b.dropItems(ctx.Err()))
		}
	}
	return b.takeErrors(b.flush())
}

// dropItems drops what waits, and returns an error that wraps cause. The caller holds mu.
func (b *Batcher) dropItems(cause error) error {
	n := len(b.items)
	b.items, b.bytes = nil, 0
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if n == 0 {
		return fmt.Errorf("a flush is still in progress: %w", cause)
	}
	return fmt.Errorf("%d broadcasts were dropped: %w", n, cause)
}

// flush sends the waiting broadcasts. There is one flush at a time, so that order holds. The caller
// holds mu, which is released meanwhile, and has seen that flushing is nil.
func (b *Batcher) flush() error {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	batch := new(Batch)
	for _, item := range b.items {
		batch.items = append(batch.items, item.batchItem)
	}
	b.items, b.bytes = nil, 0
	b.flushing = make(chan struct{})
	b.mu.Unlock()
	defer func() { // deferred, because a Where may panic
		b.mu.Lock()
		close(b.flushing)
		b.flushing = nil
	}()
	if len(batch.items) == 0 {
		return nil
	}
	return b.hub.Flush(batch)
}
