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
// of Options.QueueBytes for one connection goes out in several frames. Flush returns the errors of [Hub.Broadcast], joined, one
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

// A flush finds out who is to see what. Items with equal filters have one audience; what a connection sees follows from
// the set of audiences that it belongs to, and connections of the same set share their frames.
type flush struct {
	hub       *Hub
	items     []flushItem
	audiences [][]Filter
	known     map[string]int        // the audience of a key
	frames    map[string][]*message // by set: one bit for each audience
	scratch   []byte
}

type flushItem struct {
	fragment Fragment
	audience int
	size     int64 // encoded, with what separates it from others
}

func (f *flush) add(item batchItem) {
	key := audienceKey(item.to)
	i, known := f.known[key]
	if !known {
		i = len(f.audiences)
		f.known[key] = i
		f.audiences = append(f.audiences, item.to)
	}
	f.scratch = appendFragments(f.scratch[:0], []Fragment{item.fragment})
	f.items = append(f.items, flushItem{item.fragment, i, int64(len(f.scratch)) + 1})
}

// deliver queues for every connection of an audience what it is to see.
func (f *flush) deliver() {
	set := make([]byte, (len(f.audiences)+7)/8)
	wake := waker{writers: &f.hub.writers}
	defer wake.flush()
	f.plan().members(func(m *membership) bool {
		c := m.conn
		c.mu.Lock()
		chosen, unsure := f.choose(c, set, nil)
		for said := make(map[*rule]bool); len(unsure) > 0; chosen, unsure = f.choose(c, set, said) {
			c.mu.Unlock()
			for _, i := range unsure {
				ask(f.audiences[i], c, said)
			}
			c.mu.Lock()
		}
		defer c.mu.Unlock()
		if chosen {
			for _, frame := range f.framesFor(set) {
				if _, idle := c.enqueue(frame); idle {
					wake.add(c)
				}
			}
		}
		return true
	})
}

// plan walks the connections that can belong to an audience.
func (f *flush) plan() plan {
	var union plan
	size := int64(0)
	for _, filters := range f.audiences {
		p := f.hub.plan(filters)
		for _, g := range p.walk {
			size += g.size.Load()
		}
		union.walk = append(union.walk, p.walk...)
	}
	if everybody := &f.hub.everybody; size >= everybody.size.Load() {
		union.walk = []*group{everybody}
	}
	return union
}

// choose sets the bits of the audiences that c, whose mu the caller holds, belongs to. It returns those of which Where has to
// be asked.
func (f *flush) choose(c *Connection, set []byte, said map[*rule]bool) (chosen bool, unsure []int) {
	clear(set)
	if c.ending != nil {
		return false, nil
	}
	for i, filters := range f.audiences {
		switch matchAll(filters, c, said) {
		case yes:
			set[i/8] |= 1 << (i % 8)
			chosen = true
		case unknown:
			unsure = append(unsure, i)
		}
	}
	return chosen, unsure
}

// framesFor returns the messages for a set of audiences: one, unless they are too large for that.
func (f *flush) framesFor(set []byte) []*message {
	if frames, made := f.frames[string(set)]; made {
		return frames
	}
	var frames []*message
	var part []Fragment
	var size int64
	room := ""
	cut := func() {
		if len(part) > 0 {
			m := newBatch(f.hub.newUpdateID(), part)
			m.room = room // of the last item, which counts only if it is alone
			frames = append(frames, m)
			part, size = nil, 0
		}
	}
	for _, item := range f.items {
		if set[item.audience/8]&(1<<(item.audience%8)) == 0 {
			continue
		}
		if size+item.size+frameOverhead > f.hub.opts.QueueBytes/2 {
			cut()
		}
		part = append(part, item.fragment)
		size += item.size
		room = roomOf(f.audiences[item.audience])
	}
	cut()
	f.frames[string(set)] = frames
	return frames
}
