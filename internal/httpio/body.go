package httpio

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/peerio"
)

// A TimedBody is the body of a request with a bound on its size and on the time to read it.
type TimedBody struct {
	io.ReadCloser // immutable

	// immutable
	control *http.ResponseController
	time    time.Duration

	// guarded by mu, which also guards setting deadlines
	mu   sync.Mutex
	over bool // the body is read to its end, or cut
}

// NewTimedBody returns the body of r. Reading more than most bytes fails, and so does reading after d, which begins now.
func NewTimedBody(w http.ResponseWriter, r *http.Request, most int64, d time.Duration) *TimedBody {
	b := &TimedBody{ReadCloser: http.MaxBytesReader(w, r.Body, most), control: http.NewResponseController(w), time: d}
	b.Renew()
	return b
}

// Renew restarts the time. With a ResponseWriter that has no deadlines, the server's ReadTimeout holds instead.
func (b *TimedBody) Renew() { b.setDeadline(time.Now().Add(b.time), false) }

// Cut ends a read in progress and makes every later one fail.
func (b *TimedBody) Cut() { b.setDeadline(time.Unix(1, 0), true) }

// setDeadline does nothing once the body is over.
func (b *TimedBody) setDeadline(at time.Time, over bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over {
		b.over = over
		_ = b.control.SetReadDeadline(at) // it fails only if there are no deadlines
	}
}

// Read lifts the deadline at the end of the body: later, net/http would take it for a browser that has gone. An unfinished body
// keeps its deadline, because net/http skips the rest.
func (b *TimedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.setDeadline(time.Time{}, true)
	}
	return n, err
}

// A ThrottledReader reads a body within a budget.
type ThrottledReader struct {
	Body   *TimedBody
	Budget peerio.Budget
}

func (t *ThrottledReader) Read(p []byte) (int, error) {
	return peerio.Read(t.Budget, t.Body, p, t.Body.Renew)
}
