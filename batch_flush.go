package wsx

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/wsxgo/wsx/internal/protocol"
)

// A flush finds out who is to see what. Items with equal filters have one audience; what a connection sees follows from
// the set of audiences that it belongs to, and connections of the same set share their frames.
type flush struct {
	hub       *Hub
	items     []flushItem
	audiences []audience
	known     map[string]int        // the audience of a key
	frames    map[string][]*message // by set: one bit for each audience

	// Who may belong to which audience: for each connection so many words, with a bit for each audience.
	words int
	conns []*Connection
	place map[*Connection]int // in conns
	maybe []uint64
}

type flushItem struct {
	fragment protocol.Fragment
	audience int
	size     int64 // encoded, with what separates it from others
}

type audience struct {
	filters []Filter
	items   []int // what it is to see
	size    int64 // of these, encoded
}

func (f *flush) add(item *batchItem) {
	key := audienceKey(item.to)
	i, known := f.known[key]
	if !known {
		i = len(f.audiences)
		f.known[key] = i
		f.audiences = append(f.audiences, audience{filters: item.to})
	}
	for _, fragment := range item.checked {
		f.audiences[i].items = append(f.audiences[i].items, len(f.items))
		size := int64(protocol.BatchSize(&fragment, ""))
		f.items = append(f.items, flushItem{fragment, i, size})
		f.audiences[i].size += size
	}
}

// collect finds the connections that may belong to an audience. Whether they do is asked when they are sent something.
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

// fits returns ErrTooLarge if a connection is to see more than its whole queue holds: it would be closed for it.
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
			return fmt.Errorf("%w: one connection is to see %d bytes, QueueBytes is %d", ErrTooLarge, size, f.hub.opts.QueueBytes)
		}
	}
	return nil
}

// sizeOf returns the bytes of what the audiences of a set are to see.
func (f *flush) sizeOf(set []uint64) (size int64) {
	for w, word := range set {
		for ; word != 0; word &= word - 1 {
			size += f.audiences[w*64+bits.TrailingZeros64(word)].size
		}
	}
	return size
}

// deliver queues for every connection of an audience what it is to see.
func (f *flush) deliver() {
	set := make([]byte, 8*f.words)
	wake := wakeList{writers: &f.hub.writers}
	defer wake.flush()
	for at, c := range f.conns {
		maybe := f.maybe[at*f.words : (at+1)*f.words]
		c.mu.Lock()
		chosen, unsure := f.choose(c, maybe, set, nil)
		for said := make(map[*rule]bool); len(unsure) > 0; chosen, unsure = f.choose(c, maybe, set, said) {
			c.mu.Unlock()
			wake.flush() // Where may take its time
			for _, i := range unsure {
				evaluateWhere(f.audiences[i].filters, c, said)
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

// choose sets the bits of the audiences, of those that maybe has, that c, whose mu the caller holds, belongs to. It returns
// those of which Where has to be asked.
func (f *flush) choose(c *Connection, maybe []uint64, set []byte, said map[*rule]bool) (chosen bool, unsure []int) {
	clear(set)
	if c.closeReason != nil {
		return false, nil
	}
	for w, word := range maybe {
		for ; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			switch matchAll(f.audiences[i].filters, c, said) {
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

// framesFor returns the messages for a set of audiences: one, unless they are too large for that.
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
			m.room = room // of the last item, which counts only if it is alone
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
		room = roomOf(f.audiences[item.audience].filters)
	}
	cut()
	f.frames[string(set)] = frames
	return frames
}

// itemsFor returns what a set of audiences is to see, in the order of Add.
func (f *flush) itemsFor(set []byte) (items []int) {
	for i, eight := range set {
		for ; eight != 0; eight &= eight - 1 {
			items = append(items, f.audiences[i*8+bits.TrailingZeros8(eight)].items...)
		}
	}
	slices.Sort(items)
	return items
}
