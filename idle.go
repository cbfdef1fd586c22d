package wsx

import (
	"container/heap"
	"sync"
	"time"
)

// An idleWatch closes connections that send no requests. It keeps them in a heap by when each would be idle at the earliest;
// a request only notes its time, and a connection whose time has come goes back into the heap if it has sent one since. So each
// is looked at once in IdleTimeout, whatever it does, with one timer for all.
type idleWatch struct {
	timeout time.Duration // 0: nobody is watched

	mu    sync.Mutex // guards what follows
	due   idleHeap
	timer *time.Timer
}

// An idleness is one connection's place in the heap.
type idleEntry struct {
	conn  *Connection
	at    time.Time // when it would be idle
	place int
}

type idleHeap []*idleEntry

func (h idleHeap) Len() int           { return len(h) }
func (h idleHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h idleHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *idleHeap) Push(x any) {
	one := x.(*idleEntry)
	one.place = len(*h)
	*h = append(*h, one)
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
	if p := c.idle.place; p < len(w.due) && w.due[p] == c.idle {
		heap.Remove(&w.due, p)
	}
	if len(w.due) == 0 && w.timer != nil {
		w.timer.Stop()
	}
}

// arm sets the timer for the first that is due. The caller holds mu.
func (w *idleWatch) arm() {
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = time.AfterFunc(time.Until(w.due[0].at), w.look)
}

// look closes those whose time has come, and gives the others a new one.
func (w *idleWatch) look() {
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
