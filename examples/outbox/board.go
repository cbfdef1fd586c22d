package main

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

const (
	room      = "orders"
	collected = "collected" // the state behind the last column
	maxText   = 40          // characters
	maxOpen   = 100         // orders on the board
)

// state is a column of the board.
type state struct{ ID, Title, Empty, Action string }

var states = []state{
	{"ordered", "Ordered", "Nobody waits.", "Start"},
	{"making", "Making", "The machine is cold.", "Done"},
	{"ready", "Ready", "Everybody has their cup.", "Collected"},
}

type board struct {
	hub       *wsx.Hub
	store     *store
	pause     time.Duration
	committed chan struct{} // wakes the relay
	stop      func()        // set by start
}

func newBoard(store *store, pause time.Duration) *board {
	b := &board{hub: wsx.New(nil), store: store, pause: pause, committed: make(chan struct{}, 1)}
	b.hub.ConfigureRooms(room, wsx.RoomOptions{History: 500})
	b.hub.On("order", wsx.Typed(b.order))
	b.hub.On("move", wsx.Typed(b.move))
	return b
}

// order only commits. The relay publishes.
func (b *board) order(ctx context.Context, r *wsx.Request, in struct{ Name, Drink string }) (*wsx.Response, error) {
	name, drink := strings.TrimSpace(in.Name), strings.TrimSpace(in.Drink)
	switch {
	case name == "" || drink == "":
		return nil, wsx.UserErrorf("Please say what, and for whom.")
	case utf8.RuneCountInString(name) > maxText || utf8.RuneCountInString(drink) > maxText:
		return nil, wsx.UserErrorf("Please say it in %d characters.", maxText)
	}
	open, err := b.store.open(ctx)
	if err != nil {
		return nil, err
	}
	if len(open) >= maxOpen {
		return nil, wsx.UserErrorf("%d orders are all that we can carry. Please come back later.", maxOpen)
	}
	id, err := b.store.place(ctx, name, drink)
	if err != nil {
		return nil, err
	}
	b.wake()
	return r.ReplyTo("#told", wsx.HTMLf("Order %d is committed.", id), wsx.Inner), nil
}

// move brings an order to the next column. It says from which, so that two who press the button at once do not move it twice.
func (b *board) move(ctx context.Context, _ *wsx.Request, in struct {
	ID   int64
	From string
}) (*wsx.Response, error) {
	to := after(in.From)
	if to == "" {
		return nil, wsx.UserErrorf("There is nothing to do with that order.")
	}
	err := b.store.move(ctx, in.ID, in.From, to)
	if errors.Is(err, errGone) {
		return nil, wsx.UserErrorf("Somebody else was quicker.")
	}
	b.wake()
	return nil, err
}

// after returns the state that follows; "": there is none.
func after(from string) string {
	for i, s := range states {
		if s.ID == from && i+1 < len(states) {
			return states[i+1].ID
		} else if s.ID == from {
			return collected
		}
	}
	return ""
}

// wake never waits: if the channel is full, the relay is about to look anyway.
func (b *board) wake() {
	select {
	case b.committed <- struct{}{}:
	default:
	}
}

func (b *board) routes() http.Handler {
	mux := http.NewServeMux()
	look.Serve(mux, b.hub, web)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		page, err := b.page(r.Context())
		look.Write(w, http.StatusOK, page, err)
	})
	return mux
}

// page takes the ticket first and reads the orders then: what is published in between comes again with the connection. The ticket
// is for nobody in particular, as the board has no log-in.
func (b *board) page(ctx context.Context) (template.HTML, error) {
	ticket, err := b.hub.Ticket(ctx, "", room)
	if err != nil {
		return "", err
	}
	open, err := b.store.open(ctx)
	if err != nil {
		return "", err
	}
	lists := make(map[string][]order)
	for _, o := range open {
		lists[o.State] = append(lists[o.State], o)
	}
	return wsx.Execute(pages, "page", map[string]any{"Ticket": ticket, "States": states, "Lists": lists, "MaxText": maxText})
}

// Action is what the button of the order says.
func (o order) Action() string {
	for _, s := range states {
		if s.ID == o.State {
			return s.Action
		}
	}
	return ""
}
