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
	maxText    = 80  // characters per event
	pause      = time.Second
)

type event struct {
	ID   int
	Kind kind
	Text string
	point
	ends time.Time
}

// Data of a connection, which lasts as long as the connection: its place, and when it last posted an event.
var (
	placeOf = wsx.NewKey[point]("place")
	posted  = wsx.NewKey[time.Time]("posted")
)

type town struct {
	hub  *wsx.Hub
	life time.Duration

	// mu is held while changing the events and sending the change, so that no page misses an event between its first list and
	// the updates. Holding it while sending is fine: sending never blocks on a browser.
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

// nearby selects the connections near the event, by the location set with SetLocation.
func (e event) nearby() wsx.Filter {
	lat, lng := e.location()
	return wsx.Near(lat, lng, radius)
}

// move sets the place of a connection and sends the events near it. The page calls it for a click on the map or a button, and
// whenever it connects.
func (t *town) move(_ context.Context, r *wsx.Request, to point) (*wsx.Response, error) {
	if !to.onMap() {
		return nil, wsx.UserErrorf("That point is off the map.")
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

// send renders a template and sends it to one connection.
func (t *town) send(c *wsx.Connection, target, name string, data any) error {
	html, err := wsx.Execute(pages, name, data)
	if err != nil {
		return err
	}
	return c.Send(target, html, wsx.Inner)
}

// post creates an event at the place that the visitor has chosen.
func (t *town) post(_ context.Context, r *wsx.Request, in struct{ Kind, Text string }) (*wsx.Response, error) {
	at, chosen := placeOf.Get(r.Conn)
	kind, known := findKind(in.Kind)
	text := strings.Join(strings.Fields(in.Text), " ")
	last, _ := posted.Get(r.Conn)
	switch {
	case !chosen:
		return nil, wsx.UserErrorf("Choose a place first.")
	case !known:
		return nil, wsx.UserErrorf("Choose what kind of event it is.")
	case text == "":
		return nil, wsx.UserErrorf("Describe the event.")
	case utf8.RuneCountInString(text) > maxText:
		return nil, wsx.UserErrorf("Please use at most %d characters.", maxText)
	// The limit is per connection, which is enough for an example. A real program would limit
	// users.
	case time.Since(last) < pause:
		return nil, wsx.UserErrorf("Please wait a second before the next event.")
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

// add creates an event, and adds its fragments for connections near it to the batch. The caller holds mu.
func (t *town) add(batch *wsx.Batch, e event) (event, error) {
	if len(t.events) >= mostEvents {
		return e, wsx.UserErrorf("There are too many events. Try again in a minute.")
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

// expire removes the events that have ended. The caller holds mu.
func (t *town) expire(batch *wsx.Batch, now time.Time) {
	for len(t.events) > 0 && now.After(t.events[0].ends) {
		e := t.events[0]
		t.events = t.events[1:]
		batch.Add("all ."+e.Class(), "", wsx.Delete, e.nearby()) // the pin and the list item
	}
}

// step ends events and may create one. Each change is for the connections near it. Flush selects the fragments for each
// connection, so every browser receives at most one frame.
func (t *town) step(now time.Time, invent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var batch wsx.Batch
	t.expire(&batch, now)
	// Half of the places stay free for events of visitors.
	if invent && len(t.events) < mostEvents/2 {
		if _, err := t.add(&batch, invented()); err != nil {
			slog.Error("nearby: invent", "err", err)
		}
	}
	if err := t.hub.Flush(&batch); err != nil && !errors.Is(err, wsx.ErrClosed) {
		slog.Error("nearby: send", "err", err)
	}
}

// run calls step until the program exits. It starts with several events, so that the map isn't empty.
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
