package main

import (
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

const (
	every = 5 * time.Millisecond // something happens: 200 times a second
	queue = 20                   // how many may wait for their turn
	kept  = 12                   // trades on a page
)

// room holds those who watch: who pauses leaves it.
const room = "feed"

// The knobs, which all who watch share.
type knobs struct {
	Rate   int // broadcasts a second
	Window int // milliseconds
}

type feed struct {
	hub *wsx.Hub

	// mu makes one step of "pass on and remember", so that who comes sees each trade once. It may be held while sending:
	// wsx never waits for a browser.
	mu      sync.Mutex
	batcher *wsx.Batcher
	prices  map[string]template.HTML // by target
	trades  []template.HTML          // newest first
	wanted  knobs
	counts  counts
}

func newFeed() *feed {
	f := &feed{hub: wsx.New(nil), prices: map[string]template.HTML{}, wanted: knobs{Rate: 100, Window: 100}}
	f.hub.OnConnect(func(ctx context.Context, c *wsx.Connection) error { return f.watch(ctx, c) })
	f.hub.On("turn", wsx.Typed(f.turn))
	f.hub.On("pause", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		r.Conn.Leave(room)
		html, err := wsx.Execute(pages, "resume", nil)
		return r.ReplyTo("#pause", html, wsx.Outer), err
	})
	f.hub.On("resume", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) { return nil, f.watch(ctx, r.Conn) })
	return f
}

// run is the producer. It is the only one that knows the RateLimiter, and replaces it when the knobs were turned.
func (f *feed) run() {
	market, now := newMarket(), knobs{}
	var limited *wsx.RateLimiter
	for tick := range time.Tick(every) {
		if want := f.knobs(); want != now {
			limited, now = f.replace(limited, want), want
		}
		if f.hub.Count() > 0 {
			target, html, swap, err := market.next()
			if err != nil {
				slog.Error("inventing a tick", "error", err)
				continue
			}
			// ErrQueueFull is what this page is about: the RateLimiter counts it.
			_ = limited.Broadcast(target, html, swap, wsx.Room(room))
		}
		if f.counts.due(tick) {
			f.tell(limited)
		}
	}
}

// replace puts new knobs to work. What the old queue has accepted leaves first, at its rate, so nothing is lost and nothing
// overtakes; meanwhile the producer waits. At 5 a second and with 20 that wait, that takes 4 seconds.
func (f *feed) replace(old *wsx.RateLimiter, want knobs) *wsx.RateLimiter {
	if old != nil {
		_ = old.Close(context.Background()) // without an end to its context it leaves nothing behind
		f.counts.keep(old.Stats())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.batcher != nil {
		_ = f.batcher.Close(context.Background()) // an error says that the hub was shut down
	}
	f.batcher = wsx.NewBatcher(f.hub, wsx.BatcherOptions{Window: time.Duration(want.Window) * time.Millisecond})
	return wsx.NewRateLimiter(f, wsx.RateLimiterOptions{PerSecond: float64(want.Rate), Queue: queue, Overflow: wsx.Conflate})
}

// Broadcast takes what the rate lets pass: feed is the wsx.Broadcaster between the RateLimiter and the Batcher.
func (f *feed) Broadcast(target string, html template.HTML, swap wsx.Swap, to ...wsx.Filter) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if swap == wsx.Prepend {
		f.trades = slices.Insert(f.trades, 0, html)
		f.trades = f.trades[:min(len(f.trades), kept)]
	} else {
		f.prices[target] = html
	}
	return f.batcher.Broadcast(target, html, swap, to...)
}

// watch shows c all that has passed so far, and from there on what passes.
func (f *feed) watch(ctx context.Context, c *wsx.Connection) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.batcher != nil {
		if err := f.batcher.Flush(); err != nil { // or c would get again what the stage below shows already
			return err
		}
	}
	html, err := wsx.Execute(pages, "stage", f.view())
	if err != nil {
		return err
	}
	if err := c.Send("#stage", html, wsx.Inner); err != nil {
		return err
	}
	return c.Join(ctx, room)
}

// turn sets the knobs, here and on every page.
func (f *feed) turn(_ context.Context, r *wsx.Request, in knobs) (*wsx.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	want := f.wanted
	switch {
	case in.Rate >= 5 && in.Rate <= 200 && in.Window == 0:
		want.Rate = in.Rate
	case in.Window >= 10 && in.Window <= 1000 && in.Rate == 0:
		want.Window = in.Window
	default:
		return nil, wsx.UserErrorf("A rate is from 5 to 200 a second, a window from 10 to 1000 milliseconds.")
	}
	f.wanted = want
	html, err := wsx.Execute(pages, "knobs", want)
	if err != nil {
		return nil, err
	}
	// Whoever turns a knob keeps it in hand: only the figures beside it are new.
	if err := f.hub.Broadcast("#knobs", html, wsx.Inner, wsx.Except(r.Conn)); err != nil {
		return nil, err
	}
	return r.ReplyTo("#rate-is", wsx.HTMLf("%d", want.Rate), wsx.Inner).And("#window-is", wsx.HTMLf("%d", want.Window), wsx.Inner), nil
}

func (f *feed) knobs() knobs {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wanted
}

func (f *feed) page(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	view := f.view()
	f.mu.Unlock()
	look.Show(w, http.StatusOK, pages, "page", view)
}

// view is what the page is made of. The caller holds mu.
func (f *feed) view() map[string]any {
	type tile struct {
		Symbol string
		Price  template.HTML
	}
	var tiles []tile
	for _, symbol := range symbols {
		tiles = append(tiles, tile{symbol, f.prices[wsx.ID("price-"+symbol)]})
	}
	return map[string]any{"Tiles": tiles, "Trades": slices.Clone(f.trades), "Knobs": f.wanted, "Rows": rows(sample{}, sample{}, 1)}
}
