package wsx

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A timeline numbers what happens in all rooms of this process. Its numbers grow, and none comes twice; they are the
// microseconds since the process began wherever that is enough, so that a number also says when it was given out. The epoch
// is another one in each process: a number of another epoch says nothing here.
type sequence struct {
	epoch   string // immutable
	started time.Time
	last    atomic.Uint64
}

func (t *sequence) init(started time.Time) {
	t.epoch = strings.ToLower(rand.Text()[:10])
	t.started = started
}

// next returns a number that is greater than all before.
func (t *sequence) next() uint64 {
	now := uint64(time.Since(t.started) / time.Microsecond)
	for {
		last := t.last.Load()
		if n := max(last+1, now); t.last.CompareAndSwap(last, n) {
			return n
		}
	}
}

// position returns a number as browsers are told it: opaque to them.
func (t *sequence) position(n uint64) string {
	return t.epoch + "." + strconv.FormatUint(n, 36)
}

// parse returns the number of a position; false: it is none of this process, or of its future.
func (t *sequence) parse(position string) (n uint64, ok bool) {
	epoch, digits, _ := strings.Cut(position, ".")
	if epoch != t.epoch {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 36, 64)
	return n, err == nil && n <= t.last.Load() && strconv.FormatUint(n, 36) == digits
}
