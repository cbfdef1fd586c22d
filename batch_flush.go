package wsx

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/wsxgo/wsx/internal/protocol"
)

// A flush works out what each connection gets. Items with equal filters have one audience. A
// connection gets the items of the audiences that it belongs to, and connections in the same set of
// audiences share their frames. Evaluating filters once per audience, not once per item, keeps a
// large batch cheap.
type flush struct {
	hub       *Hub
	items     []flushItem
	audiences []audience
	known     map[string]int        // index in audiences, by audienceKey
	frames    map[string][]*message // by set of audiences, one bit for each

	// The audiences that each connection may belong to, as one bit for each: maybe holds words for
	// every connection, in the order of conns. One slice for all costs fewer allocations.
	words int
	conns []*Connection
	place map[*Connection]int // index in conns
	maybe []uint64
}

type flushItem struct {
	fragment protocol.Fragment
	audience int
	size     int64 // encoded, including the separator
}

type audience struct {
	filters []Filter
	room    string // that its messages belong to, or ""
	items   []int  // indexes of the items for it
	size    int64  // of these items, encoded
}

func (f *flush) add(item *batchItem) {
	key := audienceKey(item.to)
	i, known := f.known[key]
	if !known {
		i = len(f.audiences)
		f.known[key] = i
		f.audiences = append(f.audiences, audience{filters: item.to, room: item.room})
	}
	for _, fragment := range item.checked {
		f.audiences[i].items = append(f.audiences[i].items, len(f.items))
		size := int64(protocol.BatchSize(&fragment, ""))
		f.items = append(f.items, flushItem{fragment, i, size})
		f.audiences[i].size += size
	}
}

// collect finds the connections that may belong to an audience. Indexes answer that without a lock;
// the filters are evaluated under the connection's lock, when its frames are queued.
func (f *flush) collect() {
	f.words = (len(f.audiences) + 63) / 64
	f.place = make(map[*Connection]int)
	for i, a := range f.audiences {
		f.hub.plan(a.filters).members(func(m *membership) bool {
			at, known := f.place[m.conn]
			if !known {
				at = len(f.conns)
				f.place[m.conn] = at
				f.conns = append(f.conns, m.conn)
				f.maybe = slices.Grow(f.maybe, f.words)[:len(f.maybe)+f.words]
			}
			f.maybe[at*f.words+i/64] |= 1 << (i % 64)
			return true
		})
	}
}

// fits returns ErrTooLarge if a connection would get more than its whole queue holds, because the
// connection would be closed for it. Only if the possible audiences exceed the limit are the
// filters evaluated. A Where that would have to be called counts as a match.
func (f *flush) fits() error {
	set := make([]byte, 8*f.words)
	for at, c := range f.conns {
		maybe := f.maybe[at*f.words : (at+1)*f.words]
		if f.sizeOf(maybe) <= f.hub.opts.QueueBytes {
			continue
		}
		c.mu.Lock()
		_, unsure := f.choose(c, maybe, set, nil)
		c.mu.Unlock()
		sure := make([]uint64, f.words)
		for i := range f.audiences {
			if set[i/8]&(1<<(i%8)) != 0 || slices.Contains(unsure, i) {
				sure[i/64] |= 1 << (i % 64)
			}
		}
		if size := f.sizeOf(sure); size > f.hub.opts.QueueBytes {
			return fmt.Errorf("%w: one connection would get %d bytes; the limit is Options.QueueBytes, which is %d", ErrTooLarge, size, f.hub.opts.QueueBytes)
		}
	}
	return nil
}

// sizeOf returns the encoded size of the items for a set of audiences.
func (f *flush) sizeOf(set []uint64) (size int64) {
	for w, word := range set {
		for ; word != 0; word &= word - 1 {
			size += f.audiences[w*64+bits.TrailingZeros64(word)].size
		}
	}
	return size
}

// deliver queues the frames for every connection. If membership depends on a Where, the
// connection's lock is released for the call, and the filters are evaluated again: they may have
// changed.
func (f *flush) deliver() {
	set := make([]byte, 8*f.words)
	wake := wakeList{writers: &f.hub.writers}
	defer wake.flush()
	for at, c := range f.conns {
		maybe := f.maybe[at*f.words : (at+1)*f.words]
		c.mu.Lock()
		chosen, unsure := f.choose(c, maybe, set, nil)
		for results := make(map[*rule]bool); len(unsure) > 0; chosen, unsure = f.choose(c, maybe, set, results) {
			c.mu.Unlock()
			wake.flush() // a slow Where must not delay connections that have their frames
			for _, i := range unsure {
				evaluateWhere(f.audiences[i].filters, c, results)
			}
			c.mu.Lock()
		}
		if chosen {
			for _, frame := range f.framesFor(set) {
				if _, idle := c.enqueue(frame); idle {
					wake.add(c)
				}
			}
		}
		c.mu.Unlock()
	}
}

// choose sets in set the bits of the audiences that c belongs to, among those in maybe. It returns
// the audiences that depend on a Where without a result yet. The caller holds c.mu.
func (f *flush) choose(c *Connection, maybe []uint64, set []byte, results map[*rule]bool) (chosen bool, unsure []int) {
	clear(set)
	if c.closeReason != nil {
		return false, nil
	}
	for w, word := range maybe {
		for ; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			switch matchAll(f.audiences[i].filters, c, results) {
			case yes:
				set[i/8] |= 1 << (i % 8)
				chosen = true
			case unknown:
				unsure = append(unsure, i)
			}
		}
	}
	return chosen, unsure
}

// framesFor returns the messages for a set of audiences: one, or several if one would exceed half
// of the queue.
func (f *flush) framesFor(set []byte) []*message {
	if frames, made := f.frames[string(set)]; made {
		return frames
	}
	var frames []*message
	var part []protocol.Fragment
	var size int64
	room := ""
	cut := func() {
		if len(part) > 0 {
			m := newBatch(f.hub.newUpdateID(), part)
			m.room = room // of the last item; supersedes uses it only for a message of one fragment
			frames = append(frames, m)
			part, size = nil, 0
		}
	}
	for _, i := range f.itemsFor(set) {
		item := f.items[i]
		if size+item.size+protocol.Overhead > f.hub.opts.QueueBytes/2 {
			cut()
		}
		part = append(part, item.fragment)
		size += item.size
		room = f.audiences[item.audience].room
	}
	cut()
	f.frames[string(set)] = frames
	return frames
}

// itemsFor returns the items for a set of audiences, in the order of Add.
func (f *flush) itemsFor(set []byte) (items []int) {
	for i, eight := range set {
		for ; eight != 0; eight &= eight - 1 {
			items = append(items, f.audiences[i*8+bits.TrailingZeros8(eight)].items...)
		}
	}
	slices.Sort(items)
	return items
}
