package wsx

import (
	"bytes"
	"compress/flate"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
)

// compressFrom is the payload from which compression is worth its while, in bytes.
const compressFrom = 512

// A deflater compresses one message at a time, each by itself: with a window shared between messages, every connection would
// need a compressor of over a megabyte, and no two could share a frame.
type deflater struct {
	out    bytes.Buffer
	writer *flate.Writer
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	d.writer, _ = flate.NewWriter(&d.out, flate.BestSpeed) // the level is a known one
	return d
}}

// deflate returns the frame of a text message compressed, or as it is when that is not shorter.
func deflate(plain []byte) []byte {
	payload := frame.Payload(plain)
	if len(payload) <= compressFrom {
		return plain
	}
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out.Reset()
	d.out.Write(make([]byte, frame.MaxHeader))
	d.writer.Reset(&d.out)
	_, _ = d.writer.Write(payload) // a bytes.Buffer takes everything
	_ = d.writer.Flush()
	// RFC 7692, section 7.2.1: the empty block that Flush ends with is left out.
	b := d.out.Bytes()[:d.out.Len()-4]
	if len(b)-frame.MaxHeader >= len(payload) {
		return plain
	}
	return frame.FinishCompressed(bytes.Clone(b))
}
