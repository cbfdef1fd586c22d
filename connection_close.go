package wsx

import (
	"context"

	"github.com/wsxgo/wsx/internal/textcut"
)

// An ending says how a connection ends. The first one counts.
type closeReason struct {
	cause  error // for OnDisconnect; nil: the browser left by itself
	code   int   // of the close frame, and for Stats
	reason string
	mode   closeMode
}

// byBrowser reports that the browser left by itself. What it had sent before is still handled.
func (e *closeReason) byBrowser() bool { return e.cause == nil }

type closeMode uint8

const (
	closeFlush   closeMode = iota // what is queued still leaves
	closeDiscard                  // what is queued is dropped, the close frame still leaves
	closeAbort                    // the peer is gone
)

// end ends the connection; false: it is ending already, and e counts for nothing. When it returns, no filter selects the
// connection, nothing more is queued for it, and its context has ended. The writer and the worker do the rest: the close
// frame, and OnDisconnect.
func (c *Connection) end(e closeReason) bool {
	c.mu.Lock()
	first := c.endLocked(e)
	c.mu.Unlock()
	if first && e.mode == closeAbort {
		c.abort()
	}
	return first
}

// abort cuts the transport, if there is one yet.
func (c *Connection) abort() {
	c.mu.Lock()
	t := c.transport
	c.mu.Unlock()
	if t != nil {
		t.abort()
	}
}

// endLocked does what end does, but leaves abort to the caller, who holds mu.
func (c *Connection) endLocked(e closeReason) bool {
	if c.closeReason != nil {
		return false
	}
	c.closeReason = &e
	c.unregister()
	if c.expiry != nil {
		c.expiry.Stop()
	}
	if e.mode != closeFlush {
		c.hub.counts.drop(dropGone, c.out.queue.clear())
	}
	c.cancel(e.cause)
	if c.in.serving != nil {
		c.in.serving.end(context.Canceled)
	}
	c.hub.counts.close(e.code)
	if e.mode != closeAbort {
		c.startWriter()
	}
	c.in.makeSpace()
	c.startWorker()
	return true
}

// register makes the connection visible: from here on it counts and receives. The caller holds mu.
func (c *Connection) register() {
	c.allMembership = membership{conn: c, live: true}
	c.hub.connections.Store(c.id, c)
	c.hub.all.Add(&c.allMembership)
	c.enterUser()
	c.hub.heartbeat.add(c)
	c.hub.idle.add(c)
}

// unregister takes it out of everything that register and Join put it into. The caller holds mu.
func (c *Connection) unregister() {
	for _, m := range c.rooms.memberships {
		m.live = false
		c.hub.rooms.Remove(m.group, m)
		c.leavePresence(m, true)
	}
	c.leaveUser()
	c.allMembership.live = false
	c.hub.all.Remove(&c.allMembership)
	c.hub.connections.Delete(c.id)
	c.hub.heartbeat.remove(c)
	c.hub.idle.remove(c)
}

// gone says that the browser is, and gives back what the connection occupied once none of its requests waits any more: so
// nobody gets round the limits by coming back again and again, and a reload is not refused for one handler that is slow.
func (c *Connection) notePeerGone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peerGone = true
	c.releaseSlot()
}

// uncount gives it back, if it is time. The caller holds mu.
func (c *Connection) releaseSlot() {
	if c.peerGone && !c.slotReleased && len(c.in.tasks) == 0 {
		c.slotReleased = true
		c.hub.admission.ReleaseSlot(c.slot)
	}
}

// run reads until the end and then waits for whoever still works for the connection. It is the one goroutine that a
// connection keeps, and the last that it has.
func (c *Connection) run() {
	e := c.transport.read(c)
	c.end(e)
	if e.mode == closeDiscard { // nothing more can be read, but the browser is there and should hear why
		c.transport.close(e.code, e.reason)
		c.transport.linger()
	}
	c.notePeerGone()
	c.tasks.Wait()
	c.transport.abort()
	c.transport.free()
	c.hub.admission.Leave()
}

// Close ends the connection after what is queued for it. With a [*UserError] in cause, its text is the close frame's reason
// (cut to 123 bytes) and the browser stays away until the page is loaded again; with any other cause, or nil, it comes
// back and is authenticated again. Close does not wait; from its return on, nothing more is queued for the connection and
// no filter selects it. Closing twice does nothing.
func (c *Connection) Close(cause error) {
	c.end(closeReasonFor(cause))
}

// closing returns the ending that a program's cause asks for.
func closeReasonFor(cause error) closeReason {
	if text, ok := userText(cause); ok {
		return closeReason{cause: cause, code: 4403, reason: textcut.Truncate(text, maxCloseReason)}
	}
	if cause == nil {
		cause = errByProgram
	}
	return closeReason{cause: cause, code: 4401}
}
