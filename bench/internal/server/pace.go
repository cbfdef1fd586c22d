//go:build linux

package server

import (
	"runtime"
	"time"

	"github.com/wsxgo/wsx/bench/internal/load"
)

// Pace describes messages sent at a fixed rate, whether or not they arrive.
type Pace struct {
	Size int           // bytes per message
	Gap  time.Duration // between two messages
	For  time.Duration // maximum duration
	// Until is the number of connections after the stalled ones have been dropped. Pace ends AfterDrop later. 0 means that
	// there are no stalled connections.
	Until     int
	AfterDrop time.Duration
}

// Paced is the result of a Pace.
type Paced struct {
	Messages int
	Dropped  time.Duration // until all stalled connections were dropped; 0 means not within Pace.For
	Left     int           // connections at the end

	Heap, HeapPeak          int64 // bytes of live objects, at the beginning and at the peak
	Before, Peak, AfterDrop Kernel
}

// Pace sends messages and measures.
func (s *Server) Pace(with Pace) (p Paced, err error) {
	messages := load.NewMaker(with.Size)
	if p.Before, err = readKernel(); err != nil {
		return p, err
	}
	p.Peak, p.AfterDrop = p.Before, p.Before
	runtime.GC()
	p.Heap = liveHeap()
	p.HeapPeak = p.Heap
	began := time.Now()
	for end := began.Add(with.For); time.Now().Before(end); {
		s.sent++
		p.Messages++
		s.contender.Broadcast(messages.Make(s.sent, time.Now()))
		if p.Dropped == 0 && with.Until > 0 && s.contender.Connections() <= with.Until {
			p.Dropped = time.Since(began)
			end = time.Now().Add(with.AfterDrop)
		}
		if p.AfterDrop, err = readKernel(); err != nil {
			return p, err
		}
		p.Peak.Memory = max(p.Peak.Memory, p.AfterDrop.Memory)
		p.Peak.Orphans = max(p.Peak.Orphans, p.AfterDrop.Orphans)
		// This heap includes garbage: a collection after each message would slow down the sending.
		p.HeapPeak = max(p.HeapPeak, liveHeap())
		// The schedule is absolute, so a slow broadcast is made up for and the rate stays the same
		// for all contenders.
		time.Sleep(time.Until(began.Add(time.Duration(p.Messages) * with.Gap)))
	}
	p.Left = s.contender.Connections()
	return p, nil
}
