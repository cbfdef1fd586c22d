package wsx

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A sequence numbers the events of all rooms in this process. The numbers grow and are unique. They
// are the microseconds since the process began, or more if events come faster, so a number also
// tells the time of its event.
//
// Each process has an epoch of its own. A number of another epoch says nothing here.
type sequence struct {
	// immutable
	epoch   string
	started time.Time

	last atomic.Uint64
}

func (s *sequence) init(started time.Time) {
	s.epoch = strings.ToLower(rand.Text()[:10])
	s.started = started
}

// next returns a number that is greater than all numbers before it. It takes no lock, because every
// publish calls it.
func (s *sequence) next() uint64 {
	now := uint64(time.Since(s.started) / time.Microsecond)
	for {
		last := s.last.Load()
		if n := max(last+1, now); s.last.CompareAndSwap(last, n) {
			return n
		}
	}
}

// position returns a number in the form that browsers get, which is opaque to them.
func (s *sequence) position(n uint64) string {
	return s.epoch + "." + strconv.FormatUint(n, 36)
}

// parse returns the number of a position. The boolean reports whether this process has issued it:
// it must have our epoch, the exact form of position, and not lie in the future.
func (s *sequence) parse(position string) (n uint64, ok bool) {
	epoch, digits, _ := strings.Cut(position, ".")
	if epoch != s.epoch {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 36, 64)
	return n, err == nil && n <= s.last.Load() && strconv.FormatUint(n, 36) == digits
}
