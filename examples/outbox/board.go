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
	collected = "collected" // the state after the last column
	maxText   = 40          // characters per field
	maxOpen   = 100         // orders on the board
)

// state is a column of the board.
type state struct{ ID, Title, Empty, Action string }

var states = []state{
	{"ordered", "Ordered", "No orders are waiting.", "Start"},
	{"making", "Making", "No orders in progress.", "Done"},
	{"ready", "Ready", "No orders to collect.", "Collected"},
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

// order commits an order. The relay publishes it.
func (b *board) order(ctx context.Context, r *wsx.Request, in struct{ Name, Drink string }) (*wsx.Response, error) {
	name, drink := strings.TrimSpace(in.Name), strings.TrimSpace(in.Drink)
	switch {
	case name == "" || drink == "":
		return nil, wsx.UserErrorf("Please enter a name and a drink.")
	case utf8.RuneCountInString(name) > maxText || utf8.RuneCountInString(drink) > maxText:
		return nil, wsx.UserErrorf("Please use at most %d characters.", maxText)
	}
	open, err := b.store.open(ctx)
	if err != nil {
		return nil, err
	}
	if len(open) >= maxOpen {
		return nil, wsx.UserErrorf("The board is full with %d orders. Please come back later.", maxOpen)
	}
	id, err := b.store.place(ctx, name, drink)
	if err != nil {
		return nil, err
	}
	b.wake()
	return r.ReplyTo("#told", wsx.HTMLf("Order %d is committed.", id), wsx.Inner), nil
}

// move moves an order to the next column. The request names the current column, so that two simultaneous clicks don't move the
// order twice.
func (b *board) move(ctx context.Context, _ *wsx.Request, in struct {
	ID   int64
	From string
}) (*wsx.Response, error) {
	to := after(in.From)
	if to == "" {
		return nil, wsx.UserErrorf("That order can't be moved.")
	}
	err := b.store.move(ctx, in.ID, in.From, to)
	if errors.Is(err, errGone) {
		return nil, wsx.UserErrorf("That order has been moved already.")
	}
	b.wake()
	return nil, err
}

// after returns the next state, or "" if there is none.
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

// wake wakes the relay. It doesn't block: if the channel is full, the relay is about to check the outbox anyway.
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

// page takes the ticket before it reads the orders, so that the page receives updates published in between. The ticket is valid
// for all users, because the board has no login.
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

// Action returns the label of the order's button.
func (o order) Action() string {
	for _, s := range states {
		if s.ID == o.State {
			return s.Action
		}
	}
	return ""
}
