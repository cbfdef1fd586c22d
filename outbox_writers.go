package wsx

import (
	"runtime"
	"sync"
)

const (
	wakeBatch = 16 << 10  // connections that a broadcast hands over at a time
	takeBatch = 16        // connections that a writer takes at a time
	turnBytes = 256 << 10 // of one connection, before other connections get their turn
)

// writers are a few goroutines that write for all connections. They never wait: a connection whose
// socket is full, or that can't be written to without waiting, gets a goroutine of its own until it
// has caught up. So a slow browser delays no other, and a broadcast to ten thousand connections
// doesn't start ten thousand goroutines. Writers start when there is work and end when there is
// none.
type writers struct {
	// immutable
	limit    int
	counts   *counts
	workFunc func() // w.work, bound once so that starting it doesn't allocate

	tasks sync.WaitGroup // the goroutines

	// guarded by mu, which is taken after a connection's mu
	mu      sync.Mutex
	ready   []*Connection
	head    int // the connections before it have been taken
	working int // goroutines
}

// init prepares w. Two goroutines per processor keep the processors busy while a write is in the
// kernel.
func (w *writers) init(c *counts) {
	w.counts = c
	w.limit = 2 * runtime.GOMAXPROCS(0)
	w.workFunc = w.work
}

// wake hands over connections that have something to write. Their out.writing has been set by
// enqueue, so each connection has one writer at a time.
func (w *writers) wake(ready ...*Connection) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.head > 0 && len(w.ready)+len(ready) > cap(w.ready) { // reuse the front before growing
		n := copy(w.ready, w.ready[w.head:])
		clear(w.ready[n:])
		w.ready, w.head = w.ready[:n], 0
	}
	w.ready = append(w.ready, ready...)
	for w.working < w.limit && w.working*takeBatch < len(w.ready)-w.head {
		w.working++
		w.tasks.Add(1)
		go w.workFunc()
	}
}

// take fills some with connections that wait and returns their number. At 0 the caller no longer
// counts as a writer and must return. Both happen under mu, so a connection that is woken meanwhile
// is never left behind.
func (w *writers) take(some []*Connection) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := copy(some, w.ready[w.head:])
	clear(w.ready[w.head : w.head+n])
	if w.head += n; w.head == len(w.ready) {
		w.ready, w.head = w.ready[:0], 0
	}
	if n == 0 {
		w.working--
	}
	return n
}

// work writes for connections until none waits.
func (w *writers) work() {
	defer w.tasks.Done()
	b := writeBuffers.Get().(*writeBuffer)
	defer func() { b.free() }()
	var some [takeBatch]*Connection
	for n := w.take(some[:]); n > 0; n = w.take(some[:]) {
		for i, c := range some[:n] {
			some[i] = nil
			b = c.writeReady(b)
		}
		w.counts.settle(&b.account)
	}
}

// A wakeList collects the connections that a broadcast has to wake, until it has queued everything.
// Writers that start earlier would compete with the broadcast for its processor and delay its
// return.
type wakeList struct {
	writers *writers
	ready   *[]*Connection // pooled; nil while there is none
}

var wakeListPool = sync.Pool{New: func() any { return new([]*Connection) }}

// add adds c. A full list is handed over at once, which bounds the memory of a large broadcast.
func (k *wakeList) add(c *Connection) {
	if k.ready == nil {
		k.ready = wakeListPool.Get().(*[]*Connection)
	}
	*k.ready = append(*k.ready, c)
	if len(*k.ready) == wakeBatch {
		k.flush()
	}
}

// flush wakes the connections and returns the list to its pool. Broadcasts defer it before they
// lock anything, so that it runs after they have unlocked: writers need the connections' locks.
func (k *wakeList) flush() {
	if k.ready == nil {
		return
	}
	k.writers.wake(*k.ready...)
	clear(*k.ready)
	*k.ready = (*k.ready)[:0]
	wakeListPool.Put(k.ready)
	k.ready = nil
}
