package wsxtest

import (
	"context"
	"errors"
	"sync"

	"github.com/wsxgo/wsx"
)

var errCut = errors.New("wsxtest: the connection to the broker was cut")

// FaultyBroker is a [wsx.Broker] that makes mistakes on demand. A hub has to notice them.
type FaultyBroker struct {
	broker wsx.Broker // immutable

	mu      sync.Mutex // guards what follows
	lose    int
	double  int
	failure error
	silent  error          // what Append returns although it has added the entry
	held    chan struct{}  // closed by Release; nil if nothing is held
	cuts    map[int]func() // of each running Follow
	follows int            // numbers them
}

// Faulty returns a broker that passes everything on to b. Its other methods make mistakes.
func Faulty(b wsx.Broker) *FaultyBroker {
	return &FaultyBroker{broker: b, cuts: make(map[int]func())}
}

// Lose loses the next n entries that would be delivered to followers. They stay in the log.
func (f *FaultyBroker) Lose(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lose = n
}

// Double delivers the next n entries twice.
func (f *FaultyBroker) Double(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.double = n
}

// Hold keeps everything back until Release: entries, notes, and the answers to Append and Tell, which
// return their context's error when it ends.
func (f *FaultyBroker) Hold() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held == nil {
		f.held = make(chan struct{})
	}
}

// Release ends Hold.
func (f *FaultyBroker) Release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held != nil {
		close(f.held)
		f.held = nil
	}
}

// Cut ends every running Follow with an error.
func (f *FaultyBroker) Cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, cut := range f.cuts {
		cut()
	}
}

// Fail makes every call return err, and ends every running Follow. Nil ends that.
func (f *FaultyBroker) Fail(err error) {
	f.mu.Lock()
	f.failure = err
	f.mu.Unlock()
	if err != nil {
		f.Cut()
	}
}

// LoseAnswers makes Append return err although it has added the entry. Nil ends that.
func (f *FaultyBroker) LoseAnswers(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.silent = err
}

// wait returns when nothing is held, or with ctx's error.
func (f *FaultyBroker) wait(ctx context.Context) error {
	for {
		f.mu.Lock()
		held := f.held
		f.mu.Unlock()
		if held == nil {
			return nil
		}
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *FaultyBroker) failing() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failure
}

// Append passes the call on.
func (f *FaultyBroker) Append(ctx context.Context, id string, entry []byte) (added bool, err error) {
	if err := errors.Join(f.failing(), f.wait(ctx)); err != nil {
		return false, err
	}
	added, err = f.broker.Append(ctx, id, entry)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && f.silent != nil {
		return false, f.silent
	}
	return added, err
}

// Tell passes the call on.
func (f *FaultyBroker) Tell(ctx context.Context, node string, note []byte) error {
	if err := errors.Join(f.failing(), f.wait(ctx)); err != nil {
		return err
	}
	return f.broker.Tell(ctx, node, note)
}

// Follow passes the call on.
func (f *FaultyBroker) Follow(ctx context.Context, node string,
	open func(epoch string, first, last uint64) (after uint64),
	entry func(n uint64, data []byte), note func(data []byte),
) error {
	if err := errors.Join(f.failing(), f.wait(ctx)); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f.mu.Lock()
	f.follows++
	id := f.follows
	f.cuts[id] = func() { cancel(errCut) }
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.cuts, id)
	}()
	err := f.broker.Follow(ctx, node, open,
		func(n uint64, data []byte) {
			if f.wait(ctx) != nil {
				return
			}
			for range f.times() {
				entry(n, data)
			}
		},
		func(data []byte) {
			if f.wait(ctx) == nil {
				note(data)
			}
		})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// times returns how often the next entry is delivered.
func (f *FaultyBroker) times() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.lose > 0:
		f.lose--
		return 0
	case f.double > 0:
		f.double--
		return 2
	}
	return 1
}

// Limit returns the limit of the broker behind; 0 if it has none.
func (f *FaultyBroker) Limit() int {
	if limited, ok := f.broker.(interface{ Limit() int }); ok {
		return limited.Limit()
	}
	return 0
}

var _ wsx.Broker = (*FaultyBroker)(nil)
