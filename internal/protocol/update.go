// Package protocol encodes the frames that a server sends and decodes those that browsers send.
// docs/protocol.md describes them.
//
// The package keeps no state except pooled buffers. A payload is a JSON text without a frame
// header. A frame is a whole WebSocket text frame.
package protocol

import (
	"bytes"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
)

// Overhead bounds the bytes that an update adds to its fragment: keys, quotes, the id and the
// frame's header.
const Overhead = 256

// A RoomPosition is a position in the message order of a room with history. The zero value means
// none.
type RoomPosition struct{ Room, Position string }

// UpdateFrame returns {id,target,html,swap,oob?,room?,pos?} as one frame, for full clients or, if
// plain is true, for plain ones. There must be at least one fragment. Plain clients must be able to
// show all of them if plain is true.
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

// BatchFrame returns {type:"batch",updates} as one frame for full clients.
func BatchFrame(fragments []Fragment, at RoomPosition) []byte {
	scratch := newScratch()
	b := append(*scratch, `{"type":"batch","updates":[`...)
	return scratch.seal(append(appendFragments(b, fragments, at, false), "]}"...))
}

// BatchSize returns the bytes that f takes in a batch, including the separator from the next
// fragment.
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

// A scratch is a pooled buffer for encoding a frame, which is then copied to a slice of its exact
// size. The size isn't known in advance because of escaping, and frames wait in queues, where spare
// capacity would add up.
type scratch []byte

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxScratch bounds the buffers that are kept, so that one large frame doesn't occupy memory
// forever.
const maxScratch = 64 << 10

// newScratch returns a buffer with space for a header. The payload is appended to it.
func newScratch() *scratch {
	s := scratches.Get().(*scratch)
	*s = append((*s)[:0], make([]byte, frame.MaxHeader)...)
	return s
}

// seal returns the text frame whose payload was appended to s, giving b, and returns the buffer to
// the pool.
func (s *scratch) seal(b []byte) []byte {
	whole := bytes.Clone(frame.Finish(b, frame.OpText))
	s.free(b)
	return whole
}

// free returns the buffer to the pool. Appending has turned it into b.
func (s *scratch) free(b []byte) {
	if *s = b; cap(b) <= maxScratch {
		scratches.Put(s)
	}
}

// Events returns frames as server-sent events (HTML, section 9.2), one for each text frame. The
// result is a pooled buffer that is valid until free is called.
func Events(frames []byte) (events []byte, free func()) {
	s := newScratch()
	events = (*s)[:0]
	for payload := range frame.Texts(frames) {
		events = append(append(append(events, "data: "...), payload...), "\n\n"...)
	}
	return events, func() { s.free(events) }
}

// appendFragments appends the objects of fragments, separated by commas.
func appendFragments(b []byte, fragments []Fragment, at RoomPosition, plain bool) []byte {
	for i := range fragments {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendPosition(appendFragment(append(b, '{'), &fragments[i], plain), at), '}')
	}
	return b
}

// appendPosition appends the members of a position, if there is one.
func appendPosition(b []byte, at RoomPosition) []byte {
	if at.Position == "" {
		return b
	}
	b = AppendString(append(b, `,"room":`...), at.Room)
	return AppendString(append(b, `,"pos":`...), at.Position)
}

// appendFragment appends the members of a fragment without the braces, because the caller adds
// others.
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
		// A full client counts as plain until its hello arrives. It reads "full" and morphs, so
		// that no input is lost.
		b = AppendString(append(b, `,"full":`...), f.Swap)
	}
	return b
}
