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

// watching are those who see the charts: administrators whose tab is not hidden and who have not pressed Pause.
var watching = []wsx.Filter{wsx.Tag("role", admin), wsx.Not(wsx.Tag("paused"))}

type board struct {
	hub      *wsx.Hub
	sessions *login.Sessions
	started  time.Time
	working  atomic.Bool

	mu             sync.Mutex // guards what follows
	sampler        *sampler
	series         []*series
	drawn, skipped int // seconds in which the charts were drawn, and not, because nobody looked
}

func newBoard() *board {
	b := &board{sessions: login.New("dashboard"), started: time.Now()}
	b.hub = wsx.New(&wsx.Options{Authenticate: b.sessions.Authenticate}) // of everybody: visitors are counted
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

// tick is what happens every second. Measuring goes on when nobody looks, so that the charts have no hole. Drawing does
// not; and it happens once, whether one administrator looks or a thousand: what Publish is given is rendered here, encoded
// when the first of them needs it, and shared by all. With a Key a browser that is behind gets the newest charts alone.
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

// measure adds what is now to the charts. Its caller holds mu, or has the board alone.
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

// draw renders one fragment for each chart, and one for the line below them. mu is held.
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

// pulse is what the line below the charts says. mu is held.
func (b *board) pulse(now time.Time) pulse {
	return pulse{now.Sub(b.started).Truncate(time.Second), b.hub.Count(watching...), b.drawn, b.skipped}
}

type pulse struct {
	Up                       time.Duration
	Watching, Drawn, Skipped int
}

// view is what the page shows at first: the same fragments, which keep it up to date from then on.
type view struct {
	User, Host string
	Groups     []string
	Figures    []figure
	Charts     map[string]template.HTML // by where they belong
}

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

// pause is sent by a tab that is hidden, or whose reader pressed Pause: see web/app.js. The next tick knows.
func (b *board) pause(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	r.Conn.SetTag("paused", "yes")
	return nil, nil
}

func (b *board) resume(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	r.Conn.SetTag("paused", "")
	return nil, nil
}

const workFor = 3 * time.Second

// work keeps one core and the garbage collector busy, so that the charts have something to show.
func (b *board) work(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	if err := mayWatch(r.Conn); err != nil {
		return nil, err
	}
	if !b.working.CompareAndSwap(false, true) {
		return nil, wsx.UserErrorf("It is at work already.")
	}
	go func() {
		defer b.working.Store(false)
		var kept [48][]byte
		for i, end := 0, time.Now().Add(workFor); time.Now().Before(end); i++ {
			kept[i%len(kept)] = make([]byte, 1<<20)
			sha256.Sum256(kept[i%len(kept)])
		}
	}()
	return nil, nil
}
