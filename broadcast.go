package wsx

import (
	"context"
	"fmt"
	"html/template"
	"iter"
	"strconv"
	"sync"
	"time"
)

// Broadcast queues one fragment for every connection that the filters select; with no filter, for everybody. It does not
// wait for any browser. Swap "" is Inner. The fragment is encoded once, whoever many receive it. Fragments from one goroutine
// to the same connections arrive in their order. It returns ErrTarget, ErrSwap, ErrFilter, ErrRoom or ErrTooLarge for what
// cannot be sent, and ErrClosed after Shutdown; then nobody was sent anything. That nobody is selected is no error.
func (h *Hub) Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error {
	m, err := h.newMessage([]Fragment{{target, html, swap}})
	room := ""
	if err == nil {
		room, err = h.route(to)
	}
	if err != nil {
		return fmt.Errorf("broadcasting: %w", err)
	}
	h.deliver(m, room, to)
	return nil
}

// SendToConnection queues one fragment for the connection of that id, as [Connection.Send] does. It returns the errors of
// Send, among them ErrNotConnected for an id that is not, or no longer, connected.
func (h *Hub) SendToConnection(id, target string, html template.HTML, swap Swap) error {
	m, err := h.newMessage([]Fragment{{target, html, swap}})
	if err != nil {
		return fmt.Errorf("sending to a connection: %w", err)
	}
	if c, ok := h.GetConnection(id); !ok || !c.send(m) {
		return fmt.Errorf("sending to a connection: %w: %.64q", ErrNotConnected, id)
	}
	return nil
}

// Message is what [Hub.Publish] sends: fragments that belong together.
type Message struct {
	// ID makes trying again safe: a message is published once however often it is tried within two minutes. The id of an
	// outbox row is a good one. Empty: the message is always published.
	ID string
	// Fragments go out in one frame. There must be at least one.
	Fragments []Fragment
	// Key is the promise that the newest message of a key alone is enough, whatever lies between.
	Key string
	// Volatile marks what may be left out when a browser is slow: cursors, "is typing".
	Volatile bool
}

// Publish sends several fragments in one frame, as Broadcast does one. It returns the errors of Broadcast, ErrTarget for a
// message without fragments, and ctx's error if that has ended before.
func (h *Hub) Publish(ctx context.Context, m Message, to ...Filter) error {
	if err := h.publish(ctx, m, to); err != nil {
		return fmt.Errorf("publishing: %w", err)
	}
	return nil
}

func (h *Hub) publish(ctx context.Context, m Message, to []Filter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(m.Fragments) == 0 {
		return fmt.Errorf("%w: the message has no fragment", ErrTarget)
	}
	msg, err := h.newMessage(m.Fragments)
	if err != nil {
		return err
	}
	msg.key, msg.volatile = m.Key, m.Volatile
	room, err := h.route(to)
	if err != nil {
		return err
	}
	if m.ID != "" && !h.published.first(m.ID, time.Now()) {
		return nil
	}
	h.deliver(msg, room, to)
	return nil
}

// published remembers the ids of messages for publishedFor, oldest first.
type published struct {
	mu    sync.Mutex // guards what follows
	ids   map[string]struct{}
	order []publication
}

type publication struct {
	id string
	at time.Time
}

// first reports that id is new, and remembers it.
func (p *published) first(id string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := 0
	for old < len(p.order) && now.Sub(p.order[old].at) >= publishedFor {
		delete(p.ids, p.order[old].id)
		old++
	}
	p.order = p.order[old:]
	if _, known := p.ids[id]; known {
		return false
	}
	if p.ids == nil {
		p.ids = make(map[string]struct{})
	}
	p.ids[id] = struct{}{}
	p.order = append(p.order, publication{id, now})
	return true
}

// newMessage checks fragments and makes a message of them, with an id that no request has.
func (h *Hub) newMessage(fragments []Fragment) (*message, error) {
	if h.admission.IsClosed() {
		return nil, ErrClosed
	}
	return h.makeMessage(h.newUpdateID(), fragments)
}

func (h *Hub) newUpdateID() string {
	return "b_" + strconv.FormatUint(h.updates.Add(1), 36) + "_" + h.node
}

// replyMessage makes the reply to a request.
func (h *Hub) replyMessage(id string, fragments []Fragment) (*message, error) {
	m, err := h.makeMessage(id, fragments)
	if err == nil {
		m.reply = true
	}
	return m, err
}

func (h *Hub) makeMessage(id string, fragments []Fragment) (*message, error) {
	normal, err := normalFragments(fragments)
	if err != nil {
		return nil, err
	}
	m := newUpdate(id, normal)
	return m, m.check(h.opts.QueueBytes)
}

// route checks the filters of a message, and returns the room that is to remember it; "" is none.
func (h *Hub) route(to []Filter) (room string, err error) {
	if err := checkFilters(to); err != nil {
		return "", err
	}
	return h.historyRoom(to)
}

// deliver queues m for all that the filters, which route has checked, select. No lock of an index is held meanwhile.
func (h *Hub) deliver(m *message, room string, to []Filter) {
	if room != "" {
		h.publishInRoom(room, m, to)
		return
	}
	m.room = roomOf(to)
	wake := wakeList{writers: &h.writers}
	defer wake.flush()
	p := h.plan(to)
	p.pause = wake.flush
	p.each(func(c *Connection) {
		if _, idle := c.enqueue(m); idle {
			wake.add(c)
		}
	})
}

func checkFilters(filters []Filter) error {
	for _, f := range filters {
		if err := f.check(); err != nil {
			return err
		}
	}
	return nil
}

// GetConnections returns the connections of this node that the filters select, or all, in no order. A filter that cannot be
// answered selects nobody.
func (h *Hub) GetConnections(of ...Filter) []*Connection {
	var all []*Connection
	if len(of) == 0 {
		all = make([]*Connection, 0, h.all.Size())
	}
	h.eachConnection(of, func(c *Connection) { all = append(all, c) })
	return all
}

// Connections is GetConnections as an iterator. It iterates over a snapshot of the moment when the loop begins, may be used
// more than once, and holds no lock while the loop's body runs.
func (h *Hub) Connections(of ...Filter) iter.Seq[*Connection] {
	return func(yield func(*Connection) bool) {
		for _, c := range h.GetConnections(of...) {
			if !yield(c) {
				return
			}
		}
	}
}

// GetConnection returns the connection of that id on this node; false: there is none, or it has ended.
func (h *Hub) GetConnection(id string) (*Connection, bool) {
	c, ok := h.connections.Load(id)
	if !ok {
		return nil, false
	}
	return c.(*Connection), true
}

// Count returns how many connections of this node the filters select, or how many there are.
func (h *Hub) Count(of ...Filter) int {
	if len(of) == 0 {
		return int(h.all.Size())
	}
	n := 0
	h.eachConnection(of, func(*Connection) { n++ })
	return n
}

// eachConnection calls do, which must not call anything that takes a connection's lock, for all that the filters select.
func (h *Hub) eachConnection(of []Filter, do func(*Connection)) {
	if checkFilters(of) != nil {
		return
	}
	h.plan(of).each(do)
}

// Disconnect closes every connection that the filters select, or all, as [Connection.Close] does with cause. When it returns,
// none of them receives or counts any more. It returns ErrFilter or ErrRoom for filters that cannot be answered.
func (h *Hub) Disconnect(cause error, of ...Filter) error {
	if err := checkFilters(of); err != nil {
		return fmt.Errorf("disconnecting: %w", err)
	}
	e := closeReasonFor(cause)
	h.plan(of).each(func(c *Connection) { c.endLocked(e) })
	return nil
}
