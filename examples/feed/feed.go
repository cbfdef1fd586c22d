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
	every = 5 * time.Millisecond // between broadcasts: 200 per second
	queue = 20                   // broadcasts that may wait
	kept  = 12                   // trades on a page
)

// room contains the connections that are not paused.
const room = "feed"

// knobs are the two sliders, shared by all pages.
type knobs struct {
	Rate   int // broadcasts a second
	Window int // milliseconds
}

type feed struct {
	hub *wsx.Hub

	// mu is held while passing on a fragment and storing it, so that a new page receives each trade exactly once. Holding it
	// while sending is fine: sending never blocks on a browser.
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

// run is the producer. It owns the RateLimiter, and replaces it when the knobs change.
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
				slog.Error("feed: produce", "err", err)
				continue
			}
			// ErrQueueFull is expected here; the RateLimiter counts it.
			_ = limited.Broadcast(target, html, swap, wsx.Room(room))
		}
		if f.counts.due(tick) {
			f.tell(limited)
		}
	}
}

// replace applies new knobs. The old RateLimiter first sends its queue at the old rate, so nothing is lost or reordered. The
// producer waits meanwhile: with 20 in the queue and 5 per second, for 4 seconds.
func (f *feed) replace(old *wsx.RateLimiter, want knobs) *wsx.RateLimiter {
	if old != nil {
		_ = old.Close(context.Background()) // with this context, Close waits until the queue is empty
		f.counts.keep(old.Stats())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.batcher != nil {
		_ = f.batcher.Close(context.Background()) // fails only after the hub has shut down
	}
	f.batcher = wsx.NewBatcher(f.hub, wsx.BatcherOptions{Window: time.Duration(want.Window) * time.Millisecond})
	return wsx.NewRateLimiter(f, wsx.RateLimiterOptions{PerSecond: float64(want.Rate), Queue: queue, Overflow: wsx.Conflate})
}

// Broadcast implements wsx.Broadcaster. The RateLimiter calls it, and it passes the fragment on to the Batcher.
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

// watch sends c the current state and then all updates.
func (f *feed) watch(ctx context.Context, c *wsx.Connection) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.batcher != nil {
		if err := f.batcher.Flush(); err != nil { // otherwise c would receive updates that the state below already contains
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

// turn sets a knob, and updates it on all other pages.
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
		return nil, wsx.UserErrorf("The rate must be 5 to 200 per second, the window 10 to 1000 ms.")
	}
	f.wanted = want
	html, err := wsx.Execute(pages, "knobs", want)
	if err != nil {
		return nil, err
	}
	// The page that turns a knob receives only the numbers, so that the slider keeps the focus.
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

// view returns the data of the page. The caller holds mu.
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
