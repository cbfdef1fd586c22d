package wsx

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A pacedWriter writes the body of an answer over HTTP, to a browser that takes at least writePiece of it in each timeout. It
// replaces the deadlines of the server, which are for answers that end soon.
type deadlineWriter struct {
	// immutable
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration

	due atomic.Int64 // when the piece that is being written is late, in Unix nanoseconds; 0: none is being written

	mu   sync.Mutex // guards what follows, and setting deadlines
	over bool       // aborted, or w is no longer ours
}

func newDeadlineWriter(w http.ResponseWriter, timeout time.Duration) *deadlineWriter {
	return &deadlineWriter{w: w, control: http.NewResponseController(w), timeout: timeout}
}

// write writes b, and returns when it has left for the kernel. A browser that takes too little is an error that
// os.ErrDeadlineExceeded is in.
func (p *deadlineWriter) write(b []byte) error {
	// The program's ResponseWriter may panic, and this may be no goroutine of net/http's.
	if err := safely(func() error { return p.writePieces(b) }); err != nil {
		if p.isLate() {
			return fmt.Errorf("%w: %w", os.ErrDeadlineExceeded, err) // HTTP/2 says only that the stream is closed
		}
		return err
	}
	p.due.Store(0)
	// None is left: over HTTP/2 it would cut a stream that has nothing to say, over HTTP/1.1 hit the next answer.
	return p.setDeadline(time.Time{})
}

func (p *deadlineWriter) writePieces(b []byte) error {
	for last := false; !last; {
		piece := b[:min(len(b), writeChunk)]
		b = b[len(piece):]
		last = len(b) == 0
		due := time.Now().Add(p.timeout)
		if err := p.setDeadline(due); err != nil {
			return err
		}
		p.due.Store(due.UnixNano())
		if _, err := p.w.Write(piece); err != nil {
			return err
		}
	}
	if err := p.control.Flush(); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// setDeadline fails once the answer has been aborted. A ResponseWriter that has no deadlines gets none: only short answers are
// written to one.
func (p *deadlineWriter) setDeadline(at time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return net.ErrClosed
	}
	if err := p.control.SetWriteDeadline(at); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// isLate reports that what is being written should have left by now.
func (p *deadlineWriter) isLate() bool {
	due := p.due.Load()
	return due != 0 && time.Now().UnixNano() >= due
}

// isolate has no other request follow r on its connection, which over HTTP/2 carries others anyhow. net/http then does not read
// what is left of r before it answers. It looks at the first value alone.
func isolate(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 {
		header := w.Header()
		header["Connection"] = append([]string{"close"}, header["Connection"]...)
	}
}

// abort ends a write that is going on, and lets none begin. Twice does nothing.
func (p *deadlineWriter) abort() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.over = true
		_ = p.control.SetWriteDeadline(time.Unix(1, 0)) // it fails only when there is nothing to cut
	}
}

// finish must be called before the handler returns, if anybody else may still call abort: after that, w belongs to the next
// request. What net/http still writes has as long as anything else.
func (p *deadlineWriter) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.over = true
		_ = p.control.SetWriteDeadline(time.Now().Add(p.timeout))
	}
}
