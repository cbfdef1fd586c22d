package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/wsxgo/wsx"
)

const (
	appendsPerSecond = 1000
	appendTick       = 10 * time.Millisecond
)

// The nth appended item.
var appendItems = []struct {
	name string
	html func(n int) template.HTML
}{
	{"a short line each", func(n int) template.HTML {
		return wsx.HTMLf(`<li data-n="%d"><b>No. %[1]d</b> <span>something has happened</span></li>`, n)
	}},
	{"a chat line each, with a picture, a name and a time", func(n int) template.HTML {
		return wsx.HTMLf(`<li data-n="%d" id="m-%[1]d"><img src="/page/avatar.svg" alt="" width="32" height="32">`+
			`<div><b>Mia Example</b> <time datetime="2026-11-21T12:00:00Z">12:00</time><p>Has anybody seen No. %[1]d?</p></div></li>`, n)
	}},
}

// How a page takes the items.
var appendWays = []struct{ name, query string }{
	{"wsx", ""},
	{"wsx, in a room with history", "?room"}, // whose position the page notes with each message
	{"a bare loop", "?bare"},
}

// appendResult is the result of one page that receives appends.
type appendResult struct {
	Item, Way                     string
	Sent, Count, Last, OutOfOrder int
	TrimmedByPage                 bool    // this version of the client doesn't support wx-limit
	Busy                          float64 // share of the time in which the page's main thread was busy
	Samples                       []sample
}

// A sample is the page's memory use after garbage collection.
type sample struct {
	At    time.Duration
	Heap  float64 // bytes
	Nodes float64
}

// measureAppends sends 1,000 broadcasts per second, each with one item, over a real socket.
func (b *chromium) measureAppends(last time.Duration, name string, html func(n int) template.HTML, way, query string) (*appendResult, error) {
	hub := wsx.New(nil)
	hub.ConfigureRooms("list", wsx.RoomOptions{History: 100})
	defer hub.Shutdown(context.Background())
	server := serve(map[string]http.Handler{"/live": hub, "/ticket": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ticket, err := hub.Ticket(r.Context(), "", "list")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, ticket)
	})})
	defer server.Close()
	page, cancel, err := b.open(server.URL + "/page/appends.html" + query)
	if err != nil {
		return nil, err
	}
	defer cancel()
	// wait polls within the page, without a round trip for each attempt.
	wait := func(condition string) error {
		return chromedp.Do(page, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := chromedp.Poll[bool](condition)(ctx, t)
			return err
		}))
	}
	if err := wait("window.isReady?.()"); err != nil {
		return nil, err
	}
	result := &appendResult{Item: name, Way: way}
	var to []wsx.Filter
	if query == "?room" {
		to = append(to, wsx.Room("list"))
		for deadline := time.Now().Add(30 * time.Second); hub.Count(to...) == 0; time.Sleep(appendTick) {
			if time.Now().After(deadline) {
				return nil, errors.New("the page never joined its room")
			}
		}
	}
	began := time.Now()
	base, err := result.sample(page, 0)
	if err != nil {
		return nil, err
	}
	var busy float64
	// Two halves with a sample after each: a leak grows in both, a cache only in the first.
	for half := range 2 {
		until := last / 2 * time.Duration(half+1)
		if err := result.send(hub, html, to, began, until); err != nil {
			return nil, err
		}
		if err := wait(fmt.Sprintf("seen.last >= %d", result.Sent)); err != nil {
			return nil, err
		}
		now, err := metrics(page)
		if err != nil {
			return nil, err
		}
		busy += now["TaskDuration"] - base["TaskDuration"]
		if base, err = result.sample(page, until); err != nil {
			return nil, err
		}
	}
	result.Busy = busy / last.Seconds()
	seen, err := eval[struct {
		Count, Last, OutOfOrder int
		TrimmedByPage           bool
	}](page, "window.seen")
	result.Count, result.Last, result.OutOfOrder, result.TrimmedByPage = seen.Count, seen.Last, seen.OutOfOrder, seen.TrimmedByPage
	return result, err
}

// send broadcasts all items that are due, until the given time has passed.
func (r *appendResult) send(hub *wsx.Hub, html func(n int) template.HTML, to []wsx.Filter, began time.Time, until time.Duration) error {
	tick := time.NewTicker(appendTick)
	defer tick.Stop()
	for total := int(until.Seconds() * appendsPerSecond); r.Sent < total; <-tick.C {
		for due := min(total, int(time.Since(began).Seconds()*appendsPerSecond)); r.Sent < due; {
			r.Sent++
			if err := hub.Broadcast("#list", html(r.Sent), wsx.Append, to...); err != nil {
				return err
			}
		}
	}
	return nil
}

// sample takes a sample and returns the current metrics.
func (r *appendResult) sample(page context.Context, at time.Duration) (map[string]float64, error) {
	if _, err := eval[int](page, "gc(), gc(), 0"); err != nil {
		return nil, err
	}
	found, err := metrics(page)
	r.Samples = append(r.Samples, sample{at, found["JSHeapUsedSize"], found["Nodes"]})
	return found, err
}

// metrics returns the counters of Chromium's Performance domain. TaskDuration is in seconds.
func metrics(page context.Context) (found map[string]float64, err error) {
	found = make(map[string]float64)
	err = chromedp.Do(page, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, performance.Enable, performance.EnableParams{}); err != nil {
			return err
		}
		told, err := chromedp.Call(ctx, performance.GetMetrics, cdp.Empty{})
		for _, metric := range told.Metrics {
			found[metric.Name] = metric.Value
		}
		return err
	}))
	return found, err
}
