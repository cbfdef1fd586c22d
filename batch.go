package wsx

import (
	"errors"
	"fmt"
	"html/template"
	"slices"

	"github.com/wsxgo/wsx/internal/protocol"
)

// Batch collects broadcasts, so that each connection gets one frame with everything that is meant for it. The zero value is ready to
// use. A Batch is not safe for concurrent use.
type Batch struct{ items []batchItem }

// A batchItem is what one call of Add or AddMessage adds.
type batchItem struct {
	fragments []Fragment
	checked   []protocol.Fragment // set by Hub.checkItem
	to        []Filter
	room      string // whose history keeps it; set by Hub.checkItem
}

// Add adds what [Hub.Broadcast] would send. Flush reports any error.
func (b *Batch) Add(target string, html template.HTML, swap Swap, to ...Filter) {
	b.items = append(b.items, batchItem{fragments: []Fragment{{target, html, swap}}, to: slices.Clone(to)})
}

// AddMessage adds the fragments of m, which may be verbs of package dom. Flush reports any error. ID, Key and Volatile have no
// meaning here, because a batch is one frame for each connection.
func (b *Batch) AddMessage(m Message, to ...Filter) {
	b.items = append(b.items, batchItem{fragments: slices.Clone(m.Fragments), to: slices.Clone(to)})
}

// Len returns how many calls of Add and AddMessage there were since the last Flush.
func (b *Batch) Len() int { return len(b.items) }

// Flush sends what was added to b and empties it. Each connection gets what its filters select, in the order in which it was added,
// in one frame that the browser applies at once. Connections that are sent the same share the bytes.
//
// What would take over half of Options.QueueBytes for one connection is split into several frames; what would take more than all of
// it is ErrTooLarge. Fragments for a room with history are sent in a frame of their own. An empty batch, or nil, sends nothing.
//
// Flush returns the errors of [Hub.Broadcast], joined, one for each addition that can't be sent. With an error, nothing was sent.
func (h *Hub) Flush(b *Batch) error {
	if b == nil {
		return nil
	}
	items := b.items
	b.items = nil
	return failed("flush", h.flush(items))
}

func (h *Hub) flush(items []batchItem) error {
	if h.isClosed() {
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
	for i := range items {
		if items[i].room == "" {
			f.add(&items[i])
		}
	}
	f.collect()
	if err := f.fits(); err != nil {
		return err
	}
	h.flushRooms(items)
	f.deliver()
	return nil
}

// checkItem checks an item once, and keeps the result in it.
func (h *Hub) checkItem(item *batchItem) (err error) {
	if item.checked != nil {
		return nil
	}
	if len(item.fragments) == 0 {
		return fmt.Errorf("%w: the message has no fragments", ErrTarget)
	}
	checked, err := checkFragments(item.fragments)
	if err != nil {
		return err
	}
	size := int64(0)
	for i := range checked {
		size += int64(protocol.BatchSize(&checked[i], ""))
	}
	if size+protocol.Overhead > h.opts.QueueBytes/2 {
		return fmt.Errorf("%w: %d bytes, Options.QueueBytes is %d", ErrTooLarge, size, h.opts.QueueBytes)
	}
	if item.room, err = h.route(item.to); err != nil {
		return err
	}
	item.checked = checked
	return nil
}

// flushRooms publishes what is kept in rooms. What follows each other in a room and has one audience becomes one message.
func (h *Hub) flushRooms(items []batchItem) {
	type run struct {
		audience  string
		room      string
		to        []Filter
		fragments []protocol.Fragment
	}
	var runs []*run
	last := make(map[string]*run) // of a room
	for i := range items {
		item := &items[i]
		if item.room == "" {
			continue
		}
		audience := audienceKey(item.to)
		r := last[item.room]
		if r == nil || r.audience != audience {
			r = &run{audience: audience, room: item.room, to: item.to}
			runs, last[item.room] = append(runs, r), r
		}
		r.fragments = append(r.fragments, item.checked...)
	}
	for _, r := range runs {
		h.publishBatch(r.room, r.fragments, r.to)
	}
}

// publishBatch publishes fragments in one message, or in several if they are too large for that.
func (h *Hub) publishBatch(room string, fragments []protocol.Fragment, to []Filter) {
	begin, size := 0, int64(protocol.Overhead)
	for i := range fragments {
		n := int64(protocol.BatchSize(&fragments[i], room))
		if i > begin && size+n > h.opts.QueueBytes/2 {
			h.publishInRoom(room, newBatch("", fragments[begin:i:i]), to)
			begin, size = i, protocol.Overhead
		}
		size += n
	}
	h.publishInRoom(room, newBatch("", fragments[begin:]), to)
}
