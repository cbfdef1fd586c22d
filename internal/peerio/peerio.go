// Package peerio reads from and writes to a peer that may be slow or may send too much.
package peerio

import (
	"io"
	"time"
)

// A ChunkWriter is what [WriteChunks] writes to. A net.Conn is one.
type ChunkWriter interface {
	io.Writer
	SetWriteDeadline(at time.Time) error
}

// WriteChunks writes b to w in chunks of at most size bytes. Each chunk has timeout to leave, so a peer that is slow but steady
// gets all of b. An empty b is one empty write. The deadline of the last chunk stays set.
func WriteChunks(w ChunkWriter, b []byte, size int, timeout time.Duration) error {
	for {
		chunk := b[:min(len(b), size)]
		if err := w.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
			return err
		}
		if _, err := w.Write(chunk); err != nil {
			return err
		}
		if b = b[len(chunk):]; len(b) == 0 {
			return nil
		}
	}
}

// A Budget bounds what a peer may send.
type Budget interface {
	// Before waits until the peer may send more. It returns the part of p that the next read may
	// fill.
	Before(p []byte) ([]byte, error)
	// After counts the bytes that a read brought.
	After(n int)
}

// longWait is how long Before may wait without extending the peer's time.
const longWait = time.Second

// Read reads from r into p within a budget. It calls renew after a long wait, which must not shorten the peer's time for a
// message. An error of Before is returned without a read.
func Read(b Budget, r io.Reader, p []byte, renew func()) (int, error) {
	begin := time.Now()
	p, err := b.Before(p)
	if err != nil {
		return 0, err
	}
	if time.Since(begin) > longWait {
		renew()
	}
	n, err := r.Read(p)
	if n > 0 {
		b.After(n)
	}
	return n, err
}
