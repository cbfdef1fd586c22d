package main

import (
	"context"
	"crypto/sha256"
	"html/template"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/login"
)

// watching selects the connections that receive the charts: administrators whose tab is visible and not paused.
var watching = []wsx.Filter{wsx.Tag("role", admin), wsx.Not(wsx.Tag("paused"))}

// board is the state of the example.
type board struct {
	hub      *wsx.Hub
	sessions *login.Sessions
	started  time.Time
	working  atomic.Bool

	mu             sync.Mutex // guards the fields below
	sampler        *sampler
	series         []*series
	drawn, skipped int // seconds with a rendering, and without one for lack of readers
}

func newBoard() *board {
	b := &board{sessions: login.New("dashboard"), started: time.Now()}
	b.hub = wsx.New(&wsx.Options{Authenticate: b.sessions.Authenticate}) // visitors connect too
	b.hub.On("pause", b.pause)
	b.hub.On("resume", b.resume)
	b.hub.On("work", b.work)
	b.sampler = newSampler(b.hub)
	for _, f := range figures {
		b.series = append(b.series, &series{figure: f})
	}
	b.measure(b.started)
	return b
}

// tick runs every second. It always measures, so that the charts have no gaps. It renders only if there are readers, and once
// for all of them: Publish encodes the message once and shares the bytes. With a key, a slow browser receives only the newest
// charts.
func (b *board) tick(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.measure(now)
	if b.hub.Count(watching...) == 0 {
		b.skipped++
		return
	}
	b.drawn++
	fragments, err := b.draw(now)
	if err == nil {
		err = b.hub.Publish(context.Background(), wsx.Message{Key: "charts", Fragments: fragments}, watching...)
	}
	if err != nil {
		slog.Error("dashboard: draw", "err", err)
	}
}

// measure adds the current values to the series. The caller holds mu, or is the board's only user.
func (b *board) measure(now time.Time) {
	values := b.sampler.read(now)
	for _, s := range b.series {
		value, ok := values[s.ID]
		if !ok {
			value = math.NaN()
		}
		s.add(value)
	}
}

// draw renders a fragment for each chart, and one for the line below them. The caller holds mu.
func (b *board) draw(now time.Time) ([]wsx.Fragment, error) {
	var fragments []wsx.Fragment
	for _, s := range b.series {
		html, err := wsx.Execute(pages, "chart", s)
		if err != nil {
			return nil, err
		}
		fragments = append(fragments, wsx.Fragment{Target: wsx.ID(s.ID), HTML: html})
	}
	html, err := wsx.Execute(pages, "pulse", b.pulse(now))
	return append(fragments, wsx.Fragment{Target: "#pulse", HTML: html}), err
}

// pulse returns the data of the line below the charts. The caller holds mu.
func (b *board) pulse(now time.Time) pulse {
	return pulse{now.Sub(b.started).Truncate(time.Second), b.hub.Count(watching...), b.drawn, b.skipped}
}

type pulse struct {
	Up                       time.Duration
	Watching, Drawn, Skipped int
}

// view is the data of the page. It contains the same fragments that later updates replace.
type view struct {
	User, Host string
	Groups     []string
	Figures    []figure
	Charts     map[string]template.HTML // by target
}

// view counts neither as drawn nor as skipped: it belongs to one request, not to a second.
func (b *board) view(user string, now time.Time) (view, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := view{User: user, Host: b.sampler.host, Groups: groups, Figures: figures, Charts: map[string]template.HTML{}}
	fragments, err := b.draw(now)
	for _, f := range fragments {
		v.Charts[f.Target] = f.HTML
	}
	return v, err
}

// pause is called by a tab that is hidden or paused, see web/app.js.
func (b *board) pause(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	r.Conn.SetTag("paused", "yes")
	return nil, nil
}

func (b *board) resume(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	r.Conn.SetTag("paused", "")
	return nil, nil
}

const workFor = 3 * time.Second

// work keeps one core and the garbage collector busy for a while, so that the charts change.
func (b *board) work(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	if err := mayWatch(r.Conn); err != nil {
		return nil, err
	}
	if !b.working.CompareAndSwap(false, true) {
		return nil, wsx.UserErrorf("The load is already running.")
	}
	go func() {
		defer b.working.Store(false)
		// The slices are kept for a while, so that the heap grows and is then collected.
		var kept [48][]byte
		for i, end := 0, time.Now().Add(workFor); time.Now().Before(end); i++ {
			kept[i%len(kept)] = make([]byte, 1<<20)
			sha256.Sum256(kept[i%len(kept)])
		}
	}()
	return nil, nil
}
