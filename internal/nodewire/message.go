package nodewire

import (
	"encoding/binary"
	"math"
)

// A Message is fragments for the connections that match filters.
type Message struct {
	ID        string // of a note that must not be shown twice; "" otherwise
	Room      string // that keeps it in its history; "" for none
	Key       string
	Batch     bool // the fragments are independent updates
	Volatile  bool
	Fragments []Fragment
	Filters   []Filter
}

// A Fragment is one piece of HTML, the target and the swap.
type Fragment struct{ Target, HTML, Swap string }

// A Filter is a filter of the root package. The meaning of its fields is that package's.
type Filter struct {
	Kind    uint8
	Names   []string
	Pages   []string
	Key     string
	Numbers [3]float64
	Of      []Filter
}

// MaxFilterDepth bounds the filters in filters.
const MaxFilterDepth = 32

const (
	batchFlag = 1 << iota
	volatileFlag
)

// AppendMessages appends messages after their number.
func AppendMessages(b []byte, all []Message) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for i := range all {
		b = all[i].append(b)
	}
	return b
}

func (m *Message) append(b []byte) []byte {
	b = AppendText(AppendText(AppendText(b, m.ID), m.Room), m.Key)
	flags := byte(0)
	if m.Batch {
		flags |= batchFlag
	}
	if m.Volatile {
		flags |= volatileFlag
	}
	b = append(b, flags)
	b = AppendFragments(b, m.Fragments)
	return AppendFilters(b, m.Filters)
}

// AppendFragments appends fragments after their number.
func AppendFragments(b []byte, all []Fragment) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, f := range all {
		b = AppendText(AppendText(AppendText(b, f.Target), f.HTML), f.Swap)
	}
	return b
}

// AppendFilters appends filters after their number.
func AppendFilters(b []byte, all []Filter) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for i := range all {
		f := &all[i]
		b = append(b, f.Kind)
		b = AppendText(AppendTexts(AppendTexts(b, f.Names), f.Pages), f.Key)
		for _, x := range f.Numbers {
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(x))
		}
		b = AppendFilters(b, f.Of)
	}
	return b
}

// Messages reads what AppendMessages has written.
func (r *Reader) Messages() (all []Message) {
	for range r.Count() {
		m := Message{ID: r.Text(), Room: r.Text(), Key: r.Text()}
		flags := r.Byte()
		m.Batch, m.Volatile = flags&batchFlag != 0, flags&volatileFlag != 0
		m.Fragments, m.Filters = r.Fragments(), r.Filters()
		if flags >= volatileFlag<<1 {
			r.fail() // of a newer program
		}
		all = append(all, m)
	}
	return all
}

// Fragments reads what AppendFragments has written.
func (r *Reader) Fragments() (all []Fragment) {
	for range r.Count() {
		all = append(all, Fragment{r.Text(), r.Text(), r.Text()})
	}
	return all
}

// Filters reads what AppendFilters has written. It fails beyond MaxFilterDepth.
func (r *Reader) Filters() []Filter { return r.filters(0) }

func (r *Reader) filters(depth int) (all []Filter) {
	for range r.Count() {
		if depth > MaxFilterDepth {
			r.fail()
			return nil
		}
		f := Filter{Kind: r.Byte(), Names: r.Texts(), Pages: r.Texts(), Key: r.Text()}
		for i := range f.Numbers {
			var bits [8]byte
			r.bytes(bits[:])
			f.Numbers[i] = math.Float64frombits(binary.BigEndian.Uint64(bits[:]))
		}
		f.Of = r.filters(depth + 1)
		all = append(all, f)
	}
	return all
}
