package wsx

import (
	"bytes"
	"compress/flate"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
)

// compressFrom is the payload size in bytes from which compression pays. The header of a deflate
// block and the CPU time outweigh what a shorter payload saves.
const compressFrom = 512

// A deflater compresses messages independently of each other. With a window shared between
// messages, every connection would need a compressor of over a megabyte, and connections couldn't
// share a frame.
type deflater struct {
	out    bytes.Buffer
	writer *flate.Writer
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	d.writer, _ = flate.NewWriter(&d.out, flate.BestSpeed) // the level is valid
	return d
}}

// deflate returns the frame of a text message compressed, or plain itself if compression doesn't
// make it shorter.
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
	_, _ = d.writer.Write(payload) // a bytes.Buffer never fails
	_ = d.writer.Flush()
	// The empty block that Flush ends with is left out (RFC 7692, section 7.2.1).
	b := d.out.Bytes()[:d.out.Len()-4]
	if len(b)-frame.MaxHeader >= len(payload) {
		return plain
	}
	return frame.FinishCompressed(bytes.Clone(b))
}
