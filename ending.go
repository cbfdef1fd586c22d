package wsx

import "context"

// An ending says how a connection ends. The first one counts.
type ending struct {
	cause  error // for OnDisconnect; nil: the browser left by itself
	code   int   // of the close frame, and for Stats
	reason string
	how    endingHow
}

// byBrowser reports that the browser left by itself. What it had sent before is still handled.
func (e *ending) byBrowser() bool { return e.cause == nil }

type endingHow uint8

const (
	afterQueue   endingHow = iota // what is queued still leaves
	withoutQueue                  // what is queued is dropped, the close frame still leaves
	atOnce                        // the peer is gone
)

// end ends the connection; false: it is ending already, and e counts for nothing. When it returns, no filter selects the
// connection, nothing more is queued for it, and its context has ended. The writer and the worker do the rest: the close
// frame, and OnDisconnect.
func (c *Connection) end(e ending) bool {
	c.mu.Lock()
	first := c.endLocked(e)
	c.mu.Unlock()
	if first && e.how == atOnce {
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
func (c *Connection) endLocked(e ending) bool {
	if c.ending != nil {
		return false
	}
	c.ending = &e
	c.unregister()
	if c.expiry != nil {
		c.expiry.Stop()
	}
	if e.how != afterQueue {
		c.hub.counts.drop(dropGone, c.queue.clear())
	}
	c.cancel(e.cause)
	if c.serving != nil {
		c.serving.end(context.Canceled)
	}
	c.hub.counts.close(e.code)
	if e.how != atOnce {
		c.startDrain()
	}
	c.inbox.makeSpace()
	c.startWorker()
	return true
}

// register makes the connection visible: from here on it counts and receives. The caller holds mu.
func (c *Connection) register() {
	c.everybody = membership{conn: c, live: true}
	c.hub.connections.Store(c.id, c)
	c.hub.everybody.add(&c.everybody)
	c.enterUser()
	c.hub.pulse.add(c)
	c.hub.idle.add(c)
}

// unregister takes it out of everything that register and Join put it into. The caller holds mu.
func (c *Connection) unregister() {
	for _, m := range c.rooms {
		m.live = false
		c.hub.rooms.remove(m)
		c.exit(m, true)
	}
	c.leaveUser()
	c.everybody.live = false
	c.hub.everybody.remove(&c.everybody, false)
	c.hub.connections.Delete(c.id)
	c.hub.pulse.remove(c)
	c.hub.idle.remove(c)
}

// gone says that the browser is, and gives back what the connection occupied once none of its requests waits any more: so
// nobody gets round the limits by coming back again and again, and a reload is not refused for one handler that is slow.
func (c *Connection) gone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isGone = true
	c.uncount()
}

// uncount gives it back, if it is time. The caller holds mu.
func (c *Connection) uncount() {
	if c.isGone && !c.uncounted && len(c.inbox.tasks) == 0 {
		c.uncounted = true
		c.hub.gate.uncount(c.admission)
	}
}

// run reads until the end and then waits for whoever still works for the connection. It is the one goroutine that a
// connection keeps, and the last that it has.
func (c *Connection) run() {
	e := c.transport.read(c)
	c.end(e)
	if e.how == withoutQueue { // nothing more can be read, but the browser is there and should hear why
		c.transport.close(e.code, e.reason)
		c.transport.linger()
	}
	c.gone()
	c.tasks.Wait()
	c.transport.abort()
	c.transport.free()
	c.hub.gate.leave()
}
