package wsx

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// A sequence numbers the events of all rooms. The numbers never fall.
//
// Without a broker they are those of this process, and unique: the microseconds since it began, or
// more if events come faster, so a number also tells the time of its event.
//
// With a broker they come from its log, so every node gives a message the same number. Then a
// number stands for everything up to the newest entry that this node has applied.
type sequence struct {
	// immutable
	started time.Time
	isLog   bool

	last atomic.Uint64         // the newest number; with a broker, of what is completely applied
	eras atomic.Pointer[[]era] // oldest first; the slice is replaced and never changed
}

// An era is the time in which one history of events is followed. Each process without a broker has
// one of its own. A number means nothing in another one.
type era struct {
	epoch string
	base  uint64 // what numbers begin with; it keeps them growing from one era to the next
}

func (s *sequence) init(started time.Time, isLog bool) {
	s.started, s.isLog = started, isLog
	if !isLog {
		s.eras.Store(&[]era{{epoch: strings.ToLower(rand.Text()[:10])}})
	}
}

// next returns a number that is greater than all numbers before it or, with a broker, not smaller.
// It takes no lock, because every publish calls it.
func (s *sequence) next() uint64 {
	if s.isLog {
		return s.last.Load()
	}
	now := uint64(time.Since(s.started) / time.Microsecond)
	for {
		last := s.last.Load()
		if n := max(last+1, now); s.last.CompareAndSwap(last, n) {
			return n
		}
	}
}

// current returns the newest era. Before a broker has told one, it is the zero era.
func (s *sequence) current() era {
	if eras := s.eras.Load(); eras != nil {
		return (*eras)[len(*eras)-1]
	}
	return era{}
}

// mostEras bounds how many eras are remembered. Positions of older ones appear only in messages that
// wait for browsers, and those are gone by then.
const mostEras = 8

// begin starts an era, whose numbers exceed all before it.
func (s *sequence) beginEra(epoch string) era {
	var eras []era
	if old := s.eras.Load(); old != nil {
		eras = slices.Clone(*old)
	}
	next := era{epoch: epoch}
	if len(eras) > 0 {
		next.base = (s.last.Load()>>entryBits + 1) << entryBits
	}
	eras = append(eras, next)
	eras = eras[max(0, len(eras)-mostEras):]
	s.eras.Store(&eras)
	return next
}

// position returns a number in the form that browsers get, which is opaque to them.
func (s *sequence) position(n uint64) string {
	if eras := s.eras.Load(); eras != nil {
		for i := len(*eras) - 1; i >= 0; i-- {
			if e := (*eras)[i]; n >= e.base {
				return e.epoch + "." + strconv.FormatUint(n-e.base, 36)
			}
		}
	}
	return unknownPosition
}

// unknownPosition is the position of a node that doesn't know its log yet. It ends in a reset.
const unknownPosition = "-.0"

// parse returns the number of a position. The boolean reports whether it is one that this process
// knows: it must have the newest epoch, the exact form of position, and not lie in the future.
func (s *sequence) parse(position string) (n uint64, ok bool) {
	n, ok = s.read(position)
	return n, ok && n <= s.last.Load()
}

// read is parse without regard to the future.
func (s *sequence) read(position string) (n uint64, ok bool) {
	epoch, digits, _ := strings.Cut(position, ".")
	e := s.current()
	if epoch != e.epoch || epoch == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 36, 64)
	if err != nil || strconv.FormatUint(n, 36) != digits || n+e.base < n {
		return 0, false
	}
	return n + e.base, true
}

// isAhead reports whether a position may be one that another node has come to before this one.
func (s *sequence) isAhead(position string) bool {
	if n, ok := s.read(position); ok {
		return n > s.last.Load()
	}
	epoch, _, _ := strings.Cut(position, ".")
	if eras := s.eras.Load(); eras != nil && slices.ContainsFunc(*eras, func(e era) bool { return e.epoch == epoch }) {
		return false // an older era never returns
	}
	return epoch != "" && position != unknownPosition
}

// An entry of the log has this many bits for the numbers of its messages.
const entryBits = 8

// first returns the number of the first message of an entry, and last the one of its last.
func (e era) first(entry uint64) uint64 { return e.base + entry<<entryBits }
func (e era) last(entry uint64) uint64  { return e.first(entry) + 1<<entryBits - 1 }
