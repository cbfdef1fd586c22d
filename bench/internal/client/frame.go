//go:build linux

package client

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
)

// The opcodes of RFC 6455, section 5.2.
const (
	opContinuation = 0
	opText         = 1
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// A frame is one WebSocket frame from a server. Its payload is a slice of the buffer passed to parseFrame.
type frame struct {
	final, deflated bool
	opcode          byte
	payload         []byte
}

// parseFrame returns the first frame in p and its size, or size 0 if p doesn't contain a complete frame.
func parseFrame(p []byte) (f frame, size int) {
	if len(p) < 2 {
		return f, 0
	}
	header, length := 2, uint64(p[1]&0x7f)
	switch length {
	case 126:
		if header = 4; len(p) >= header {
			length = uint64(binary.BigEndian.Uint16(p[2:]))
		}
	case 127:
		if header = 10; len(p) >= header {
			length = binary.BigEndian.Uint64(p[2:])
		}
	}
	if len(p) < header || uint64(len(p)-header) < length {
		return f, 0
	}
	size = header + int(length)
	return frame{p[0]&0x80 != 0, p[0]&0x40 != 0, p[0] & 0x0f, p[header:size]}, size
}

// clientFrame returns a client's frame, masked with zeros. The payload must be shorter than 64 KiB.
// A mask of zeros is valid and leaves the payload as it is.
func clientFrame(opcode byte, payload []byte) []byte {
	b := []byte{0x80 | opcode}
	if len(payload) < 126 {
		b = append(b, 0x80|byte(len(payload)))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(len(payload)))
	}
	b = append(b, 0, 0, 0, 0)
	return append(b, payload...)
}

// An inflater decompresses permessage-deflate without context takeover.
type inflater struct {
	flate io.ReadCloser
	out   bytes.Buffer
}

// flateEnd is the tail that RFC 7692, section 7.2.2 removes, and an empty last block.
const flateEnd = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// inflate returns the message. It is valid until the next call.
func (i *inflater) inflate(message []byte) ([]byte, error) {
	in := io.MultiReader(bytes.NewReader(message), bytes.NewReader([]byte(flateEnd)))
	if i.flate == nil {
		i.flate = flate.NewReader(in)
	} else if err := i.flate.(flate.Resetter).Reset(in, nil); err != nil {
		return nil, err
	}
	i.out.Reset()
	_, err := i.out.ReadFrom(i.flate)
	return i.out.Bytes(), err
}
