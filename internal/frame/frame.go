// Package frame builds the WebSocket frames that a server sends (RFC 6455, section 5).
//
// It builds only whole, unmasked messages. A server doesn't mask (RFC 6455, section 5.1), and wsx
// never fragments: a message in a single frame lets all connections of a room share the same bytes.
// Reading, unmasking and the closing handshake are left to github.com/coder/websocket.
package frame

import (
	"encoding/binary"
	"iter"
)

// Opcode says what a frame carries (RFC 6455, section 5.2).
type Opcode byte

// The opcodes of RFC 6455, section 11.8. Frames from OpClose on are control frames, with a payload
// of at most MaxControl bytes.
const (
	OpContinuation Opcode = 0x0
	OpText         Opcode = 0x1
	OpBinary       Opcode = 0x2
	OpClose        Opcode = 0x8
	OpPing         Opcode = 0x9
	OpPong         Opcode = 0xA
)

const (
	// MaxHeader is the length of the longest header of an unmasked frame: two bytes and a length of
	// eight bytes.
	MaxHeader = 10

	// MaxControl is the longest payload of a control frame (RFC 6455, section 5.5).
	MaxControl = 125
)

// The bits and length codes of the first two bytes (RFC 6455, section 5.2).
const (
	finBit  = 0x80
	rsv1Bit = 0x40

	len16    = 126 // two bytes of length follow
	len64    = 127 // eight bytes of length follow
	maxLen7  = 125
	maxLen16 = 1<<16 - 1
)

// Ping is a whole ping frame without a payload (RFC 6455, section 5.5.2). All connections share it,
// so it must not be changed.
var Ping = []byte{finBit | byte(OpPing), 0}

// HeaderLen returns the number of bytes that AppendHeader adds for a payload of n bytes: 2, 4 or
// 10.
func HeaderLen(n int) int {
	switch {
	case n <= maxLen7:
		return 2
	case n <= maxLen16:
		return 4
	default:
		return MaxHeader
	}
}

// AppendHeader appends the header of one final, unmasked frame with a payload of n bytes. It uses
// the shortest form of the length, as RFC 6455, section 5.2, demands. rsv1 marks a message
// compressed with permessage-deflate (RFC 7692, section 6).
//
// n must not be negative, and for a control opcode it must be at most MaxControl. AppendHeader
// doesn't check that, because its callers do.
func AppendHeader(dst []byte, op Opcode, rsv1 bool, n int) []byte {
	first := finBit | byte(op)
	if rsv1 {
		first |= rsv1Bit
	}
	switch {
	case n <= maxLen7:
		return append(dst, first, byte(n))
	case n <= maxLen16:
		return binary.BigEndian.AppendUint16(append(dst, first, len16), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, len64), uint64(n))
	}
}

// Text returns a whole text frame with a copy of payload, in one allocation. payload must be valid
// UTF-8 (RFC 6455, section 5.6), or the peer closes with 1007.
func Text(payload []byte) []byte {
	dst := make([]byte, 0, HeaderLen(len(payload))+len(payload))
	return append(AppendHeader(dst, OpText, false, len(payload)), payload...)
}

// Finish turns b into a whole frame and returns it. The payload must begin at MaxHeader, and the
// header is written right before it. So a payload of unknown length is written once and never
// copied.
func Finish(b []byte, op Opcode) []byte { return finish(b, op, false) }

// FinishCompressed is Finish for a text message that permessage-deflate has compressed (RFC 7692,
// section 6.1).
func FinishCompressed(b []byte) []byte { return finish(b, OpText, true) }

func finish(b []byte, op Opcode, rsv1 bool) []byte {
	n := len(b) - MaxHeader
	start := MaxHeader - HeaderLen(n)
	AppendHeader(b[:start], op, rsv1, n)
	return b[start:]
}

// Payload returns the payload of a whole frame made by this package, without copying it. It returns
// nil for an empty slice.
func Payload(frame []byte) []byte {
	if len(frame) < 2 {
		return nil
	}
	switch frame[1] {
	case len16:
		return frame[4:]
	case len64:
		return frame[MaxHeader:]
	}
	return frame[2:]
}

// Texts returns the payloads of the text frames in frames, in order. Transports without frames of
// their own send these. frames must hold whole, uncompressed frames made by this package. Nothing
// is copied.
func Texts(frames []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(frames) > 0 {
			n := int(frames[1])
			switch n {
			case len16:
				n = int(binary.BigEndian.Uint16(frames[2:]))
			case len64:
				n = int(binary.BigEndian.Uint64(frames[2:]))
			}
			end := HeaderLen(n) + n
			if Opcode(frames[0]&0x0f) == OpText && !yield(frames[end-n:end:end]) {
				return
			}
			frames = frames[end:]
		}
	}
}
