package wsx

import (
	"errors"
	"os"
	"slices"
	"sync"

	"github.com/wsxgo/wsx/internal/wsconn"
)

// startDrain starts a writer of the connection's own unless one is at work. The caller holds mu.
func (c *Connection) startWriter() {
	if !c.out.writing {
		c.out.writing = true
		c.tasks.Add(1)
		go c.writeLoopFunc()
	}
}

// A batch is what a writer holds: pooled, so that no idle connection keeps one.
type writeBuffer struct {
	entries []entry
	size    int    // of their frames
	joined  []byte // nil until there is something to join
	account account
}

var writeBuffers = sync.Pool{New: func() any {
	return &writeBuffer{entries: make([]entry, 0, 64)}
}}

func (b *writeBuffer) free() {
	b.reset()
	writeBuffers.Put(b)
}

func (b *writeBuffer) reset() {
	clear(b.entries)
	b.entries, b.size = b.entries[:0], 0
}

// frames returns what b holds as one piece: the shared bytes themselves if it is but one entry.
func (b *writeBuffer) frames() []byte {
	frames := b.entries[0].bytes()
	if len(b.entries) > 1 {
		if b.joined == nil {
			b.joined = make([]byte, 0, maxWrite)
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

func (b *writeBuffer) pings() bool {
	return slices.ContainsFunc(b.entries, func(e entry) bool { return e.msg.ping })
}

// drain is a writer of the connection's own, at the browser's pace, until nothing is left; then it says goodbye if the
// connection is ending. Whoever starts it has set writing, so there is one at a time, and what is queued leaves in order.
func (c *Connection) writeLoop() {
	b := writeBuffers.Get().(*writeBuffer)
	if !c.nextWrite(b, true) {
		b.free()
		return
	}
	c.writeRest(b, b.frames())
}

// catchUp is drain that begins with rest, the last part of what b holds.
func (c *Connection) writeRest(b *writeBuffer, rest []byte) {
	defer b.free()
	for {
		if err := c.transport.write(rest); err != nil {
			c.writeFailed(err)
			c.tasks.Done()
			return
		}
		c.wrote(b)
		c.hub.counts.settle(&b.account)
		if !c.nextWrite(b, true) {
			return
		}
		rest = b.frames()
	}
}

// next takes what is to be written after what b holds, which has left; false: nothing is left, and the caller writes no
// more. The goodbye takes time, which only a patient caller has.
func (c *Connection) nextWrite(b *writeBuffer, patient bool) bool {
	c.mu.Lock()
	c.out.queue.written(b.size)
	b.reset()
	b.entries = c.out.queue.take(b.entries)
	c.maybeCatchUp()
	if len(b.entries) > 0 {
		c.mu.Unlock()
		if b.pings() {
			c.liveness.pinging()
		}
		return true
	}
	end := c.closeReason
	if end == nil {
		c.out.writing = false // nobody writes, so the next enqueue starts a writer
	}
	c.mu.Unlock()
	if end != nil && end.mode != closeAbort {
		if !patient {
			go c.writeLoopFunc()
			return false
		}
		c.transport.close(end.code, end.reason)
	}
	c.tasks.Done()
	return false
}

// wrote accounts for what b holds, which has left. Its place in the queue is given back by next.
func (c *Connection) wrote(b *writeBuffer) {
	if b.pings() {
		c.liveness.pinged(c.hub.now())
	}
	b.account.frames += uint64(len(b.entries))
	b.account.bytes += uint64(b.size)
}

// writeFailed ends the connection: half a frame may have left, so nothing else may follow. After a close frame, nothing may
// follow either, but it is for the reader to say why the connection ends.
func (c *Connection) writeFailed(err error) {
	if errors.Is(err, wsconn.ErrCloseSent) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.out.closeSent = true
		c.hub.counts.drop(dropGone, c.out.queue.clear())
		return
	}
	e := closeReason{code: 1006, mode: closeAbort}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		e.cause, e.code = ErrSlow, 4008
	}
	if c.end(e) {
		return
	}
	c.mu.Lock()
	c.hub.counts.drop(dropGone, c.out.queue.clear())
	c.mu.Unlock()
	c.transport.abort()
}
