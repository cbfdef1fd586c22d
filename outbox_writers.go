package wsx

import (
	"runtime"
	"sync"
)

const (
	wakeBatch = 16 << 10  // connections that a broadcast hands over at most at a time
	takeBatch = 16        // connections that a writer takes at a time
	turnBytes = 256 << 10 // of one connection, before the others have their turn
)

// writers are a few goroutines that write for all connections. They never wait: a connection whose socket is full, or that
// cannot be written to without waiting, gets a goroutine of its own until it has caught up. So a slow browser delays nobody,
// and a broadcast to ten thousand needs no ten thousand goroutines. They are started when there is work and end with it.
type writers struct {
	limit    int            // immutable
	counts   *counts        // immutable
	workFunc func()         // immutable: w.work, made once so that starting it allocates nothing
	tasks    sync.WaitGroup // of the goroutines

	mu      sync.Mutex // guards what follows; taken after a connection's mu
	ready   []*Connection
	head    int // ready before it has been taken
	working int
}

func (w *writers) init(c *counts) {
	w.counts = c
	w.limit = 2 * runtime.GOMAXPROCS(0)
	w.workFunc = w.work
}

// wake hands over connections that have something to write and that nobody writes for. Their writing is set.
func (w *writers) wake(ready ...*Connection) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.head > 0 && len(w.ready)+len(ready) > cap(w.ready) { // room at the front before more of it
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

// take fills some with connections that wait; 0: there are none, and the caller is no writer any more.
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

// turn writes what waits for c as far as that goes without waiting, and returns a batch for the next connection.
func (c *Connection) writeReady(b *writeBuffer) *writeBuffer {
	for left := turnBytes; c.nextWrite(b, false); {
		frames := b.frames()
		n, err := c.transport.try(frames)
		if err != nil {
			b.reset()
			c.writeFailed(err)
			c.tasks.Done()
			return b
		}
		if n < len(frames) {
			c.hub.counts.settle(&b.account)
			go c.writeRest(b, frames[n:])
			return writeBuffers.Get().(*writeBuffer)
		}
		c.wrote(b)
		if left -= n; left <= 0 {
			c.mu.Lock()
			c.out.queue.written(b.size)
			c.mu.Unlock()
			b.reset()
			c.hub.writers.wake(c)
			break
		}
	}
	return b
}

// A waker collects the connections that a broadcast has to wake. It wakes them when the broadcast has queued everything: writers
// that started meanwhile would only fight for its processor, and it would return later.
type wakeList struct {
	writers *writers
	ready   *[]*Connection // pooled; nil while there is none
}

var wakeListPool = sync.Pool{New: func() any { return new([]*Connection) }}

func (k *wakeList) add(c *Connection) {
	if k.ready == nil {
		k.ready = wakeListPool.Get().(*[]*Connection)
	}
	*k.ready = append(*k.ready, c)
	if len(*k.ready) == wakeBatch {
		k.flush()
	}
}

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
