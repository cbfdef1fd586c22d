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
	// write sends whole frames. A browser that takes less than writePiece in a WriteTimeout is an error that
	// os.ErrDeadlineExceeded is in.
	write(frames []byte) error
	// close says goodbye after what was written, and waits a bounded time for the answer.
	close(code int, reason string)
	// abort cuts the connection without waiting. It leaves nothing in the kernel and ends a write that is going on. It
	// may be called at any time and twice.
	abort()
}

// send queues m, whoever the connection belongs to by now; false: it has ended.
func (c *Connection) send(m *message) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.enqueue(m)
}

// enqueue queues m and sees to it that a writer runs. It never waits. The caller holds mu.
func (c *Connection) enqueue(m *message) bool {
	if c.ending != nil {
		return false
	}
	e := entry{m, c.enc}
	size := int64(len(e.bytes()))
	if size == 0 {
		if len(m.fragments) > 0 {
			c.hub.counts.drop(dropVerb, 1)
		}
		return true
	}
	if c.queue.bytes+size > c.hub.opts.QueueBytes || c.queue.len() >= c.hub.opts.QueueFrames {
		c.hub.counts.drop(dropSlow, 1)
		c.endLocked(ending{cause: ErrSlow, code: 4008, how: withoutQueue})
		return false
	}
	c.queue.push(e)
	c.startWriter()
	return true
}

// startWriter starts a writer unless one is at work. The caller holds mu.
func (c *Connection) startWriter() {
	if !c.writing {
		c.writing = true
		c.tasks.Add(1)
		go c.drainFunc()
	}
}

// A batch is what a writer holds: pooled, so that no idle connection keeps one.
type batch struct {
	entries []entry
	joined  []byte
}

var batches = sync.Pool{New: func() any {
	return &batch{entries: make([]entry, 0, 64), joined: make([]byte, 0, joinBytes)}
}}

// drain writes until nothing waits, and says goodbye if the connection is ending. There is at most one at a time, so what
// is queued leaves in order.
func (c *Connection) drain() {
	defer c.tasks.Done()
	b := batches.Get().(*batch)
	defer func() {
		clear(b.entries)
		b.entries = b.entries[:0]
		batches.Put(b)
	}()
	for c.next(b) {
		frames := b.frames()
		ping := slices.ContainsFunc(b.entries, func(e entry) bool { return e.msg.ping })
		if ping {
			c.heart.pinging()
		}
		if err := c.transport.write(frames); err != nil {
			c.writeFailed(err)
			return
		}
		if ping {
			c.heart.pinged(c.hub.now())
		}
		c.wrote(len(b.entries), len(frames))
	}
}

// next takes what is to be written; false: there is nothing left for this writer to do.
func (c *Connection) next(b *batch) bool {
	clear(b.entries)
	c.mu.Lock()
	b.entries = c.queue.take(b.entries[:0])
	if len(b.entries) > 0 {
		c.mu.Unlock()
		return true
	}
	end := c.ending
	if end == nil {
		c.writing = false // nobody writes, so the next enqueue starts a writer
	}
	c.mu.Unlock()
	if end != nil && end.how != atOnce {
		c.transport.close(end.code, end.reason)
	}
	return false
}

// frames returns what b holds as one piece: the shared bytes themselves if it is but one entry.
func (b *batch) frames() []byte {
	if len(b.entries) == 1 {
		return b.entries[0].bytes()
	}
	b.joined = b.joined[:0]
	for _, e := range b.entries {
		b.joined = append(b.joined, e.bytes()...)
	}
	return b.joined
}

func (c *Connection) wrote(frames, bytes int) {
	c.hub.counts.frames.Add(uint64(frames))
	c.hub.counts.bytes.Add(uint64(bytes))
	c.mu.Lock()
	c.queue.written(bytes)
	c.mu.Unlock()
}

// writeFailed ends the connection: half a frame may have left, so nothing else may follow.
func (c *Connection) writeFailed(err error) {
	e := ending{code: 1006, how: atOnce}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		e.cause, e.code = ErrSlow, 4008
	}
	if !c.end(e) {
		c.transport.abort()
	}
}
