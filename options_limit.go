package wsx

import "math"

// Limit bounds what one connection's browser may send. Messages above it aren't refused but read
// later, so that TCP slows the sender down. A browser that keeps exceeding it for 5 seconds is
// closed with 4029 and ErrRate.
//
// Over HTTP, each POST counts as a message, and so does each frame in it after the first. A zero
// field means its default. A negative one removes the bound.
type Limit struct {
	// PerSecond is how many messages are read per second. Pings count as messages. Default: 50.
	PerSecond float64
	// Burst is how many messages may arrive at once after a pause. Default: 100.
	Burst int
	// BytesPerSecond bounds the bytes on the wire, including fragments and control frames. A pause
	// saves up the bytes of one second, or one message of MaxMessage if that is larger.
	// Default: 256 KiB.
	BytesPerSecond int64
}

// resolve fills in the defaults. It panics on NaN, which compares false with everything and so
// would switch the limit off silently.
func (l *Limit) resolve() {
	if math.IsNaN(l.PerSecond) {
		panic("wsx: Options.Inbound.PerSecond: not a number")
	}
	if l.PerSecond == 0 {
		l.PerSecond = defaultPerSecondIn
	}
	orDefault(&l.Burst, defaultBurstIn)
	orDefault(&l.BytesPerSecond, defaultBytesIn)
}
