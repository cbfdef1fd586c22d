package wsx

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wsxgo/wsx/internal/nodewire"
)

// The times of a cluster. The order matters: a node notices a lost entry by the next one, which is a
// beat at the latest.
const (
	brokerPatience = 2 * time.Second // for the broker to take an entry, or to bring one back
	loadPatience   = 2 * time.Second // for tickets and joins, until the log has been read
	beatAfter      = 2 * time.Second // of silence in the log; up to twice as long, by chance
	aliveEvery     = 3 * time.Second
	goneAfter      = 15 * time.Second // a node that wasn't heard of for so long
	ackedFor       = time.Minute      // how long a lost master may have gone on taking entries
	watchEvery     = 500 * time.Millisecond
	retryFirst     = 20 * time.Millisecond // between two calls of Broker.Follow, doubling
	retryLast      = time.Second

	mostParts      = 1 << entryBits // messages in one entry
	mostNotes      = 1024           // waiting for the broker
	mostResetRooms = 1000           // named in one entry; beyond that it means all rooms
)

// A cluster follows the broker's log for one hub, and speaks to the other nodes.
//
// Three goroutines run from the first use of the hub until Shutdown: follow calls Broker.Follow again
// and again, which calls open, entry and note; tell sends notes; watch keeps time. They take mu for
// moments and never call the broker under it.
type cluster struct {
	// immutable
	hub    *Hub
	broker Broker
	limit  int // bytes of an entry; 0 for none

	begin   sync.Once
	running sync.WaitGroup
	ctx     context.Context // ends when Shutdown is done with the connections
	cancel  context.CancelFunc
	notes   chan note

	// owned by the goroutine that Follow calls open and entry on
	target  uint64 // the newest entry of the log when this hub began to read it
	skipped bool   // this Follow has lost an entry, so what follows is left to the next one

	counts clusterCounts

	mu      sync.Mutex // guards what follows; taken after a room's and a connection's mu
	state   string
	since   time.Time
	loaded  bool
	applied uint64        // the newest entry applied
	changed chan struct{} // closed and replaced when state, loaded or applied change
	cut     func()        // ends the running Follow
	beatAt  time.Time     // when silence gets a beat
	lastCut time.Time     // after a failed Append
	own     map[nodewire.Mark]*ownEntry
	lag     time.Duration
	acked   map[string]time.Time // by room, when the newest entry for it was taken
	peers   map[string]time.Time // by node, when it was last heard of
}

// An ownEntry is one that this hub has appended and not seen yet.
type ownEntry struct {
	began time.Time
	acked time.Time // zero until the broker has taken it
}

type note struct {
	node string // "" for all
	data []byte
}

type clusterCounts struct {
	appended, failed, told, heard, followed, gaps, rebased, unreadable atomic.Uint64
}

func newCluster(h *Hub, b Broker) *cluster {
	n := &cluster{
		hub: h, broker: b,
		notes:   make(chan note, mostNotes),
		changed: make(chan struct{}),
		own:     make(map[nodewire.Mark]*ownEntry),
		acked:   make(map[string]time.Time),
		peers:   make(map[string]time.Time),
	}
	if limited, ok := b.(interface{ Limit() int }); ok {
		n.limit = limited.Limit()
	}
	return n
}

// start begins to follow the log. It waits for nothing, and has no effect without a broker or if it
// was called before.
func (n *cluster) start() {
	if n == nil {
		return
	}
	n.begin.Do(func() {
		n.ctx, n.cancel = context.WithCancel(context.Background())
		n.setState(brokerLoading)
		n.running.Go(n.follow)
		n.running.Go(n.tell)
		n.running.Go(n.watch)
	})
}

// stop ends everything and waits for it. The other nodes are told.
func (n *cluster) stop() {
	if n == nil {
		return
	}
	n.begin.Do(func() {}) // it never begins any more
	if n.cancel == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), brokerPatience/4)
	defer cancel()
	if n.stateNow() == brokerUp {
		_ = n.broker.Tell(ctx, "", n.seal(nodewire.Leaving, nil).bytes) // who misses it finds out
	}
	n.cancel()
	n.running.Wait()
}

func (n *cluster) stateNow() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state
}

func (n *cluster) setState(state string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.state != state {
		n.state, n.since = state, time.Now()
	}
	n.announce()
}

// announce wakes those that wait for a change. The caller holds mu.
func (n *cluster) announce() {
	close(n.changed)
	n.changed = make(chan struct{})
}

// await returns when is reports true, or with ctx's error. is is called with mu held.
func (n *cluster) await(ctx context.Context, is func() bool) error {
	for {
		n.mu.Lock()
		ok, changed := is(), n.changed
		n.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-n.ctx.Done():
			return ErrClosed
		}
	}
}

// awaitLoad returns when the log that the hub found has been read, or after loadPatience.
func (n *cluster) awaitLoad(ctx context.Context) {
	if n == nil {
		return
	}
	n.start()
	n.mu.Lock()
	loaded := n.loaded
	n.mu.Unlock()
	if loaded || n.ctx == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, loadPatience)
	defer cancel()
	_ = n.await(ctx, func() bool { return n.loaded })
}

// awaitPositions returns when this node has come to the positions, or after brokerPatience: another
// node may have been quicker.
func (n *cluster) awaitPositions(ctx context.Context, positions []string) {
	if n == nil {
		return
	}
	isReached := func() bool {
		for _, p := range positions {
			if n.hub.history.isAhead(p) {
				return false
			}
		}
		return true
	}
	if isReached() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	_ = n.await(ctx, isReached)
}

// positions returns those that the browser has come to, by its frame and its tickets.
func (j *joinResult) positions() (all []string) {
	all = append(slices.Collect(maps.Values(j.frame.Positions)), j.frame.Clock)
	for _, t := range j.tickets {
		for _, p := range t.Places {
			all = append(all, p.Position, p.Since)
		}
	}
	return slices.DeleteFunc(all, func(position string) bool { return position == "" || strings.HasPrefix(position, "-") })
}

// A sealed is an entry as bytes, and the mark by which it is known when it comes back.
type sealed struct {
	bytes []byte
	mark  nodewire.Mark
}

func (n *cluster) seal(kind nodewire.Kind, body []byte) sealed {
	mark := nodewire.NewMark()
	e := nodewire.Entry{Kind: kind, Node: n.hub.node, Mark: mark, Body: body}
	return sealed{e.Seal(n.hub.opts.Secrets[0]), mark}
}

// watch sends the signs of life, and notices entries that don't come back.
func (n *cluster) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var toldAlive time.Time
	for {
		select {
		case <-n.ctx.Done():
			return
		case <-tick.C:
		}
		now := time.Now()
		if n.stateNow() == brokerUp && now.Sub(toldAlive) >= aliveEvery {
			toldAlive = now
			n.send("", nodewire.Alive, nil)
		}
		n.cutIfLost(now)
		if n.needsBeat(now) {
			n.running.Go(func() { _ = n.append(n.ctx, "", nil, nodewire.Beat, nil) })
		}
	}
}

// cutIfLost ends the running Follow if it has not brought back an entry that the broker has taken.
func (n *cluster) cutIfLost(now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for mark, e := range n.own {
		if !e.acked.IsZero() && now.Sub(e.acked) >= brokerPatience && n.cut != nil {
			delete(n.own, mark) // the next Follow brings it or not; it has been noticed
			n.counts.gaps.Add(1)
			n.cut()
		}
	}
	for room, at := range n.acked {
		if now.Sub(at) > ackedFor {
			delete(n.acked, room)
		}
	}
	for node, at := range n.peers {
		if now.Sub(at) > goneAfter {
			delete(n.peers, node)
		}
	}
}

// needsBeat reports whether the log has been silent for long enough. Then no other call does so for
// a while.
func (n *cluster) needsBeat(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.state != brokerUp || now.Before(n.beatAt) {
		return false
	}
	n.planBeat(now)
	return true
}

// planBeat puts the next beat off. The caller holds mu.
func (n *cluster) planBeat(now time.Time) {
	n.beatAt = now.Add(beatAfter + rand.N(beatAfter))
}

// stats returns the figures; without a broker they are zero.
func (n *cluster) stats() (s BrokerStats) {
	if n == nil {
		return s
	}
	n.mu.Lock()
	s.State, s.Since, s.Applied, s.Lag = n.state, n.since, n.applied, n.lag
	if s.State != "" {
		s.Nodes = 1 + len(n.peers)
	}
	n.mu.Unlock()
	s.Epoch = n.hub.history.current().epoch
	for to, from := range map[*uint64]*atomic.Uint64{
		&s.Appended: &n.counts.appended, &s.Failed: &n.counts.failed, &s.Told: &n.counts.told, &s.Heard: &n.counts.heard,
		&s.Followed: &n.counts.followed, &s.Gaps: &n.counts.gaps, &s.Rebased: &n.counts.rebased, &s.Unreadable: &n.counts.unreadable,
	} {
		*to = from.Load()
	}
	return s
}

// unavailable returns err as ErrUnavailable.
func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }
