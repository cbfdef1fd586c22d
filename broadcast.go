package wsx

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"sync"
	"time"
)

// Broadcast queues one fragment for every connection that matches all filters or, without filters,
// for every connection. An empty swap means [Inner].
//
// Broadcast doesn't wait for browsers. The fragment is encoded once, however many connections
// receive it. Fragments that one goroutine sends to the same connections arrive in order. Selecting
// no connections is not an error.
//
// It returns ErrTarget, ErrSwap, ErrFilter, ErrRoom or ErrTooLarge for invalid arguments, and
// ErrClosed after Shutdown. With an error, nothing was sent.
func (h *Hub) Broadcast(target string, html template.HTML, swap Swap, to ...Filter) error {
	m, err := h.newMessage([]Fragment{{target, html, swap}})
	if err == nil {
		err = h.send(context.Background(), "", m, to)
	}
	if err != nil {
		return failed("broadcast", err)
	}
	return nil
}

// SendToConnection queues one fragment for the connection with this id, as [Connection.Send] does.
//
// It returns ErrTarget, ErrSwap or ErrTooLarge for invalid arguments, ErrNotConnected if no
// connection with this id is open, and ErrClosed after Shutdown.
func (h *Hub) SendToConnection(id, target string, html template.HTML, swap Swap) error {
	m, err := h.newMessage([]Fragment{{target, html, swap}})
	if err != nil {
		return failed("send to connection", err)
	}
	if c, ok := h.GetConnection(id); ok && c.send(m) {
		return nil
	}
	err = ErrNotConnected
	if h.cluster != nil {
		err = h.cluster.sendTo(id, m)
	}
	if errors.Is(err, ErrNotConnected) {
		err = fmt.Errorf("%w: %.64q", err, id)
	}
	return failed("send to connection", err)
}

// Message is what [Hub.Publish] sends: fragments that belong together.
type Message struct {
	// ID makes retries safe. A message with an ID is published once, however often it is tried
	// within two minutes. The id of an outbox row is a good choice. A message without an ID is
	// always published.
	ID string
	// Fragments are sent in one frame, which browsers apply at once. At least one is required.
	Fragments []Fragment
	// Key promises that the newest message with this key is enough. A message replaces an older one
	// with its key, in the same room, that is still queued. Empty means no key.
	Key string
	// Volatile marks a message that is dropped first when a browser is slow, such as a cursor or
	// "is typing". It is never kept in history.
	Volatile bool
}

// Publish queues several fragments in one frame, as [Hub.Broadcast] queues one.
//
// It returns ErrTarget for a message without fragments, the errors of Broadcast, and ctx's error if
// ctx has already ended. With an error, nothing was sent. A message whose ID was published before
// is not sent again; that is not an error.
func (h *Hub) Publish(ctx context.Context, m Message, to ...Filter) error {
	return failed("publish", h.publish(ctx, m, to))
}

func (h *Hub) publish(ctx context.Context, m Message, to []Filter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	msg, err := h.newMessage(m.Fragments)
	if err != nil {
		return err
	}
	msg.key, msg.volatile = m.Key, m.Volatile
	return h.send(ctx, m.ID, msg, to)
}

// published tracks the ids of messages for publishedFor, oldest first.
type published struct {
	mu    sync.Mutex // guards what follows
	ids   map[string]struct{}
	order []publication
}

type publication struct {
	id string
	at time.Time
}

// first reports whether id is new, and tracks it. Each call also drops the expired ids, so no
// goroutine is needed for that.
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

// send queues m for all connections that match the filters, on every node. A message with an id that
// was sent before is not sent again.
func (h *Hub) send(ctx context.Context, id string, m *message, to []Filter) error {
	d, err := h.route(to)
	if err != nil {
		return err
	}
	isOurs := h.cluster == nil || isLocal(to)
	// The log knows the ids of its messages. Last, so that a message that was rejected may be tried
	// again with the same id.
	if id != "" && (isOurs || !d.history || m.volatile) && !h.published.first(id, time.Now()) {
		return nil
	}
	if !isOurs {
		return h.cluster.publish(ctx, id, m, d, to)
	}
	h.deliverTo(m, d, to)
	return nil
}

// deliverTo queues m for all connections of this node that match the filters, which route has
// checked. No lock of an index is held while
// connections are locked, so joins and leaves go on during a large broadcast.
func (h *Hub) deliverTo(m *message, d destination, to []Filter) {
	if m.room = d.room; d.history {
		h.publishInRoom(m, to, 0)
		return
	}
	wake := wakeList{writers: &h.writers}
	defer wake.flush()
	p := h.plan(to)
	p.pause = wake.flush // a slow Where must not delay connections that have the message
	p.each(func(c *Connection) {
		if _, idle := c.enqueue(m); idle {
			wake.add(c)
		}
	})
}
