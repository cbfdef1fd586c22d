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

// Broadcaster sends one fragment to the connections that match all filters. A [Hub] is one, and so are the [Batcher] and the
// [RateLimiter] that stand in front of another one.
type Broadcaster interface {
	Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error
}

const (
	defaultWindow       = 50 * time.Millisecond
	defaultMaxFragments = 256
)

// BatcherOptions are the settings of a [Batcher]. A zero field means its default.
type BatcherOptions struct {
	// Window is how long the first broadcast of a batch waits for others. Default: 50 ms.
	Window time.Duration
	// MaxFragments is how many broadcasts a batch holds before it is flushed early. Default: 256.
	MaxFragments int
}

// Batcher collects broadcasts for a short time and sends them as one [Batch], so that a browser gets one frame instead of many.
//
// A broadcast that replaces all that is inside an element is dropped if the very next one, for the same audience, does so again.
// Filters are evaluated when the batch is sent. All methods may be called concurrently.
type Batcher struct {
	// immutable
	hub  *Hub
	opts BatcherOptions

	mu       sync.Mutex // guards what follows
	items    []pendingBroadcast
	bytes    int64
	timer    *time.Timer   // runs while a broadcast waits
	flushing chan struct{} // closed when the current flush ends; nil while there is none
	closed   bool
	err      error // of a flush without a caller, for the next caller that can be told
}

// A pendingBroadcast waits to be sent, with the message that conflation looks at.
type pendingBroadcast struct {
	batchItem
	msg      *message
	audience string
}

// NewBatcher returns a batcher in front of h. It has no goroutine while nothing waits. It panics, with the name of the argument or
// field, if h is nil or an option is negative.
func NewBatcher(h *Hub, opts BatcherOptions) *Batcher {
	requireNonNil("NewBatcher", "h", h == nil)
	requireNonNegative("BatcherOptions.Window", opts.Window)
	requireNonNegative("BatcherOptions.MaxFragments", opts.MaxFragments)
	orDefault(&opts.Window, defaultWindow)
	orDefault(&opts.MaxFragments, defaultMaxFragments)
	return &Batcher{hub: h, opts: opts}
}

// Broadcast collects one fragment. It returns the errors of [Hub.Broadcast], and ErrClosed after Close.
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

// collect adds one item. The boolean reports whether it is time to flush.
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

// supersedes reports whether p makes last, the one queued right before it, superfluous. Audiences aren't known yet, so that also takes
// equal filters.
func (p pendingBroadcast) supersedes(last pendingBroadcast) bool {
	return p.audience == last.audience && supersedes(p.msg, last.msg, true)
}

// flushAlone flushes, unless a flush is under way, for a caller that can't wait: the timer, or a Broadcast, which may come from a
// Where that a flush is calling.
func (b *Batcher) flushAlone() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for first := true; b.flushing == nil && (first || b.full()); first = false {
		b.err = errors.Join(b.err, b.flush())
	}
	if b.flushing != nil && b.timer != nil {
		b.timer.Reset(b.opts.Window) // the flush under way hasn't taken what waits now, and the timer may have fired
	}
}

// flushInTime is flushAlone for the timer, in whose goroutine a Where that panics would end the process.
func (b *Batcher) flushInTime() {
	err := safely(func() error { b.flushAlone(); return nil })
	if err != nil {
		b.hub.opts.Logger.Error("wsx: flushing a batch failed", "error", err)
	}
}

// Flush sends what was collected and returns when it is queued for the browsers. It also returns the errors of earlier flushes that had
// no caller, and ErrClosed if broadcasts were waiting when the hub was shut down.
//
// It must not be called from a Where that the flush itself calls.
func (b *Batcher) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.flushAfter(context.Background())
}

// Close flushes, and from then on Broadcast returns ErrClosed. It returns the errors of Flush. If ctx ends while another flush is under
// way, Close drops what still waits, and its error says how much and wraps ctx's. A second call has no further effect.
func (b *Batcher) Close(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return failed("close batcher", b.flushAfter(ctx))
}

// flushAfter waits for the flush that is under way and then flushes. The caller holds mu, which is released meanwhile.
func (b *Batcher) flushAfter(ctx context.Context) error {
	for b.flushing != nil {
		going := b.flushing
		b.mu.Unlock()
		select {
		case <-going:
		case <-ctx.Done():
		}
		b.mu.Lock()
		if n := len(b.items); ctx.Err() != nil && b.flushing != nil {
			b.items, b.bytes = nil, 0
			return fmt.Errorf("%d broadcasts were dropped: %w", n, ctx.Err())
		}
	}
	err := errors.Join(b.err, b.flush())
	b.err = nil
	return err
}

// flush sends what waits. One flush follows another, so that order holds. The caller holds mu, which is released meanwhile.
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
	defer func() { // also when a Where panics
		b.mu.Lock()
		close(b.flushing)
		b.flushing = nil
	}()
	if len(batch.items) == 0 {
		return nil
	}
	return b.hub.Flush(batch)
}
