package wsx

import (
	"errors"
	"os"
	"slices"
	"sync"
)

// A transport carries frames to one browser and messages from it. One goroutine reads, one other writes and closes.
type transport interface {
	// read hands what the browser sends to c, one message after the other, until it returns why there is no more.
	read(c *Connection) ending
	// try writes whole frames as far as that goes without waiting. What is left of them must be given to write, by the same
	// goroutine or one that it starts; nothing gets between.
	try(frames []byte) (n int, err error)
	// write sends whole frames, or the rest of those that try was given. A browser that takes less than writePiece in a
	// WriteTimeout is an error that os.ErrDeadlineExceeded is in.
	write(frames []byte) error
	// close says goodbye after what was written. The answer, for which the browser has a bounded time, ends read. Twice
	// does nothing.
	close(code int, reason string)
	// linger waits, after read has returned and close was called, until the browser has heard the goodbye, for a bounded time.
	linger()
	// abort cuts the connection without waiting. It leaves nothing in the kernel and ends a write that is going on. It
	// may be called at any time and twice.
	abort()
	// free gives back what the transport still holds. It is called once, after abort, when nothing else uses the transport.
	free()
}

// send queues m, whoever the connection belongs to by now; false: it has ended.
func (c *Connection) send(m *message) bool {
	ok, wake := c.lockAndEnqueue(m)
	if wake {
		c.hub.writers.wake(c)
	}
	return ok
}

func (c *Connection) lockAndEnqueue(m *message) (ok, wake bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.enqueue(m)
}

// enqueue queues m; false: the connection has ended. It never waits. If it asks to wake the connection, the caller must
// give it to the hub's writers. The caller holds mu.
//
// A browser that does not keep up is dealt with in stages. What a newer message makes superfluous is dropped at once if a key
// promises it, and from a half full queue on by what the messages are. From then on what is volatile is dropped too. When
// the queue is full in spite of that, what waits of rooms that remember is dropped, to follow later. Otherwise the connection is
// closed, and the browser comes back to a fresh page.
func (c *Connection) enqueue(m *message) (ok, wake bool) {
	if c.ending != nil || c.deaf {
		return false, false
	}
	e := entry{m, c.form}
	size := int64(len(e.bytes()))
	if m.verbs > 0 && c.form&full == 0 {
		c.hub.counts.drop(dropVerb, m.verbs)
	}
	if size == 0 {
		return true, false
	}
	filling := c.fills(size, 2)
	before := c.queue.bytes
	superseded := 0
	if c.queue.len() > 0 && (m.key != "" || filling) {
		superseded = c.queue.supersede(m, filling)
		c.hub.counts.drop(dropConflated, superseded)
	}
	// A volatile message may take another one's place, but hardly more.
	if filling && m.volatile && (superseded == 0 || c.queue.bytes+size > before+volatileSlack) && c.fills(size, 2) {
		c.hub.counts.drop(dropVolatile, 1)
		return true, false
	}
	if filling && c.fills(size, 1) {
		c.hub.counts.drop(dropVolatile, c.queue.dropAll(func(m *message) bool { return m.volatile }))
		if c.fills(size, 1) && c.followsLater(m, size) {
			return true, false
		}
		if c.fills(size, 1) {
			c.hub.counts.drop(dropSlow, 1)
			c.endLocked(ending{cause: ErrSlow, code: 4008, how: withoutQueue})
			return false, false
		}
	}
	c.queue.push(e)
	if c.writing {
		return true, false
	}
	c.writing = true
	c.tasks.Add(1)
	return true, true
}

// fills reports that with size bytes more the queue would be over its bounds, or over that part of them.
func (c *Connection) fills(size, part int64) bool {
	o := &c.hub.opts
	return c.queue.bytes+size > o.QueueBytes/part || int64(c.queue.len()) >= int64(o.QueueFrames)/part
}

// startDrain starts a writer of the connection's own unless one is at work. The caller holds mu.
func (c *Connection) startDrain() {
	if !c.writing {
		c.writing = true
		c.tasks.Add(1)
		go c.drainFunc()
	}
}

// A batch is what a writer holds: pooled, so that no idle connection keeps one.
type batch struct {
	entries []entry
	size    int    // of their frames
	joined  []byte // nil until there is something to join
	account account
}

var batches = sync.Pool{New: func() any {
	return &batch{entries: make([]entry, 0, 64)}
}}

func (b *batch) free() {
	b.reset()
	batches.Put(b)
}

func (b *batch) reset() {
	clear(b.entries)
	b.entries, b.size = b.entries[:0], 0
}

// frames returns what b holds as one piece: the shared bytes themselves if it is but one entry.
func (b *batch) frames() []byte {
	frames := b.entries[0].bytes()
	if len(b.entries) > 1 {
		if b.joined == nil {
			b.joined = make([]byte, 0, joinBytes)
		}
		b.joined = b.joined[:0]
		for _, e := range b.entries {
			b.joined = append(b.joined, e.bytes()...)
		}
		frames = b.joined
	}
	b.size = len(frames)
	return frames
}

func (b *batch) pings() bool {
	return slices.ContainsFunc(b.entries, func(e entry) bool { return e.msg.ping })
}

// drain is a writer of the connection's own, at the browser's pace, until nothing is left; then it says goodbye if the
// connection is ending. Whoever starts it has set writing, so there is one at a time, and what is queued leaves in order.
func (c *Connection) drain() {
	b := batches.Get().(*batch)
	if !c.next(b, true) {
		b.free()
		return
	}
	c.catchUp(b, b.frames())
}

// catchUp is drain that begins with rest, the last part of what b holds.
func (c *Connection) catchUp(b *batch, rest []byte) {
	defer b.free()
	for {
		if err := c.transport.write(rest); err != nil {
			c.writeFailed(err)
			c.tasks.Done()
			return
		}
		c.wrote(b)
		c.hub.counts.settle(&b.account)
		if !c.next(b, true) {
			return
		}
		rest = b.frames()
	}
}

// next takes what is to be written after what b holds, which has left; false: nothing is left, and the caller writes no
// more. The goodbye takes time, which only a patient caller has.
func (c *Connection) next(b *batch, patient bool) bool {
	c.mu.Lock()
	c.queue.written(b.size)
	b.reset()
	b.entries = c.queue.take(b.entries)
	c.mayCatchUp()
	if len(b.entries) > 0 {
		c.mu.Unlock()
		if b.pings() {
			c.heart.pinging()
		}
		return true
	}
	end := c.ending
	if end == nil {
		c.writing = false // nobody writes, so the next enqueue starts a writer
	}
	c.mu.Unlock()
	if end != nil && end.how != atOnce {
		if !patient {
			go c.drainFunc()
			return false
		}
		c.transport.close(end.code, end.reason)
	}
	c.tasks.Done()
	return false
}

// wrote accounts for what b holds, which has left. Its place in the queue is given back by next.
func (c *Connection) wrote(b *batch) {
	if b.pings() {
		c.heart.pinged(c.hub.now())
	}
	b.account.frames += uint64(len(b.entries))
	b.account.bytes += uint64(b.size)
}

// writeFailed ends the connection: half a frame may have left, so nothing else may follow. After a close frame, nothing may
// follow either, but it is for the reader to say why the connection ends.
func (c *Connection) writeFailed(err error) {
	if errors.Is(err, errCloseSent) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.deaf = true
		c.hub.counts.drop(dropGone, c.queue.clear())
		return
	}
	e := ending{code: 1006, how: atOnce}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		e.cause, e.code = ErrSlow, 4008
	}
	if c.end(e) {
		return
	}
	c.mu.Lock()
	c.hub.counts.drop(dropGone, c.queue.clear())
	c.mu.Unlock()
	c.transport.abort()
}
