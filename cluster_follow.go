package wsx

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/wsxgo/wsx/internal/nodewire"
)

// follow follows the log until the hub ends. After each loss it goes on where it was.
func (n *cluster) follow() {
	pause := retryFirst
	for n.ctx.Err() == nil {
		ctx, cancel := context.WithCancel(n.ctx)
		n.mu.Lock()
		n.cut = cancel
		n.mu.Unlock()
		before := n.counts.followed.Load()
		err := safely(func() error { return n.broker.Follow(ctx, n.hub.node, n.open, n.entry, n.note) })
		cancel()
		if n.counts.followed.Load() > before {
			pause = retryFirst
		}
		if n.ctx.Err() != nil {
			return
		}
		n.lose(err)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-n.ctx.Done():
		}
		pause = min(2*pause, retryLast)
	}
}

// lose notes that the log isn't followed any more.
func (n *cluster) lose(err error) {
	n.mu.Lock()
	n.cut = nil
	wasUp, loaded := n.state == brokerUp, n.loaded
	n.mu.Unlock()
	if loaded {
		n.setState(brokerAway)
	}
	if wasUp && !errors.Is(err, context.Canceled) {
		n.hub.opts.Logger.Warn("wsx: the broker can't be followed; pages stay up to date from memory, and go on when it is back", "error", err)
	}
}

// open is called once by each Follow. It returns the number of the entry after which this hub needs
// the log.
func (n *cluster) open(epoch string, first, last uint64) (after uint64) {
	n.skipped = false
	n.counts.followed.Add(1)
	n.mu.Lock()
	applied, loaded := n.applied, n.loaded
	n.mu.Unlock()
	if !loaded {
		n.target = last // another log may be shorter than the one that was being read
	}
	current := n.hub.history.current()
	isFirst := current.epoch == ""
	isSame := epoch == current.epoch && last >= applied
	switch {
	case isFirst:
		n.rebase(n.hub.history.beginEra(epoch), first)
	case !isSame:
		lost := n.recentlyAcked()
		n.rebase(n.hub.history.beginEra(epoch), first)
		n.counts.rebased.Add(1)
		n.hub.opts.Logger.Warn("wsx: the broker has another log; browsers refetch their rooms", "epoch", epoch)
		if len(lost) > 0 {
			// A master that was cut off may have gone on taking entries, which are in no log now.
			n.running.Go(func() { _ = n.append(n.ctx, "", nil, nodewire.Reset, resetBody(lost)) })
		}
	case applied+1 < first:
		n.rebase(current, first)
		n.counts.rebased.Add(1)
		n.hub.opts.Logger.Warn("wsx: the broker no longer has what this node has missed; browsers refetch their rooms", "first", first, "applied", applied)
	}
	n.mu.Lock()
	n.planBeat(time.Now())
	n.become()
	after = n.applied
	n.mu.Unlock()
	_ = n.send("", nodewire.Alive, nil) // so that the others know this node before its first tick
	return after
}

// become sets the state after open or an entry. The caller holds mu.
func (n *cluster) become() {
	state := brokerUp
	if n.loaded = n.loaded || n.applied >= n.target; !n.loaded {
		state = brokerLoading
	}
	if n.state != state {
		n.state, n.since = state, time.Now()
	}
	n.announce()
}

// rebase goes on before the first entry that the log has. Nothing is known about what came before,
// so no room is complete from there.
func (n *cluster) rebase(e era, first uint64) {
	floor := e.last(first - 1)
	n.hub.history.last.Store(floor)
	n.hub.history.rebase(floor)
	n.hub.resetMembers(nil)
	n.mu.Lock()
	n.applied = first - 1
	clear(n.own) // they come back or not, but not in this log
	n.mu.Unlock()
}

// entry is called for each entry of the log.
func (n *cluster) entry(number uint64, data []byte) {
	if n.skipped {
		return
	}
	n.mu.Lock()
	applied := n.applied
	n.mu.Unlock()
	if number != applied+1 {
		n.skipped = true
		n.counts.gaps.Add(1)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.cut()
		return
	}
	n.apply(number, data)
	n.hub.history.last.Store(n.hub.history.current().last(number))
	n.mu.Lock()
	defer n.mu.Unlock()
	n.applied = number
	n.planBeat(time.Now())
	n.become()
}

// apply does what an entry says.
func (n *cluster) apply(number uint64, data []byte) {
	e, err := nodewire.Open(data, n.hub.opts.Secrets)
	if errors.Is(err, nodewire.ErrForged) {
		n.unreadable("an entry", err, len(data))
		return
	}
	first := n.hub.history.current().first(number)
	if err != nil || !n.applyEntry(e, first) {
		// Of a newer program: what it says is missing here, as if it were a gap.
		n.unreadable("an entry", cmp.Or(err, error(nodewire.ErrUnknown)), len(data))
		n.hub.history.rebase(first + mostParts - 1)
		n.hub.resetMembers(nil)
		return
	}
	if e.Node != n.hub.node {
		return // an entry may be older than the end of its node
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if own := n.own[e.Mark]; own != nil {
		n.lag = time.Since(own.began)
		delete(n.own, e.Mark)
	}
}

// applyEntry reports whether it understood the entry.
func (n *cluster) applyEntry(e nodewire.Entry, first uint64) bool {
	r := nodewire.NewReader(e.Body)
	switch e.Kind {
	case nodewire.Messages:
		messages := r.Messages()
		if !r.Done() || len(messages) > mostParts {
			return false
		}
		for i := range messages {
			if !n.applyMessage(&messages[i], first+uint64(i)) {
				return false
			}
		}
	case nodewire.Disconnect:
		d, ok := n.readDisconnect(r)
		if !ok {
			return false
		}
		if n.isLoaded() {
			n.hub.disconnect(d.cause, d.of)
		}
	case nodewire.Reset:
		rooms := r.Texts()
		if !r.Done() {
			return false
		}
		if n.isLoaded() {
			n.resetRooms(rooms, first+mostParts-1)
		}
	case nodewire.Beat:
	default:
		return false // a note in the log
	}
	return true
}

func (n *cluster) isLoaded() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.loaded
}

// resetRooms makes browsers refetch rooms whose messages may be lost; nil means all rooms.
func (n *cluster) resetRooms(rooms []string, floor uint64) {
	if len(rooms) == 0 {
		n.hub.history.rebase(floor)
		n.hub.resetMembers(nil)
		return
	}
	for _, room := range rooms {
		n.hub.history.rebaseRoom(room, floor)
	}
	n.hub.resetMembers(rooms)
}

// note is called for each note of another node, and for those of this one to all.
func (n *cluster) note(data []byte) {
	n.counts.heard.Add(1)
	e, err := nodewire.Open(data, n.hub.opts.Secrets)
	if err != nil {
		n.unreadable("a note", err, len(data))
		return
	}
	if e.Node == n.hub.node {
		return // done already
	}
	r := nodewire.NewReader(e.Body)
	switch e.Kind {
	case nodewire.Messages:
		if messages := r.Messages(); r.Done() {
			n.applyNotes(messages)
		}
	case nodewire.Send:
		id, fragments := r.Text(), r.Fragments()
		if checked, ok := readFragments(fragments); ok && r.Done() {
			if c, here := n.hub.GetConnection(id); here {
				c.send(newUpdate(n.hub.newUpdateID(), checked))
			}
		}
	case nodewire.Leaving:
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.peers, e.Node)
		return
	}
	n.hear(e.Node)
}

// hear notes that another node lives. One that is new is told of this node at once.
func (n *cluster) hear(node string) {
	n.mu.Lock()
	_, known := n.peers[node]
	n.peers[node] = time.Now()
	n.mu.Unlock()
	if !known {
		_ = n.send(node, nodewire.Alive, nil)
	}
}

func (n *cluster) unreadable(what string, err error, size int) {
	if n.counts.unreadable.Add(1) == 1 {
		n.hub.opts.Logger.Warn("wsx: the broker has brought "+what+" that can't be read; do all nodes have the same Options.Secrets and version?",
			"error", err, "bytes", size)
	}
}
