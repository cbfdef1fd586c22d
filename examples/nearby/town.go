package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
)

const (
	mostEvents = 100 // at a time
	maxText    = 80  // characters
	pause      = time.Second
)

type event struct {
	ID   int
	Kind kind
	Text string
	point
	ends time.Time
}

// What is known of a connection, and gone with it: where it looks, and when it last posted something.
var (
	placeOf = wsx.NewKey[point]("place")
	posted  = wsx.NewKey[time.Time]("posted")
)

type town struct {
	hub  *wsx.Hub
	life time.Duration

	// mu makes one step of "change and tell", so that nobody misses an event between the list and the news. It may be held
	// while sending: wsx never waits for a browser.
	mu     sync.Mutex
	events []event // oldest first
	lastID int
}

func newTown(life time.Duration) *town {
	t := &town{hub: wsx.New(nil), life: life}
	t.hub.On("move", wsx.Typed(t.move))
	t.hub.On("post", wsx.Typed(t.post))
	return t
}

// nearby selects whose chosen place is near the event: wsx knows it from SetLocation.
func (e event) nearby() wsx.Filter {
	lat, lng := e.location()
	return wsx.Near(lat, lng, radius)
}

// move is what a click on the map or on a place's button sends, and the page itself whenever it is connected.
func (t *town) move(_ context.Context, r *wsx.Request, to point) (*wsx.Response, error) {
	if !to.onMap() {
		return nil, wsx.UserErrorf("That is off the map.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	placeOf.Set(r.Conn, to)
	r.Conn.SetLocation(to.location())

	var near []event
	for _, e := range slices.Backward(t.events) {
		if e.distance(to) <= radius {
			near = append(near, e)
		}
	}
	return nil, errors.Join(
		t.send(r.Conn, "#you", "you", to),
		t.send(r.Conn, "#where", "where", to),
		t.send(r.Conn, "#pins", "pins", near),
		t.send(r.Conn, "#events", "events", near),
	)
}

func (t *town) send(c *wsx.Connection, target, name string, data any) error {
	html, err := wsx.Execute(pages, name, data)
	if err != nil {
		return err
	}
	return c.Send(target, html, wsx.Inner)
}

// post tells everybody around of an event at the place that the visitor has chosen.
func (t *town) post(_ context.Context, r *wsx.Request, in struct{ Kind, Text string }) (*wsx.Response, error) {
	at, chosen := placeOf.Get(r.Conn)
	kind, known := findKind(in.Kind)
	text := strings.Join(strings.Fields(in.Text), " ")
	last, _ := posted.Get(r.Conn)
	switch {
	case !chosen:
		return nil, wsx.UserErrorf("Choose a place first.")
	case !known:
		return nil, wsx.UserErrorf("Say what kind of event it is.")
	case text == "":
		return nil, wsx.UserErrorf("Say what is going on.")
	case utf8.RuneCountInString(text) > maxText:
		return nil, wsx.UserErrorf("Please say it in %d characters.", maxText)
	case time.Since(last) < pause:
		return nil, wsx.UserErrorf("One event a second is enough.")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var batch wsx.Batch
	e, err := t.add(&batch, event{Kind: kind, Text: text, point: at})
	if err == nil {
		err = t.hub.Flush(&batch)
	}
	if err != nil {
		return nil, err
	}
	posted.Set(r.Conn, time.Now())
	html, err := wsx.Execute(pages, "told", t.hub.Count(e.nearby(), wsx.Except(r.Conn)))
	return r.Reply(html), err
}

// add starts an event and adds to the batch what shows it to those near. mu is held.
func (t *town) add(batch *wsx.Batch, e event) (event, error) {
	if len(t.events) >= mostEvents {
		return e, wsx.UserErrorf("There is too much going on. Try again in a minute.")
	}
	t.lastID++
	e.ID, e.ends = t.lastID, time.Now().Add(t.life)
	pin, errPin := wsx.Execute(pages, "pin", e)
	item, errItem := wsx.Execute(pages, "event", e)
	if err := errors.Join(errPin, errItem); err != nil {
		return e, err
	}
	t.events = append(t.events, e)
	batch.Add("#pins", pin, wsx.Append, e.nearby())
	batch.Add("#events", item, wsx.Prepend, e.nearby())
	return e, nil
}

// expire ends what is over. mu is held.
func (t *town) expire(batch *wsx.Batch, now time.Time) {
	for len(t.events) > 0 && now.After(t.events[0].ends) {
		e := t.events[0]
		t.events = t.events[1:]
		batch.Add("all ."+e.Class(), "", wsx.Delete, e.nearby()) // the pin and the line in the list
	}
}

// step lets time pass. Events here and there begin and end at once, each for those who are near it; Flush finds out who sees
// which of them, and every browser gets one frame or none.
func (t *town) step(now time.Time, invent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var batch wsx.Batch
	t.expire(&batch, now)
	if invent && len(t.events) < mostEvents/2 {
		if _, err := t.add(&batch, invented()); err != nil {
			slog.Error("nearby: invent", "err", err)
		}
	}
	if err := t.hub.Flush(&batch); err != nil && !errors.Is(err, wsx.ErrClosed) {
		slog.Error("nearby: tell", "err", err)
	}
}

// run lets time pass until the program ends. It begins with something to see.
func (t *town) run(every time.Duration) {
	if every > 0 {
		for range 2 * len(places) {
			t.step(time.Now(), true)
		}
	}
	next := time.Now().Add(every)
	for now := range time.Tick(250 * time.Millisecond) {
		due := every > 0 && !now.Before(next)
		if due {
			next = now.Add(every)
		}
		t.step(now, due)
	}
}
