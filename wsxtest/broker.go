package wsxtest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/wsxgo/wsx"
)

// idTime is how long a broker remembers the id of an entry.
const idTime = 2 * time.Minute

// mostBrokerNotes bounds the notes that wait for one follower.
const mostBrokerNotes = 16384

var errFellBehind = errors.New("wsxtest: the follower takes its notes too slowly")

// Broker is a [wsx.Broker] in memory. It connects hubs of one process, for tests of programs that run
// on several nodes.
type Broker struct {
	mu        sync.Mutex // guards what follows
	epoch     string
	entries   [][]byte // the first one has the number first
	first     uint64
	ids       map[string]time.Time
	followers map[*follower]struct{}
	changed   chan struct{} // closed and replaced after each entry
}

// A follower is one running Follow.
type follower struct {
	node  string
	notes chan []byte
	cut   context.CancelCauseFunc
}

// NewBroker returns a broker with an empty log.
func NewBroker() *Broker {
	return &Broker{
		epoch: newEpoch(), first: 1,
		ids: make(map[string]time.Time), followers: make(map[*follower]struct{}), changed: make(chan struct{}),
	}
}

func newEpoch() string { return strings.ToLower(rand.Text()[:12]) }

// Append adds an entry to the log, unless one with this id was added within two minutes.
func (b *Broker) Append(ctx context.Context, id string, entry []byte) (added bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if at, known := b.ids[id]; known && id != "" && now.Sub(at) < idTime {
		return false, nil
	}
	if id != "" {
		b.ids[id] = now
	}
	b.entries = append(b.entries, append([]byte(nil), entry...))
	b.announce()
	return true, nil
}

// announce wakes the followers. The caller holds mu.
func (b *Broker) announce() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// Follow delivers entries and notes until ctx ends, or until Replace or Trim have changed the log.
func (b *Broker) Follow(ctx context.Context, node string,
	open func(epoch string, first, last uint64) (after uint64),
	entry func(n uint64, data []byte), note func(data []byte),
) error {
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	f := &follower{node: node, notes: make(chan []byte, mostBrokerNotes), cut: cut}
	b.mu.Lock()
	b.followers[f] = struct{}{}
	epoch, first, last := b.epoch, b.first, b.last()
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.followers, f)
	}()
	after := open(epoch, first, last)
	for {
		b.mu.Lock()
		changed := b.changed
		var next [][]byte
		if after+1 >= b.first && after < b.last() {
			next = b.entries[after+1-b.first:]
		}
		b.mu.Unlock()
		for _, data := range next {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			after++
			entry(after, data)
		}
		if next != nil {
			continue
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case data := <-f.notes:
			note(data)
		case <-changed:
		}
	}
}

// last returns the number of the newest entry. The caller holds mu.
func (b *Broker) last() uint64 { return b.first + uint64(len(b.entries)) - 1 }

// Tell sends a note to the followers of a node or, with "", to all.
func (b *Broker) Tell(ctx context.Context, node string, note []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	data := append([]byte(nil), note...)
	b.mu.Lock()
	defer b.mu.Unlock()
	for f := range b.followers {
		if node != "" && f.node != node {
			continue
		}
		select {
		case f.notes <- data:
		default:
			f.cut(errFellBehind)
		}
	}
	return nil
}

// Replace empties the log, as when a broker without persistence restarts: it begins again with
// another epoch, and numbers begin at 1.
func (b *Broker) Replace() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.epoch, b.entries, b.first = newEpoch(), nil, 1
	clear(b.ids)
	b.cutAll(errors.New("wsxtest: the log was replaced"))
}

// Trim removes the entries before the last n, as when they have expired.
func (b *Broker) Trim(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if gone := len(b.entries) - n; gone > 0 {
		b.first += uint64(gone)
		b.entries = b.entries[gone:]
	}
}

// cutAll ends every Follow. The caller holds mu.
func (b *Broker) cutAll(err error) {
	for f := range b.followers {
		f.cut(err)
	}
}

var _ wsx.Broker = (*Broker)(nil)
