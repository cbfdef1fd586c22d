//go:build linux

package main

import (
	"fmt"
	"io"
	"time"
)

// progress shows how far the program is.
type progress struct {
	to    io.Writer
	began time.Time
	total float64 // estimated seconds in total
	past  float64 // estimated seconds of the completed steps
	turns float64 // turns in which each cell is measured
	slow  float64 // estimated seconds of slow readers for one contender

	budget time.Duration
}

func newProgress(to io.Writer, p plan, contenders int) *progress {
	g := &progress{to: to, began: time.Now(), turns: float64(contenders)}
	// Most libraries drop slow readers before the time limit, so two thirds of it is the usual
	// duration.
	g.slow = 1 + (p.slowFor + p.slow.Longest*2/3).Seconds()
	g.total = g.slow * g.turns
	for _, b := range p.blocks {
		for _, phase := range b.phases {
			g.total += float64(phase.repeats) * g.round(phase)
		}
	}
	g.budget = p.budget
	return g
}

func (g *progress) elapsed() time.Duration { return time.Since(g.began) }

// round returns the estimated seconds of one round.
func (g *progress) round(p phase) (seconds float64) {
	for _, c := range p.cells {
		seconds += c.seconds() * g.turns
	}
	return seconds
}

func (g *progress) done(c cell) { g.past += c.seconds() * g.turns }

func (g *progress) doneSlow() { g.past += g.slow }

// skip removes rounds that don't fit in the remaining time.
func (g *progress) skip(p phase, rounds int) {
	g.total -= float64(rounds) * g.round(p)
	g.say("no time for %d more rounds", rounds)
}

// say prints the progress and the estimated remaining time.
func (g *progress) say(format string, args ...any) {
	left := "?"
	if g.past > 0 {
		// The estimates are in units of an unknown machine. The time taken so far scales them to
		// this one.
		seconds := min((g.total-g.past)/g.past*g.elapsed().Seconds(), (g.budget - g.elapsed()).Seconds())
		left = time.Duration(max(0, seconds) * float64(time.Second)).Round(time.Second).String()
	}
	fmt.Fprintf(g.to, "%3.0f %%  %6s left  %s\n", 100*min(1, g.past/g.total), left, fmt.Sprintf(format, args...))
}
