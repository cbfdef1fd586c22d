//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/report"
)

// A measurement is a plan in progress, with its results so far.
type measurement struct {
	plan     plan
	results  *report.Results
	progress *progress
	slowTook time.Duration // the longest round of slow readers
}

// run measures all blocks. It records failures in the results, and returns an error only if it can't continue.
func (m *measurement) run(ctx context.Context) error {
	for i, b := range m.plan.blocks {
		if err := m.block(ctx, b); err != nil {
			return fmt.Errorf("with %d sockets: %w", b.sockets, err)
		}
		// Slow readers are measured once early on, so that a short budget still includes them.
		if i == 0 { // the other blocks use the remaining time
			if err := m.slow(ctx, 0); err != nil {
				return err
			}
		}
	}
	for round := 1; round < m.plan.slowRepeats && m.timeFor(m.slowTook, 1); round++ {
		if err := m.slow(ctx, round); err != nil {
			return err
		}
	}
	return nil
}

// timeFor reports whether a step of the given duration ends within a share of the budget.
func (m *measurement) timeFor(d time.Duration, share float64) bool {
	return m.progress.elapsed()+d <= time.Duration(share*float64(m.plan.budget))
}

// block measures one block: idle connections, rounds of all cells, then idle connections again.
func (m *measurement) block(ctx context.Context, b block) error {
	var turns []turn
	defer func() {
		for _, t := range turns {
			t.station.stop()
		}
	}()
	// Memory is measured while the contender connects, when it has received no load yet.
	idle := make(map[*station]*report.Idle)
	for _, entry := range contender.All {
		if entry.Name == contender.WsxDeflate && !b.compressed {
			continue
		}
		m.progress.say("%d sockets: connecting to %s", b.sockets, entry.Name)
		s, one, err := openStation(ctx, entry, b.sockets)
		if err != nil {
			return fmt.Errorf("%s: %w", entry.Name, err)
		}
		idle[s] = &one
		turns = append(turns, turn{name: entry.Name, station: s})
		// The floor has two configurations in one process: a write per message, and one for a
		// burst.
		if entry.Name == contender.Floor {
			turns = append(turns, turn{name: contender.FloorJoined, station: s, joined: true})
		}
	}
	// The first messages would pay for growing heaps, stacks and socket buffers.
	m.warmUp(turns, b)
	for _, p := range b.phases {
		if err := m.rounds(ctx, turns, p); err != nil {
			return err
		}
	}
	for _, t := range turns {
		if t.joined {
			continue
		}
		one := idle[t.station]
		if after, err := t.station.memory(); err == nil {
			one.AfterLoad += float64(after.RSS) / float64(b.sockets)
		}
		m.results.Idle = append(m.results.Idle, *one)
	}
	return nil
}

// openStation starts a contender, connects to it, and measures the memory per connection.
func openStation(ctx context.Context, entry contender.Entry, sockets int) (_ *station, idle report.Idle, err error) {
	s, err := newStation(ctx, entry, sockets, 0)
	if err != nil {
		return nil, idle, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	before, err := s.memory()
	if err != nil {
		return nil, idle, err
	}
	// The difference between the two measurements is the cost of the connections alone.
	if err := s.connect(0, sockets, false); err != nil {
		return nil, idle, err
	}
	time.Sleep(100 * time.Millisecond) // for goroutines that end after the handshake
	after, err := s.memory()
	each := func(bytes int64) float64 { return float64(bytes) / float64(sockets) }
	return s, report.Idle{
		Contender: entry.Name, Sockets: sockets,
		RSS:        each(after.RSS - before.RSS),
		Heap:       each(after.Heap - before.Heap),
		Stacks:     each(after.Stacks - before.Stacks),
		Goroutines: each(int64(after.Goroutines - before.Goroutines)),
		// The memory after all loads is added when they are over; see block.
		AfterLoad: -each(before.RSS),
	}, err
}

// warmUp sends a little of every load. It only records failures.
func (m *measurement) warmUp(turns []turn, b block) {
	for _, t := range turns {
		for _, c := range b.cells() {
			// Rooms are left out: broadcasts to all connections have warmed up their members too.
			if c.rounds, c.Burst = 1, min(c.Burst, 10); c.Room == 0 && t.takesPart(c) {
				if _, _, err := t.station.measure(c, t.joined); err != nil {
					t.station.broken = true
					m.fail("%s, %s: %v", t.name, describe(c.Cell), err)
				}
			}
		}
	}
}

// rounds repeats all cells for all turns while there is time.
func (m *measurement) rounds(ctx context.Context, turns []turn, p phase) error {
	// The longest round so far is the estimate for the next one.
	longest := time.Duration(0)
	for round := range p.repeats {
		began := time.Now()
		if round > 0 && !m.timeFor(longest, p.share) {
			m.progress.skip(p, p.repeats-round)
			return nil
		}
		for _, c := range p.cells {
			for k := range turns {
				t := turns[(k+round*2)%len(turns)] // rotates the order, so that no contender always comes first
				if !t.takesPart(c) {
					continue
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				m.sample(t, c, round)
			}
			m.progress.done(c)
		}
		longest = max(longest, time.Since(began))
	}
	return nil
}

// sample measures one cell for one turn.
func (m *measurement) sample(t turn, c cell, round int) {
	cost, seen, err := t.station.measure(c, t.joined)
	if err != nil {
		t.station.broken = true
		m.fail("%s, %s: %v", t.name, describe(c.Cell), err)
		return
	}
	deliveries := float64(c.deliveries())
	s := report.Sample{
		Contender: t.name, Round: round, Cell: c.Cell,
		CPU:     micros(cost.CPU) / deliveries,
		Returns: micros(report.Median(cost.Returns)),
		Bytes:   float64(seen.Bytes) / deliveries,
	}
	m.results.Samples = append(m.results.Samples, s)
	m.progress.say("%s, round %d: %s: %.2f µs a delivery, %.0f ms", describe(c.Cell), round+1, t.name, s.CPU, micros(cost.Wall)/1000)
}

// fail records a failure once.
func (m *measurement) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	m.progress.say("FAILED: %s", text)
	if !slices.Contains(m.results.Failed, text) {
		m.results.Failed = append(m.results.Failed, text)
	}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func describe(c report.Cell) string {
	text := fmt.Sprintf("%d sockets, %d B", c.Sockets, c.Size)
	if c.Room > 0 {
		text += fmt.Sprintf(", a room of %d", c.Room)
	}
	if c.Burst > 1 {
		text += fmt.Sprintf(", bursts of %d", c.Burst)
	}
	return text
}
