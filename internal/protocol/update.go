// Package protocol encodes the frames that a server sends and decodes those that browsers send.
// docs/protocol.md describes them.
//
// The package keeps no state except pooled buffers. A payload is a JSON text without a frame
// header. A frame is a whole WebSocket text frame.
package protocol

import (
	"bytes"
	"sync"
	"unicode/utf8"

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

// AppendString appends s as a JSON string (RFC 8259, section 7). Invalid UTF-8 becomes U+FFFD. "<",
// ">" and "&" aren't escaped, because frames are read by JSON.parse and never embedded in a page.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		if i += ordinary(s[i:]); i == len(s) {
			break
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[from:i]...)
		b = appendEscaped(b, c)
		i++
		from = i
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// ordinary returns how many bytes at the beginning of s need no escaping in a JSON string. It looks
// at eight bytes at a time, because HTML is long and few of its bytes need escaping.
func ordinary(s string) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash := x^ones*'"', x^ones*'\\'
		// The high bit of a byte is set if the byte is below 0x20, zero in quote or slash, or not
		// ASCII. A borrow can only mark a byte above a special one by mistake, and the loop below
		// stops at the lower one first.
		if ((x-ones*' ')|(quote-ones)|(slash-ones)|x)&highs != 0 {
			break
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// appendEscaped appends the escape of c. Any byte above ASCII is part of invalid UTF-8.
func appendEscaped(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	if c >= utf8.RuneSelf {
		return append(b, "\ufffd"...)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// AppendStrings appends texts as a JSON array of strings.
func AppendStrings(b []byte, texts []string) []byte {
	b = append(b, '[')
	for i, text := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, text)
	}
	return append(b, ']')
}
