package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/wsxgo/wsx"
)

// counts are the counts of all RateLimiters so far. Only the producer uses them.
type counts struct {
	before wsx.RateLimiterStats // of the closed RateLimiters
	last   sample
	next   time.Time
}

// A sample contains all counts at one time.
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

// due reports whether to publish the counts. It does so twice per second.
func (c *counts) due(now time.Time) bool {
	if now.Before(c.next) {
		return false
	}
	c.next = now.Add(500 * time.Millisecond)
	return true
}

// keep adds the counts of a closed RateLimiter.
func (c *counts) keep(s wsx.RateLimiterStats) { c.before = c.sum(s) }

func (c *counts) sum(s wsx.RateLimiterStats) wsx.RateLimiterStats {
	s.Sent += c.before.Sent
	s.Conflated += c.before.Conflated
	s.Dropped += c.before.Dropped
	s.Refused += c.before.Refused
	return s
}

// tell publishes the counts directly, not through the RateLimiter. With a key, a slow browser receives only the newest.
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
		slog.Error("feed: publish counts", "err", err)
	}
}

// rows returns the table for two samples.
func rows(last, now sample, seconds float64) []row {
	offered := func(s sample) uint64 { return s.Sent + s.Conflated + s.Dropped + s.Refused + uint64(s.waiting) }
	line := func(name, what string, of func(sample) uint64, share float64) row {
		return row{name, what, of(now), float64(of(now)-of(last)) / seconds / share}
	}
	return []row{
		line("Offered", "by the producer", offered, 1),
		line("Sent", "passed by the rate limiter", func(s sample) uint64 { return s.Sent }, 1),
		line("Conflated", "replaced by a newer price", func(s sample) uint64 { return s.Conflated }, 1),
		line("Refused", "the queue was full", func(s sample) uint64 { return s.Refused }, 1),
		{"Waiting", "in the queue now", uint64(now.waiting), -1},
		line("Frames", "per second: to each page", func(s sample) uint64 { return s.frames }, float64(max(now.pages, 1))),
	}
}
