//go:build linux

package main

import (
	"time"

	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/load"
	"github.com/wsxgo/wsx/bench/internal/report"
)

// A plan is everything that one run measures.
type plan struct {
	blocks      []block
	slow        report.SlowPlan
	slowRepeats int
	slowFor     time.Duration // with healthy browsers only
	after       time.Duration // from the drop to the last look at the kernel
	budget      time.Duration // no round except the first starts if it would end later
}

// A block measures one number of sockets for each contender. All contenders of a block run at the same time and take turns.
type block struct {
	sockets    int
	phases     []phase
	compressed bool // also measured with compression
}

// cells returns the cells of all phases.
func (b block) cells() (cells []cell) {
	for _, p := range b.phases {
		cells = append(cells, p.cells...)
	}
	return cells
}

// A phase is a list of cells, measured one after the other, repeatedly.
type phase struct {
	cells   []cell
	repeats int
	share   float64 // maximum share of the budget used after this phase, if there is more than one round
}

// A cell is one kind of load, and how often it is sent.
type cell struct {
	report.Cell
	rounds int // of Burst messages each
}

// deliveries returns the number of deliveries.
func (c cell) deliveries() int { return c.rounds * c.Burst * c.receivers() }

// receivers returns how many connections receive each message. The name of a room is its size.
func (c cell) receivers() int {
	if c.Room > 0 {
		return c.Room
	}
	return c.Sockets
}

// seconds estimates how long a cell takes for one contender.
func (c cell) seconds() float64 {
	// The constants are rough, because they only affect the displayed progress.
	return 0.03 + 8e-6*float64(c.deliveries()) + 0.001*float64(c.rounds)
}

// singles returns cells of single broadcasts to all connections.
func singles(sockets, rounds int, sizes ...int) (cells []cell) {
	for _, size := range sizes {
		cells = append(cells, cell{report.Cell{Sockets: sockets, Size: size, Burst: 1}, rounds})
	}
	return cells
}

// bursts returns cells of one burst to all connections.
func bursts(sockets, burst int, sizes ...int) (cells []cell) {
	for _, size := range sizes {
		cells = append(cells, cell{report.Cell{Sockets: sockets, Size: size, Burst: burst}, 1})
	}
	return cells
}

// rooms returns a cell for each room. Smaller rooms are sent to more often.
func rooms(sockets, rounds, size int) (cells []cell) {
	for _, room := range load.Rooms {
		if room <= sockets {
			cells = append(cells, cell{report.Cell{Sockets: sockets, Size: size, Burst: 1, Room: room}, rounds})
			rounds = max(1, rounds/2)
		}
	}
	return cells
}

// fullPlan is the plan for docs/performance.md. Long measurements come last and are repeated while there is time.
func fullPlan(repeats int, budget time.Duration) plan {
	const small, middle, large = 200, 1 << 10, 4 << 10
	return plan{
		blocks: []block{{
			sockets:    1000,
			compressed: true,
			phases: []phase{
				{singles(1000, 30, small, middle, large), repeats, 0.15},
				{bursts(1000, 100, small, middle, large), repeats, 0.25},
			},
		}, {
			sockets: 10_000,
			phases: []phase{
				{append(singles(10_000, 6, small, middle, large), rooms(10_000, 300, middle)...), repeats, 0.6},
				{bursts(10_000, 100, small, middle, large), repeats, 1},
			},
		}},
		slow: report.SlowPlan{
			Healthy: 1000, Stalled: 300, Size: 8 << 10, Gap: 20 * time.Millisecond, Longest: 12 * time.Second, SendBuffer: 256 << 10,
		},
		slowRepeats: repeats,
		slowFor:     2 * time.Second,
		after:       time.Second,
		budget:      budget,
	}
}

// quickPlan checks that all contenders work. Its measurements are not reliable.
func quickPlan() plan {
	return plan{
		blocks: []block{{
			sockets:    20,
			compressed: true,
			phases:     []phase{{append(singles(20, 2, 200, 4096), bursts(20, 10, 200, 4096)...), 1, 1}},
		}, {
			sockets: 100,
			phases:  []phase{{append(singles(100, 2, 1024), rooms(100, 10, 1024)...), 1, 1}, {bursts(100, 100, 1024), 1, 1}},
		}},
		slow: report.SlowPlan{
			Healthy: 20, Stalled: 5, Size: 8 << 10, Gap: 5 * time.Millisecond, Longest: 700 * time.Millisecond, SendBuffer: 16 << 10,
		},
		slowRepeats: 1,
		slowFor:     200 * time.Millisecond,
		after:       50 * time.Millisecond,
		budget:      time.Minute,
	}
}

// A turn is a contender with one configuration.
type turn struct {
	name    string // in the report
	station *station
	joined  bool
}

// takesPart reports whether the contender of a turn supports a cell.
func (t turn) takesPart(c cell) bool {
	if t.station.broken {
		return false
	}
	switch {
	case t.joined:
		return c.Burst > 1
	case t.name == contender.WsxDeflate:
		return c.Room == 0
	}
	return c.Room == 0 || t.station.entry.Rooms
}
