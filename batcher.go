package wsx

import (
	"errors"
	"fmt"
	"html/template"
	"sync"
	"time"
)

// Broadcaster is what broadcasts: a [Hub], or a [Batcher] or [RateLimiter] in front of one.
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
	// MaxFragments flushes a batch before its time. Default: 256.
	MaxFragments int
}

// Batcher collects broadcasts for a short time and sends them as one [Batch], so that a browser gets one frame instead of many.
// A broadcast that says nothing new after a later one is left out: one that replaces all that is inside an element, if the very
// next broadcast, to the same audience, does so again. Filters are asked when the batch is sent. All methods may be called
// concurrently.
type Batcher struct {
	// immutable
	hub  *Hub
	opts BatcherOptions

	mu       sync.Mutex // guards what follows
	items    []pendingBroadcast
	bytes    int64
	timer    *time.Timer   // runs while something waits
	flushing chan struct{} // closed when the flush that is going on ends; nil: none is
	closed   bool
	err      error // of a flush that nobody waited for, for the next one who can be told
}

// A collected broadcast waits for its batch, with the message that conflation looks at.
type pendingBroadcast struct {
	batchItem
	msg      *message
	audience string
}

// NewBatcher returns a batcher in front of h. It has no goroutine while nothing waits. It panics, with the field's name, on
// negative options.
func NewBatcher(h *Hub, opts BatcherOptions) *Batcher {
	mustBePositive("BatcherOptions.Window", float64(opts.Window))
	mustBePositive("BatcherOptions.MaxFragments", float64(opts.MaxFragments))
	orDefault(&opts.Window, defaultWindow)
	orDefault(&opts.MaxFragments, defaultMaxFragments)
	return &Batcher{hub: h, opts: opts}
}

func mustBePositive(field string, value float64) {
	if !(value >= 0) {
		panic("wsx: " + field + ": must not be negative")
	}
}

// Broadcast collects one fragment. It returns the errors of [Hub.Broadcast], and ErrClosed after Close.
func (b *Batcher) Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error {
	full, err := b.collect(batchItem{fragment: Fragment{target, html, swap}, to: append([]Filter(nil), to...)})
	if err != nil {
		return fmt.Errorf("batching: %w", err)
	}
	if full {
		b.flushAlone()
	}
	return nil
}

func (b *Batcher) isClosed() bool { return b.hub.admission.IsClosed() }

// collect adds one item; full: it is time to flush.
func (b *Batcher) collect(item batchItem) (full bool, err error) {
	if b.hub.admission.IsClosed() {
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
		b.bytes -= rawSize(b.items[n-1].msg.fragments)
		b.items = b.items[:n-1]
	}
	b.items = append(b.items, add)
	b.bytes += rawSize(add.msg.fragments)
	if b.timer == nil {
		b.timer = time.AfterFunc(b.opts.Window, b.flushInTime)
	}
	return b.full(), nil
}

// full reports that what waits should not wait for its time. The caller holds mu.
func (b *Batcher) full() bool {
	return len(b.items) >= b.opts.MaxFragments || b.bytes > b.hub.opts.QueueBytes/4
}

func newPendingBroadcast(item batchItem) pendingBroadcast {
	msg := newUpdate("", []Fragment{item.fragment})
	msg.room = roomOf(item.to)
	return pendingBroadcast{item, msg, audienceKey(item.to)}
}

// supersedes reports that c makes last, the one queued right before it, superfluous. Before audiences are found out, that
// takes the same filters too.
func (c pendingBroadcast) supersedes(last pendingBroadcast) bool {
	return c.audience == last.audience && supersedes(c.msg, last.msg, true)
}

// flushAlone flushes, unless that is going on already, for a caller that cannot wait: the timer, or a Broadcast, which may
// come from a Where that a flush is calling.
func (b *Batcher) flushAlone() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for first := true; b.flushing == nil && (first || b.full()); first = false {
		b.err = errors.Join(b.err, b.flush())
	}
	if b.flushing != nil && b.timer != nil {
		b.timer.Reset(b.opts.Window) // whoever flushes has not taken what waits now, and the timer may have run out
	}
}

// flushInTime is flushAlone for the timer, whose goroutine is ours: a Where that panics must not end the process.
func (b *Batcher) flushInTime() {
	err := safely(func() error { b.flushAlone(); return nil })
	if err != nil {
		b.hub.opts.Logger.Error("wsx: flushing a batch failed", "error", err)
	}
}

// Flush sends what was collected, now, and returns when that is queued for the browsers. It returns ErrClosed if the hub was
// shut down; then nobody is left to be sent anything. It must not be called from a Where that the flush itself calls.
func (b *Batcher) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.flushing != nil {
		going := b.flushing
		b.mu.Unlock()
		<-going
		b.mu.Lock()
	}
	err := errors.Join(b.err, b.flush())
	b.err = nil
	return err
}

// flush sends what waits. One flush follows the other, so that order holds. The caller holds mu, which is given up meanwhile.
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

// Close flushes, and from then on refuses with ErrClosed. Twice does nothing.
func (b *Batcher) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	return b.Flush()
}
