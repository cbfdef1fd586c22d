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
	room     string // that remembers it; "" is none
}

// Add adds what [Hub.Broadcast] would send. What is wrong with it, Flush says.
func (b *Batch) Add(target string, html template.HTML, swap Swap, to ...Filter) {
	b.items = append(b.items, batchItem{fragment: Fragment{target, html, swap}, to: slices.Clone(to)})
}

// Len returns how many fragments were added since the last Flush.
func (b *Batch) Len() int { return len(b.items) }

// Flush sends what was added to b, and empties it. Each connection gets what its filters select, in the order of Add, in one
// frame that the browser applies at once; connections that are to see the same share the bytes. Only what would take over half
// of Options.QueueBytes for one connection goes out in several frames, and what would take more than all of it is ErrTooLarge.
// Flush returns the errors of [Hub.Broadcast], joined, one for each Add that cannot be sent; then nobody was sent anything. What
// is for rooms that remember goes out in messages of their own. An empty batch, or nil, sends nothing.
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
	if h.admission.IsClosed() {
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
	others := slices.DeleteFunc(slices.Clone(items), func(item batchItem) bool { return item.room != "" })
	f := flush{hub: h, known: make(map[string]int), frames: make(map[string][]*message)}
	for _, item := range others {
		f.add(item)
	}
	f.collect()
	if err := f.fits(); err != nil {
		return err
	}
	h.flushRooms(items)
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
	item.room, err = h.route(item.to)
	return err
}

// flushRooms publishes what rooms are to remember: in one message what follows each other in a room and has one audience.
func (h *Hub) flushRooms(items []batchItem) {
	type run struct {
		audience string
		items    []batchItem
	}
	var runs []*run
	last := make(map[string]*run) // of a room
	for _, item := range items {
		if item.room == "" {
			continue
		}
		audience := audienceKey(item.to)
		r := last[item.room]
		if r == nil || r.audience != audience {
			r = &run{audience: audience}
			runs, last[item.room] = append(runs, r), r
		}
		r.items = append(r.items, item)
	}
	for _, r := range runs {
		h.publishBatch(r.items[0].room, r.items)
	}
}

// publishBatch publishes items of one room and audience in one message, or in several if they are too large for that.
func (h *Hub) publishBatch(room string, items []batchItem) {
	var part []Fragment
	size := int64(0)
	cut := func() {
		if len(part) > 0 {
			h.publishInRoom(room, newBatch("", part), items[0].to)
			part, size = nil, 0
		}
	}
	for _, item := range items {
		n := int64(len(appendFragments(nil, []Fragment{item.fragment}, messageOrigin{room, ""}, false))) + frameOverhead + maxRoomName
		if size+n > h.opts.QueueBytes/2 {
			cut()
		}
		part = append(part, item.fragment)
		size += n
	}
	cut()
}
