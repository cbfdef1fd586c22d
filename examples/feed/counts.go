package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/wsxgo/wsx"
)

// counts are what the producer knows of its queues, old and new. It alone uses them.
type counts struct {
	before wsx.RateLimiterStats // of the queues that were closed
	last   sample
	next   time.Time
}

// A sample is all counts of one moment.
type sample struct {
	wsx.RateLimiterStats
	waiting int
	frames  uint64 // to all pages together
	pages   int
	at      time.Time
}

// A row is one line of the table.
type row struct {
	Name, What string
	All        uint64
	PerSecond  float64
}

// due reports, twice a second, that it is time to tell the counts.
func (c *counts) due(now time.Time) bool {
	if now.Before(c.next) {
		return false
	}
	c.next = now.Add(500 * time.Millisecond)
	return true
}

// keep adds the counts of a queue that was closed.
func (c *counts) keep(s wsx.RateLimiterStats) { c.before = c.sum(s) }

func (c *counts) sum(s wsx.RateLimiterStats) wsx.RateLimiterStats {
	s.Sent += c.before.Sent
	s.Conflated += c.before.Conflated
	s.Dropped += c.before.Dropped
	s.Refused += c.before.Refused
	return s
}

// tell shows all pages the counts, past the queue that they are about. With a key the newest is enough.
func (f *feed) tell(limited *wsx.RateLimiter) {
	now := sample{
		RateLimiterStats: f.counts.sum(limited.Stats()), waiting: limited.Len(),
		frames: f.hub.Stats().Frames, pages: f.hub.Count(), at: time.Now(),
	}
	last := f.counts.last
	f.counts.last = now
	if now.pages == 0 || last.at.IsZero() {
		return
	}
	html, err := wsx.Execute(pages, "counts", rows(last, now, now.at.Sub(last.at).Seconds()))
	if err == nil {
		err = f.hub.Publish(context.Background(), wsx.Message{
			Key: "counts", Volatile: true, Fragments: []wsx.Fragment{{Target: "#counts", HTML: html, Swap: wsx.MorphInner}},
		}, wsx.Room(room))
	}
	if err != nil {
		slog.Error("telling the counts", "error", err)
	}
}

// rows compares two samples.
func rows(last, now sample, seconds float64) []row {
	offered := func(s sample) uint64 { return s.Sent + s.Conflated + s.Dropped + s.Refused + uint64(s.waiting) }
	line := func(name, what string, of func(sample) uint64, share float64) row {
		return row{name, what, of(now), float64(of(now)-of(last)) / seconds / share}
	}
	return []row{
		line("Offered", "by the producer", offered, 1),
		line("Sent", "let pass by the rate", func(s sample) uint64 { return s.Sent }, 1),
		line("Conflated", "a newer price said it all", func(s sample) uint64 { return s.Conflated }, 1),
		line("Refused", "the queue was full", func(s sample) uint64 { return s.Refused }, 1),
		{"Waiting", "for their turn, now", uint64(now.waiting), -1},
		line("Frames", "to all pages; a second: to each", func(s sample) uint64 { return s.frames }, float64(max(now.pages, 1))),
	}
}
