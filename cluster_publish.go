package wsx

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wsxgo/wsx/internal/nodewire"
)

// append adds an entry to the log. It waits for the broker, brokerPatience at most. rooms are those
// that it says something about. A second entry with the same id is not added, which is not an error.
func (n *cluster) append(ctx context.Context, id string, rooms []string, kind nodewire.Kind, body []byte) error {
	n.start()
	if n.ctx == nil {
		return ErrClosed
	}
	e := n.seal(kind, body)
	if n.limit > 0 && len(e.bytes) > n.limit {
		return fmt.Errorf("%w: %d bytes; the broker takes %d", ErrTooLarge, len(e.bytes), n.limit)
	}
	ctx, cancel := context.WithTimeout(ctx, brokerPatience)
	defer cancel()
	if err := n.await(ctx, func() bool { return n.state == brokerUp }); err != nil {
		n.counts.failed.Add(1)
		return unavailable(err)
	}
	own := &ownEntry{began: time.Now()}
	n.mu.Lock()
	n.own[e.mark] = own
	n.mu.Unlock()
	added, err := n.broker.Append(ctx, id, e.bytes)
	now := time.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		delete(n.own, e.mark)
		n.counts.failed.Add(1)
		if n.cut != nil && n.state == brokerUp && now.Sub(n.lastCut) >= time.Second {
			n.lastCut = now
			n.cut() // if the broker takes nothing, it may bring nothing either
		}
		return unavailable(err)
	}
	if !added {
		delete(n.own, e.mark)
		return nil
	}
	n.counts.appended.Add(1)
	own.acked = now
	for _, room := range rooms {
		n.acked[room] = now
	}
	return nil
}

// recentlyAcked returns the rooms of entries that the broker has taken lately, and forgets them.
func (n *cluster) recentlyAcked() (rooms []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	for room, at := range n.acked {
		if now.Sub(at) <= ackedFor {
			rooms = append(rooms, room)
		}
	}
	clear(n.acked)
	return rooms
}

// resetBody returns the body of a reset of rooms. No rooms means all of them.
func resetBody(rooms []string) []byte {
	if len(rooms) > mostResetRooms {
		rooms = nil
	}
	slices.Sort(rooms)
	return nodewire.AppendTexts(nil, rooms)
}

// send queues a note for a node or, with "", for all nodes. It never waits. It returns
// ErrUnavailable if the broker is away, or has too much to do.
func (n *cluster) send(node string, kind nodewire.Kind, body []byte) error {
	n.start()
	if n.ctx == nil {
		return ErrClosed
	}
	if n.stateNow() == brokerAway {
		n.counts.failed.Add(1)
		return unavailable(errBrokerAway)
	}
	select {
	case n.notes <- note{node, n.seal(kind, body).bytes}:
		return nil
	default:
		n.counts.failed.Add(1)
		return unavailable(errNotesFull)
	}
}

// tell gives the broker the notes, one after the other.
func (n *cluster) tell() {
	for {
		select {
		case <-n.ctx.Done():
			return
		case x := <-n.notes:
			ctx, cancel := context.WithTimeout(n.ctx, brokerPatience)
			err := n.broker.Tell(ctx, x.node, x.data)
			cancel()
			if err != nil {
				n.counts.failed.Add(1)
				continue
			}
			n.counts.told.Add(1)
		}
	}
}

// publish sends a message to all nodes. In a room with history it goes through the log, so that all
// nodes give it the same place. Otherwise it is delivered here at once, and told to the others.
func (n *cluster) publish(ctx context.Context, id string, m *message, d destination, to []Filter) error {
	body := nodewire.AppendMessages(nil, []nodewire.Message{n.messageOf(id, m, d, to)})
	if d.history && !m.volatile {
		return n.append(ctx, id, []string{d.room}, nodewire.Messages, body)
	}
	n.hub.deliverTo(m, d, to)
	return n.send("", nodewire.Messages, body)
}

// flushLog sends the parts of a batch for rooms with history, in one entry if they fit.
func (n *cluster) flushLog(parts []batchPart) error {
	var all []nodewire.Message
	rooms := make(map[string]bool)
	size := 0
	add := func() error {
		if len(all) == 0 {
			return nil
		}
		err := n.append(context.Background(), "", slices.Collect(maps.Keys(rooms)), nodewire.Messages, nodewire.AppendMessages(nil, all))
		all, size = nil, 0
		clear(rooms)
		return err
	}
	for _, p := range parts {
		m := nodewire.Message{Room: p.room, Batch: len(p.fragments) > 1, Fragments: fragmentsOf(p.fragments), Filters: n.filtersOf(p.to)}
		bytes := len(nodewire.AppendMessages(nil, []nodewire.Message{m}))
		if len(all) == mostParts || n.limit > 0 && size > 0 && size+bytes > n.limit-entryOverhead {
			if err := add(); err != nil {
				return err
			}
		}
		all, size = append(all, m), size+bytes
		rooms[p.room] = true
	}
	return add()
}

// flushNotes tells the other nodes the items of a batch that no history keeps.
func (n *cluster) flushNotes(items []batchItem) error {
	var notes []nodewire.Message
	for i := range items {
		if item := &items[i]; !item.history && !isLocal(item.to) {
			notes = append(notes, nodewire.Message{Batch: true, Fragments: fragmentsOf(item.checked), Filters: n.filtersOf(item.to)})
		}
	}
	if len(notes) == 0 {
		return nil
	}
	return n.send("", nodewire.Messages, nodewire.AppendMessages(nil, notes))
}

// entryOverhead is more than what an entry needs besides its messages.
const entryOverhead = 256

// sendTo sends a message to a connection of another node. It returns ErrNotConnected if there is no
// such node.
func (n *cluster) sendTo(id string, m *message) error {
	n.start()
	node, _, _ := strings.Cut(id, "-")
	n.mu.Lock()
	_, isAlive := n.peers[node]
	n.mu.Unlock()
	if !isAlive {
		return ErrNotConnected
	}
	return n.send(node, nodewire.Send, nodewire.AppendFragments(nodewire.AppendText(nil, id), fragmentsOf(m.fragments)))
}

// disconnect ends connections on all nodes that aren't this one.
func (n *cluster) disconnect(cause error, of []Filter) error {
	text, isUser := userText(cause)
	kind := byte(causeOther)
	if isUser {
		kind = causeUser
	} else if i := slices.Index(crossing, cause); i >= 0 {
		kind = byte(causeErr + i)
	}
	body := nodewire.AppendText([]byte{kind}, text)
	return n.append(context.Background(), "", nil, nodewire.Disconnect, nodewire.AppendFilters(body, n.filtersOf(of)))
}

// The causes of a disconnect that other nodes see. Of any other error nothing crosses but that the
// program ended the connection.
const (
	causeOther = iota
	causeUser  // with its text
	causeErr   // an Err… value: this and its index in crossing
)

// crossing are the errors that mean the same on every node. New ones are added at the end.
var crossing = []error{
	ErrClosed, ErrNotConnected, ErrTarget, ErrSwap, ErrFilter, ErrRoom, ErrTicket, ErrTooLarge, ErrQueueFull,
	ErrSlow, ErrRate, ErrIdle, ErrExpired, ErrUnavailable,
}

// A disconnection is what a Disconnect of another node asks for.
type disconnection struct {
	cause error
	of    []Filter
}

func (n *cluster) readDisconnect(r *nodewire.Reader) (d disconnection, ok bool) {
	kind, text := int(r.Byte()), r.Text()
	d.of, ok = n.readFilters(r.Filters())
	switch {
	case !ok || !r.Done() || kind >= causeErr+len(crossing):
		return disconnection{}, false
	case kind == causeUser:
		d.cause = &UserError{text}
	case kind >= causeErr:
		d.cause = crossing[kind-causeErr]
	}
	return d, true
}
