package httpio

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx/internal/peerio"
)

// start is when the clock of all DeadlineWriters began. A change of the machine's clock doesn't affect it.
var start = time.Now()

// slack is how much sooner than its deadline a write may be cut: timers of the kernel and of HTTP/2 are coarser than the clock.
const slack = 5 * time.Millisecond

// A DeadlineWriter writes the body of a response to a browser that takes at least one chunk of it in each timeout. It replaces
// the server's deadlines, which are for responses that end soon.
type DeadlineWriter struct {
	// immutable
	w       http.ResponseWriter
	control *http.ResponseController
	chunk   int
	timeout time.Duration

	due atomic.Int64 // when the chunk being written is late, since start; 0 while none is written

	// guarded by mu, which also guards setting deadlines
	mu   sync.Mutex
	over bool // the response is aborted, or w belongs to another request
}

// NewDeadlineWriter returns a writer to w. Each chunk bytes have timeout to leave.
func NewDeadlineWriter(w http.ResponseWriter, chunk int, timeout time.Duration) *DeadlineWriter {
	return &DeadlineWriter{w: w, control: http.NewResponseController(w), chunk: chunk, timeout: timeout}
}

// Write writes b and returns when it has left for the kernel. The error wraps os.ErrDeadlineExceeded if the browser took too
// little. A panic of the program's http.ResponseWriter becomes an error: the caller may not be a goroutine of net/http's.
func (d *DeadlineWriter) Write(b []byte) error {
	if err := d.write(b); err != nil {
		if d.IsLate() {
			return fmt.Errorf("%w: %w", os.ErrDeadlineExceeded, err) // HTTP/2 only says that the stream is closed
		}
		return err
	}
	d.due.Store(0)
	// A deadline that stayed would cut an idle stream over HTTP/2, and hit the next response over HTTP/1.1.
	return d.setDeadline(time.Time{})
}

func (d *DeadlineWriter) write(b []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the http.ResponseWriter: %v\n%s", p, debug.Stack())
		}
	}()
	if err := peerio.WriteChunks((*chunkWriter)(d), b, d.chunk, d.timeout); err != nil {
		return err
	}
	if err := d.control.Flush(); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// A chunkWriter is a DeadlineWriter as peerio sees it.
type chunkWriter DeadlineWriter

func (c *chunkWriter) Write(b []byte) (int, error) { return c.w.Write(b) }

func (c *chunkWriter) SetWriteDeadline(at time.Time) error {
	if err := (*DeadlineWriter)(c).setDeadline(at); err != nil {
		return err
	}
	c.due.Store(int64(at.Sub(start)))
	return nil
}

// setDeadline fails once the response is aborted. A ResponseWriter without deadlines gets none: only short responses are written
// to one.
func (d *DeadlineWriter) setDeadline(at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return net.ErrClosed
	}
	if err := d.control.SetWriteDeadline(at); !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// IsLate reports whether the chunk being written should have left by now.
func (d *DeadlineWriter) IsLate() bool {
	due := d.due.Load()
	return due != 0 && int64(time.Since(start)+slack) >= due
}

// Abort ends a write in progress and lets no other begin. Calling it twice has no further effect.
func (d *DeadlineWriter) Abort() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.over = true
		_ = d.control.SetWriteDeadline(time.Unix(1, 0)) // it fails only when there is nothing to cut
	}
}

// Finish must be called before the handler returns if Abort may still be called: after that, w belongs to the next request. What
// net/http still has to write gets one more timeout.
func (d *DeadlineWriter) Finish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.over {
		d.over = true
		_ = d.control.SetWriteDeadline(time.Now().Add(d.timeout))
	}
}
