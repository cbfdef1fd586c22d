// Package protocol encodes the frames that a server sends and decodes those that browsers send. docs/protocol.md describes them.
//
// It keeps no state. Payloads are JSON texts without a frame header; what this package calls a frame is a whole WebSocket text frame.
package protocol

import (
	"bytes"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
)

// Overhead bounds what an update adds to the bytes of its fragment: keys, quotes, the id and the frame's header.
const Overhead = 256

// A RoomPosition is a position in the message order of a room with history. The zero value stands for none.
type RoomPosition struct{ Room, Position string }

// UpdateFrame returns {id,target,html,swap,oob?,room?,pos?} as one frame, in the full dialect or, with plain, in the original's. There
// is at least one fragment. In the plain dialect, fragments are only those that plain clients can show.
func UpdateFrame(id string, fragments []Fragment, at RoomPosition, plain bool) []byte {
	scratch := newScratch()
	b := append(*scratch, `{"id":`...)
	b = AppendString(b, id)
	b = append(b, ',')
	b = appendFragment(b, &fragments[0], plain)
	if oob := fragments[1:]; len(oob) > 0 {
		b = append(b, `,"oob":[`...)
		b = append(appendFragments(b, oob, RoomPosition{}, plain), ']')
	}
	return scratch.seal(append(appendPosition(b, at), '}'))
}

// BatchFrame returns {type:"batch",updates} as one frame in the full dialect.
func BatchFrame(fragments []Fragment, at RoomPosition) []byte {
	scratch := newScratch()
	b := append(*scratch, `{"type":"batch","updates":[`...)
	return scratch.seal(append(appendFragments(b, fragments, at, false), "]}"...))
}

// BatchSize returns the bytes that f takes in a batch, with what separates it from the next fragment.
func BatchSize(f *Fragment, room string) int {
	scratch := newScratch()
	b := appendFragment((*scratch)[:0], f, false)
	size := len(b) + len(`{},`)
	if room != "" {
		size += len(AppendString(b[:0], room)) + len(`,"room":,"pos":""`) + MaxPosition
	}
	scratch.free(b)
	return size
}

// A scratch is a pooled buffer in which a frame is written, before it is copied to one of its exact size. How much escaping takes
// isn't known before, and frames wait in queues.
type scratch []byte

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxScratch bounds the buffers that are kept.
const maxScratch = 64 << 10

// newScratch returns a buffer with space for a header; the payload is appended to it.
func newScratch() *scratch {
	s := scratches.Get().(*scratch)
	*s = append((*s)[:0], make([]byte, frame.MaxHeader)...)
	return s
}

// seal returns the text frame whose payload was appended in b, which began as s, and gives the buffer back.
func (s *scratch) seal(b []byte) []byte {
	whole := bytes.Clone(frame.Finish(b, frame.OpText))
	s.free(b)
	return whole
}

// free gives the buffer back, which has become b.
func (s *scratch) free(b []byte) {
	if *s = b; cap(b) <= maxScratch {
		scratches.Put(s)
	}
}

// Events returns frames as server-sent events (HTML, section 9.2), one for each text frame, in a pooled buffer that is valid until
// free is called.
func Events(frames []byte) (events []byte, free func()) {
	s := newScratch()
	events = (*s)[:0]
	for payload := range frame.Texts(frames) {
		events = append(append(append(events, "data: "...), payload...), "\n\n"...)
	}
	return events, func() { s.free(events) }
}

func appendFragments(b []byte, fragments []Fragment, at RoomPosition, plain bool) []byte {
	for i := range fragments {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendPosition(appendFragment(append(b, '{'), &fragments[i], plain), at), '}')
	}
	return b
}

func appendPosition(b []byte, at RoomPosition) []byte {
	if at.Position == "" {
		return b
	}
	b = AppendString(append(b, `,"room":`...), at.Room)
	return AppendString(append(b, `,"pos":`...), at.Position)
}

func appendFragment(b []byte, f *Fragment, plain bool) []byte {
	b = append(b, `"target":`...)
	b = AppendString(b, f.Target)
	b = append(b, `,"html":`...)
	b = AppendString(b, f.HTML)
	b = append(b, `,"swap":`...)
	if f.style == actionStyle {
		return append(append(b, `"action","args":`...), f.args()...)
	}
	swap := f.Swap
	if plain {
		swap, _ = f.SwapPlain()
	}
	b = AppendString(b, swap)
	if plain && (f.style == morph || f.style == morphInner) {
		// Our own client's hello may still be on its way. It reads the morph, so that nothing that was typed is lost.
		b = AppendString(append(b, `,"full":`...), f.Swap)
	}
	return b
}
