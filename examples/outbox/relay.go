package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/wsxgo/wsx"
)

// pollEvery is the interval at which the relay looks for rows that other programs committed.
const pollEvery = 250 * time.Millisecond

// start starts the relay. It first publishes the rows that an earlier run left in the outbox.
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

// relay publishes the rows of the outbox until ctx is done.
func (b *board) relay(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		if err := b.publishAll(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, wsx.ErrClosed) {
			slog.Error("outbox: publish, will retry", "err", err)
		}
		select {
		case <-b.committed:
		case <-poll.C: // another program may have committed something
		case <-ctx.Done():
			return
		}
	}
}

// publishAll stops at the first error and leaves the row in the outbox. A later row must not
// overtake it, because it may concern the same order.
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

// publish publishes the current state of an order, then deletes the row of the outbox. If the program is killed between the two,
// the next run publishes the order again. The repetition is invisible, because the order replaces the element with its id.
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

// show returns the fragment that moves the order to its column, or removes it.
func show(o order) (wsx.Fragment, error) {
	id := fmt.Sprint("order-", o.ID)
	if o.State == collected {
		return wsx.Fragment{Target: wsx.ID(id), Swap: wsx.Delete}, nil
	}
	html, err := wsx.Execute(pages, "order", o)
	return wsx.Fragment{Target: wsx.ID(o.State), HTML: html, Swap: wsx.Append}, err
}

// sleep ends early if the program does.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
