package wsx

import (
	"errors"
	"fmt"
	"html/template"
	"slices"

	"github.com/wsxgo/wsx/internal/protocol"
)

// Batch collects broadcasts, so that each connection gets one frame with everything meant for it.
// The zero value is ready to use. A Batch is not safe for concurrent use.
type Batch struct{ items []batchItem }

// A batchItem is the addition of one call of Add or AddMessage.
type batchItem struct {
	fragments []Fragment
	to        []Filter

	// set by Hub.checkItem
	checked []protocol.Fragment
	destination
}

// Add adds a fragment for the connections that match all filters or, without filters, for every
// connection. [Hub.Flush] checks the arguments and reports any error.
func (b *Batch) Add(target string, html template.HTML, swap Swap, to ...Filter) {
	b.items = append(b.items, batchItem{fragments: []Fragment{{target, html, swap}}, to: slices.Clone(to)})
}

// AddMessage adds the fragments of m, which may be verbs of package dom. [Hub.Flush] reports any
// error.
//
// The ID, Key and Volatile fields of m have no meaning here, because a batch is one frame for each
// connection.
func (b *Batch) AddMessage(m Message, to ...Filter) {
	b.items = append(b.items, batchItem{fragments: slices.Clone(m.Fragments), to: slices.Clone(to)})
}

// Len returns the number of calls of Add and AddMessage since the last Flush.
func (b *Batch) Len() int { return len(b.items) }

// Flush sends the contents of b and empties it. Each connection gets the fragments that its filters
// select, in the order of the calls, in one frame. The browser applies the frame at once.
// Connections that get the same fragments share the encoded bytes.
//
// A frame of more than half of Options.QueueBytes is split. Fragments for a room with history are
// sent in a frame of their own. Flushing an empty or nil batch sends nothing.
//
// Flush joins the errors of all invalid additions: ErrTarget, ErrSwap, ErrFilter, ErrRoom or
// ErrTooLarge. It returns ErrClosed after Shutdown. ErrTooLarge also means that one connection
// would get more than Options.QueueBytes. With an error nothing was sent, and b is empty all the
// same.
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
	f := h.newFlush(items)
	if err := f.fits(); err != nil {
		return err
	}
	parts := h.partsOf(items)
	if h.cluster != nil {
		// First the log: if the broker takes nothing, nothing is sent.
		if err := h.cluster.flushLog(parts); err != nil {
			return err
		}
		f.deliver()
		return h.cluster.flushNotes(items)
	}
	// Nothing can fail from here on, so a room's history keeps a batch only if all of it is sent.
	for _, p := range parts {
		m := newBatch("", p.fragments)
		m.room = p.room
		h.publishInRoom(m, p.to, 0)
	}
	f.deliver()
	return nil
}

// newFlush returns the flush of the items that no history keeps.
func (h *Hub) newFlush(items []batchItem) *flush {
	f := &flush{hub: h, known: make(map[string]int), frames: make(map[string][]*message)}
	for i := range items {
		if !items[i].history {
			f.add(&items[i])
		}
	}
	f.collect()
	return f
}

// checkItem checks an item and keeps the result in it. A Batcher checks early, to return the error
// to the caller of Broadcast; checking again in its flush has no effect.
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
		return fmt.Errorf("%w: %d bytes; the limit is half of Options.QueueBytes, which is %d", ErrTooLarge, size, h.opts.QueueBytes)
	}
	if item.destination, err = h.route(item.to); err != nil {
		return err
	}
	item.checked = checked
	return nil
}

// A batchPart is one message of a batch for a room with history.
type batchPart struct {
	room      string
	fragments []protocol.Fragment
	to        []Filter
}

// partsOf returns the messages of the items for rooms with history. Successive items for one room
// and one audience become one message, because RoomOptions.History limits the number of messages.
func (h *Hub) partsOf(items []batchItem) (parts []batchPart) {
	type run struct {
		audience string
		batchPart
	}
	var runs []*run
	last := make(map[string]*run) // by room
	for i := range items {
		item := &items[i]
		if !item.history {
			continue
		}
		audience := audienceKey(item.to)
		r := last[item.room]
		if r == nil || r.audience != audience {
			r = &run{audience, batchPart{room: item.room, to: item.to}}
			runs, last[item.room] = append(runs, r), r
		}
		r.fragments = append(r.fragments, item.checked...)
	}
	for _, r := range runs {
		parts = h.appendParts(parts, r.batchPart)
	}
	return parts
}

// appendParts appends a part, or several if one message would exceed half of the queue. Each part
// ends at its own length, because messages share the array and nothing may append to it.
func (h *Hub) appendParts(parts []batchPart, p batchPart) []batchPart {
	begin, size := 0, int64(protocol.Overhead)
	for i := range p.fragments {
		n := int64(protocol.BatchSize(&p.fragments[i], p.room))
		if i > begin && size+n > h.opts.QueueBytes/2 {
			parts = append(parts, batchPart{p.room, p.fragments[begin:i:i], p.to})
			begin, size = i, protocol.Overhead
		}
		size += n
	}
	return append(parts, batchPart{p.room, p.fragments[begin:], p.to})
}
