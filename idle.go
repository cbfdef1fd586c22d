package wsx

import (
	"container/heap"
	"sync"
	"time"
)

// An idleWatch closes connections that send no requests, with one timer for all. A heap holds them
// by the earliest time at which each would be idle. A request only notes its time. When a
// connection's time in the heap has come, it gets a new one if it has sent a request since. So each
// is checked once per IdleTimeout, however busy it is.
type idleWatch struct {
	timeout time.Duration // immutable; 0 for none

	mu    sync.Mutex // guards what follows; taken after a connection's mu
	due   idleHeap
	timer *time.Timer
}

// An idleEntry is the place of one connection in the heap.
type idleEntry struct {
	conn  *Connection
	at    time.Time // the earliest time at which it would be idle
	place int       // index in the heap, so that remove needs no search
}

type idleHeap []*idleEntry

func (h idleHeap) Len() int           { return len(h) }
func (h idleHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h idleHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *idleHeap) Push(x any) {
	entry := x.(*idleEntry)
	entry.place = len(*h)
	*h = append(*h, entry)
}

func (h *idleHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}

func (w *idleWatch) add(c *Connection) {
	if w.timeout <= 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c.idle = &idleEntry{conn: c, at: c.LastActivity().Add(w.timeout)}
	heap.Push(&w.due, c.idle)
	if w.due[0] == c.idle {
		w.arm()
	}
}

func (w *idleWatch) remove(c *Connection) {
	if w.timeout <= 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// check may have taken it out already, and another connection may be in its place.
	if p := c.idle.place; p < len(w.due) && w.due[p] == c.idle {
		heap.Remove(&w.due, p)
	}
	if len(w.due) == 0 && w.timer != nil {
		w.timer.Stop()
	}
}

// arm sets the timer for the earliest time in the heap. The caller holds mu.
func (w *idleWatch) arm() {
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = time.AfterFunc(time.Until(w.due[0].at), w.check)
}

// check closes the connections that are idle, and gives the others whose time has come a new one.
// It closes them after releasing mu, because a connection's mu is taken before it.
func (w *idleWatch) check() {
	now := time.Now()
	var idle []*Connection
	w.mu.Lock()
	for len(w.due) > 0 && !w.due[0].at.After(now) {
		first := w.due[0]
		if at := first.conn.LastActivity().Add(w.timeout); at.After(now) {
			first.at = at
			heap.Fix(&w.due, 0)
			continue
		}
		heap.Pop(&w.due)
		idle = append(idle, first.conn)
	}
	if len(w.due) > 0 {
		w.arm()
	}
	w.mu.Unlock()
	for _, c := range idle {
		c.end(closeReason{cause: ErrIdle, code: 4001})
	}
}
