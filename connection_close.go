package wsx

import (
	"context"

	"github.com/wsxgo/wsx/internal/textcut"
)

// A closeReason says why and how a connection ends. The first one counts.
type closeReason struct {
	cause  error  // for OnDisconnect; nil if the browser left by itself
	code   int    // of the close frame, and for Stats
	reason string // of the close frame
	mode   closeMode
}

// byBrowser reports whether the browser left by itself. The requests that it sent before are still
// handled, because a page may send one while it is closing.
func (r *closeReason) byBrowser() bool { return r.cause == nil }

// A closeMode says what happens to the queue when a connection ends.
type closeMode uint8

const (
	closeFlush   closeMode = iota // the queue is written, then the close frame
	closeDiscard                  // the queue is dropped, the close frame is written
	closeAbort                    // the peer is gone, nothing is written
)

// end ends the connection and reports whether this call did: only the first reason counts. When it
// returns, no filter selects the connection, nothing more is queued for it, and its context has
// ended. The close frame and OnDisconnect are left to the writer and the worker, so end never
// waits.
func (c *Connection) end(r closeReason) bool {
	c.mu.Lock()
	first := c.endLocked(r)
	c.mu.Unlock()
	if first && r.mode == closeAbort { // without mu, because aborting is I/O
		c.abort()
	}
	return first
}

// abort cuts the transport. There is none until the handshake is done.
func (c *Connection) abort() {
	c.mu.Lock()
	t := c.transport
	c.mu.Unlock()
	if t != nil {
		t.abort()
	}
}

// endLocked is end for a caller that holds mu. The caller aborts the transport if need be.
//
// The order matters. The connection leaves the indexes before its context ends, so code that waits
// for the context finds it gone. The writer starts before the worker, so that OnDisconnect doesn't
// delay the close frame.
func (c *Connection) endLocked(r closeReason) bool {
	if c.closeReason != nil {
		return false
	}
	c.closeReason = &r
	c.unregister()
	if c.expiry != nil {
		c.expiry.Stop()
	}
	if r.mode != closeFlush {
		c.hub.counts.drop(dropGone, c.out.queue.clear())
	}
	c.cancel(r.cause)
	if c.in.serving != nil {
		c.in.serving.end(context.Canceled)
	}
	c.hub.counts.close(r.code)
	if r.mode != closeAbort {
		c.startWriter()
	}
	c.in.makeSpace() // the reader may be waiting for space that never comes
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

// unregister undoes register and all joins. A broadcast that has already read a group skips the
// connection, because its memberships are no longer live. The caller holds mu.
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

// notePeerGone records that the browser is gone, and releases the connection's slot once none of
// its requests waits. Waiting for the requests keeps a browser from evading the limits by
// reconnecting. Not waiting for the running handler keeps a slow one from blocking a reload.
func (c *Connection) notePeerGone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peerGone = true
	c.releaseSlot()
}

// run reads until the connection ends and then waits for the writer and the worker. Its goroutine
// is the only one that an idle connection keeps, and the last one of every connection.
func (c *Connection) run() {
	r := c.transport.read(c)
	c.end(r)
	if r.mode == closeDiscard { // the browser is still there and should learn why
		c.transport.close(r.code, r.reason)
		c.transport.linger()
	}
	c.notePeerGone()
	c.tasks.Wait()
	c.transport.abort()
	c.transport.free()
	c.hub.admission.Leave()
}

// Close ends the connection after its queue has been written. It doesn't wait. When it returns,
// nothing more is queued for the connection and no filter selects it. A second call has no further
// effect.
//
// If cause wraps a [*UserError], its text is the reason of the close frame (RFC 6455, section
// 5.5.1), cut to 123 bytes. The browser then stays away until the page is loaded again. With any
// other cause, or nil, the browser reconnects and is authenticated again.
func (c *Connection) Close(cause error) {
	c.end(closeReasonFor(cause))
}

// closeReasonFor returns the closeReason for a cause that the program gives.
func closeReasonFor(cause error) closeReason {
	if text, ok := userText(cause); ok {
		return closeReason{cause: cause, code: 4403, reason: textcut.Truncate(text, maxCloseReason)}
	}
	if cause == nil {
		cause = errByProgram
	}
	return closeReason{cause: cause, code: 4401}
}
