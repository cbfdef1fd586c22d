package wsx

import (
	"errors"
	"os"
	"slices"
	"sync"

	"github.com/wsxgo/wsx/internal/wsconn"
)

// startWriter starts the connection's own writer unless a writer is already at work. The caller
// holds mu.
func (c *Connection) startWriter() {
	if !c.out.writing {
		c.out.writing = true
		c.tasks.Add(1)
		go c.writeLoopFunc()
	}
}

// A writeBuffer holds the entries of one write. It is pooled, so that an idle connection keeps
// none.
type writeBuffer struct {
	entries []entry
	size    int    // bytes of their frames
	joined  []byte // nil until several frames are joined
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

// frames returns the frames of all entries in one slice, for one write. A single entry isn't
// copied: its bytes are shared with the other recipients.
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

// pings reports whether b holds a ping.
func (b *writeBuffer) pings() bool {
	return slices.ContainsFunc(b.entries, func(e entry) bool { return e.msg.ping })
}

// writeLoop is the connection's own writer. It writes at the browser's pace until the queue is
// empty, then sends the close frame if the connection is ending. Its starter has set writing, so
// there is one writer at a time and the order of the queue holds.
func (c *Connection) writeLoop() {
	b := writeBuffers.Get().(*writeBuffer)
	if !c.nextWrite(b, true) {
		b.free()
		return
	}
	c.writeRest(b, b.frames())
}

// writeRest is writeLoop that begins with rest, the unwritten part of b. It takes over b.
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

// nextWrite fills b with the next entries, once its last ones have been written. The boolean
// reports whether there are any; if not, the caller no longer writes for the connection. Sending
// the close frame may block. If the caller must not, a new writeLoop sends it.
func (c *Connection) nextWrite(b *writeBuffer, mayBlock bool) bool {
	c.mu.Lock()
	c.out.queue.written(b.size)
	b.reset()
	b.entries = c.out.queue.take(b.entries)
	if c.rooms.lagging > 0 {
		c.maybeCatchUp() // there may be space now
	}
	if len(b.entries) > 0 {
		c.mu.Unlock()
		if b.pings() {
			c.liveness.pinging()
		}
		return true
	}
	end := c.closeReason
	if end == nil {
		// Under the lock that found the queue empty, so that the next enqueue starts a writer.
		c.out.writing = false
	}
	c.mu.Unlock()
	if end != nil && end.mode != closeAbort {
		if !mayBlock {
			go c.writeLoopFunc()
			return false
		}
		c.transport.close(end.code, end.reason)
	}
	c.tasks.Done()
	return false
}

// wrote accounts for the entries of b, which have been written. nextWrite then gives back their
// place in the queue.
func (c *Connection) wrote(b *writeBuffer) {
	if b.pings() {
		c.liveness.pinged(c.hub.now())
	}
	b.account.frames += uint64(len(b.entries))
	b.account.bytes += uint64(b.size)
}

// writeFailed ends the connection. Part of a frame may have been written, so nothing else may
// follow. If the close frame was already sent, the reader knows the reason, and writeFailed only
// drops the queue.
func (c *Connection) writeFailed(err error) {
	if errors.Is(err, wsconn.ErrCloseSent) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.out.closeSent = true
		c.hub.counts.drop(dropGone, c.out.queue.clear())
		return
	}
	r := closeReason{code: 1006, mode: closeAbort}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		r.cause, r.code = ErrSlow, 4008
	}
	if c.end(r) {
		return
	}
	// The connection was ending already, perhaps gracefully: its queue can no longer be written.
	c.mu.Lock()
	c.hub.counts.drop(dropGone, c.out.queue.clear())
	c.mu.Unlock()
	c.transport.abort()
}

// writeReady writes what is queued for c as far as that is possible without waiting, and returns a
// buffer for the next connection. If it would have to wait, c gets a goroutine that takes b along.
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
			// Settled here, because this goroutine may wait for the browser for long.
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
