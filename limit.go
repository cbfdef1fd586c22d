package wsx

import "math"

// Limit bounds what one connection's browser may send. Messages above it are not refused but read later, so that TCP slows the sender
// down. A browser that keeps sending more for 5 seconds is closed with 4029 and ErrRate.
//
// Over HTTP, each POST counts as a message, and so does each frame in it after the first. A zero field means its default, a negative
// one no bound.
type Limit struct {
	// PerSecond is how many messages are read per second. Pings count as messages. Default: 50.
	PerSecond float64
	// Burst is how many messages may come at once after a pause. Default: 100.
	Burst int
	// BytesPerSecond counts every byte on the wire, so fragments and control frames too. A pause saves up the bytes of one second,
	// or one message of MaxMessage if that is larger. Default: 256 KiB.
	BytesPerSecond int64
}

func (l *Limit) resolve() {
	if math.IsNaN(l.PerSecond) {
		panic("wsx: Options.Inbound.PerSecond: is no number")
	}
	if l.PerSecond == 0 {
		l.PerSecond = defaultPerSecondIn
	}
	orDefault(&l.Burst, defaultBurstIn)
	orDefault(&l.BytesPerSecond, defaultBytesIn)
}
