package wsx

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
)

// Batch collects broadcasts, so that each connection gets one frame with all that it is to see. The zero value is ready to
// use. It is for one goroutine at a time.
type Batch struct{ items []batchItem }

type batchItem struct {
	fragment Fragment
	to       []Filter
}

// Add adds what [Hub.Broadcast] would send. What is wrong with it, Flush says.
func (b *Batch) Add(target string, html template.HTML, swap Swap, to ...Filter) {
	b.items = append(b.items, batchItem{Fragment{target, html, swap}, slices.Clone(to)})
}

// Len returns how many fragments were added since the last Flush.
func (b *Batch) Len() int { return len(b.items) }

// Flush sends what was added to b, and empties it. Each connection gets what its filters select, in the order of Add, in one
// frame that the browser applies at once; connections that are to see the same share the bytes. Only what would take over half
// of Options.QueueBytes for one connection goes out in several frames, and what would take more than all of it is ErrTooLarge. Flush returns the errors of [Hub.Broadcast], joined, one
// for each Add that cannot be sent; then nobody was sent anything. An empty batch, or nil, sends nothing.
func (h *Hub) Flush(b *Batch) error {
	if b == nil {
		return nil
	}
	items := b.items
	b.items = nil
	if err := h.flush(items); err != nil {
		return fmt.Errorf("flushing a batch: %w", err)
	}
	return nil
}

func (h *Hub) flush(items []batchItem) error {
	if h.gate.isClosed() {
		return ErrClosed
	}
	var errs []error
	for i := range items {
		if err := h.checkItem(&items[i]); err != nil {
			errs = append(errs, err)
		}
	}
	if errs != nil || len(items) == 0 {
		return errors.Join(errs...)
	}
	f := flush{hub: h, known: make(map[string]int), frames: make(map[string][]*message)}
	for _, item := range items {
		f.add(item)
	}
	f.collect()
	if err := f.fits(); err != nil {
		return err
	}
	f.deliver()
	return nil
}

// checkItem makes the fragment of an item normal, or says why it cannot be sent.
func (h *Hub) checkItem(item *batchItem) error {
	normal, err := normalFragments([]Fragment{item.fragment})
	if err != nil {
		return err
	}
	item.fragment = normal[0]
	if err := newUpdate("", normal).check(h.opts.QueueBytes); err != nil {
		return err
	}
	return checkFilters(item.to)
}
