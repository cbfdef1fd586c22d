package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/wsxgo/wsx"
)

// pollEvery is how long an order waits at most that another program has committed.
const pollEvery = 250 * time.Millisecond

// start begins to publish what is committed: first what a killed program has left in the outbox.
func (b *board) start() {
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		b.relay(ctx)
	}()
	b.stop = func() {
		cancel()
		<-stopped
		b.store.Close()
	}
}

// relay publishes whatever comes into the outbox, until ctx ends.
func (b *board) relay(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		if err := b.publishAll(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, wsx.ErrClosed) {
			slog.Error("outbox: publish; it is tried again", "error", err)
		}
		select {
		case <-b.committed:
		case <-poll.C: // another program may have committed something
		case <-ctx.Done():
			return
		}
	}
}

func (b *board) publishAll(ctx context.Context) error {
	for {
		e, ok, err := b.store.next(ctx)
		if err == nil && ok {
			err = b.publish(ctx, e)
		}
		if err != nil || !ok {
			return err
		}
	}
}

// publish shows an order as it is now to everybody, and forgets the row of the outbox when that has been done. Killed between
// the two, the program publishes it again when it is back, and nobody sees a difference: an order takes the place of the one
// with its id.
func (b *board) publish(ctx context.Context, e entry) error {
	if err := sleep(ctx, b.pause); err != nil {
		return err
	}
	o, err := b.store.order(ctx, e.Order)
	if err != nil {
		return err
	}
	fragment, err := show(o)
	if err != nil {
		return err
	}
	m := wsx.Message{ID: fmt.Sprint("outbox-", e.ID), Fragments: []wsx.Fragment{fragment}}
	if err := b.hub.Publish(ctx, m, wsx.Room(room)); err != nil {
		return err
	}
	return b.store.published(ctx, e)
}

// show returns what brings the order to where it belongs, from wherever in a page it is.
func show(o order) (wsx.Fragment, error) {
	id := fmt.Sprint("order-", o.ID)
	if o.State == collected {
		return wsx.Fragment{Target: wsx.ID(id), Swap: wsx.Delete}, nil
	}
	html, err := wsx.Execute(pages, "order", o)
	return wsx.Fragment{Target: wsx.ID(o.State), HTML: html, Swap: wsx.Append}, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
