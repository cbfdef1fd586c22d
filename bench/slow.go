//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/wsxgo/wsx/bench/internal/child"
	"github.com/wsxgo/wsx/bench/internal/client"
	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/report"
	"github.com/wsxgo/wsx/bench/internal/server"
)

// slow measures how browsers that don't read affect the others, for one contender after the other. It leaves out the floor,
// which would block on such a browser forever.
func (m *measurement) slow(ctx context.Context, round int) error {
	began := time.Now()
	for _, entry := range contender.All {
		if entry.Name == contender.Floor || entry.Name == contender.WsxDeflate {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		m.progress.say("%d stalled readers, round %d: %s", m.plan.slow.Stalled, round+1, entry.Name)
		if err := m.slowOne(ctx, entry, round); err != nil {
			m.fail("%s, slow readers: %v", entry.Name, err)
		}
		m.progress.doneSlow()
	}
	m.slowTook = max(m.slowTook, time.Since(began))
	return nil
}

// slowOne measures one contender twice in a new process: with healthy readers only, then beside
// stalled ones. The first result is the baseline of the second.
func (m *measurement) slowOne(ctx context.Context, entry contender.Entry, round int) error {
	p := m.plan.slow
	s, err := newStation(ctx, entry, p.Healthy, p.SendBuffer)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.connect(0, p.Healthy, false); err != nil {
		return err
	}
	pace := server.Pace{Size: p.Size, Gap: p.Gap, For: m.plan.slowFor}
	_, alone, err := s.pace(pace)
	if err != nil {
		return fmt.Errorf("before there were any: %w", err)
	}
	if err := s.connect(p.Healthy, p.Stalled, true); err != nil {
		return err
	}
	pace.For, pace.Until, pace.AfterDrop = p.Longest, p.Healthy, m.plan.after
	paced, with, err := s.pace(pace)
	if err != nil {
		return err
	}
	m.results.Slow = append(m.results.Slow, report.Slow{
		Contender: entry.Name, Round: round, Alone: alone.Delay, With: with.Delay,
		Dropped: paced.Dropped,
		Heap:    paced.HeapPeak - paced.Heap,
		Kernel:  paced.Peak.Memory - paced.Before.Memory,
		// The kernel's figures are for the whole machine, so only their growth says something.
		KernelAfter: paced.AfterDrop.Memory - paced.Before.Memory,
		Orphans:     max(0, paced.AfterDrop.Orphans-paced.Before.Orphans),
		Lost:        paced.Messages*p.Healthy - with.Messages,
		Cut:         with.Closed,
	})
	m.progress.say("%s: p99 %v alone, %v with them; dropped after %v", entry.Name, alone.Delay.P99, with.Delay.P99, paced.Dropped)
	return nil
}

// pace sends at a fixed rate, waits two seconds for messages in transit, and returns the results.
func (s *station) pace(p server.Pace) (paced server.Paced, seen counted, err error) {
	// Without acknowledgments the client records delays, and the server does not wait for it.
	if err = s.expect(client.Expect{}); err != nil {
		return paced, seen, err
	}
	if paced, err = child.Call[server.Paced](s.server, "pace", p); err != nil {
		return paced, seen, err
	}
	for range 20 {
		if seen, err = s.seen(); err != nil || seen.Messages >= paced.Messages*s.sockets {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if seen.Wrong > 0 {
		err = fmt.Errorf("%d messages were wrong: %s", seen.Wrong, seen.Worst)
	}
	return paced, seen, err
}
