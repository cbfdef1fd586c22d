package wsx

import "slices"

// An inbox holds the requests of a connection that wait for their turn. The connection's mu guards
// it.
type inbox struct {
	tasks []*task
	bytes int
	space chan struct{} // made by the reader when it waits, closed when there may be space

	working          bool // a worker is running, or must not start yet
	connectCalled    bool // OnConnect has been called
	disconnectCalled bool // OnDisconnect has been called
}

// full reports whether a request of size bytes has to wait. An empty inbox takes a request of any
// size.
func (b *inbox) full(size int) bool {
	return len(b.tasks) >= maxWaitingRequests || len(b.tasks) > 0 && b.bytes+size > maxWaitingBytes
}

// next removes and returns the oldest task.
func (b *inbox) next() *task {
	t := b.tasks[0]
	b.tasks = slices.Delete(b.tasks, 0, 1)
	if len(b.tasks) == 0 && cap(b.tasks) > 1 {
		b.tasks = nil // frees the array of a burst; an array for one task is kept
	}
	b.bytes -= t.size
	b.makeSpace()
	return t
}

// makeSpace wakes the reader if it waits.
func (b *inbox) makeSpace() {
	if b.space != nil {
		close(b.space)
		b.space = nil
	}
}

// startWorker starts the worker unless one is running. The caller holds mu.
func (c *Connection) startWorker() {
	if !c.in.working {
		c.in.working = true
		c.tasks.Add(1)
		go c.workFunc()
	}
}

// work calls the program's code for this connection, one call after the other: OnConnect, the
// handlers, OnDisconnect. There is at most one worker, and none while nothing waits, so that an
// idle connection costs no second goroutine.
func (c *Connection) work() {
	finished := false
	defer func() {
		if !finished { // a handler called runtime.Goexit, as a failing test does
			c.tasks.Add(1)
			go c.workFunc()
		}
		c.tasks.Done()
	}()
	for c.workOnce() {
	}
	finished = true
}

// workOnce does the next piece of work. The boolean reports whether the worker should go on. No
// lock is held while the program's code runs.
func (c *Connection) workOnce() bool {
	c.mu.Lock()
	b := &c.in
	switch {
	case !b.connectCalled:
		b.connectCalled, c.in.inOnConnect = true, true
		c.mu.Unlock()
		c.runOnConnect()
	case c.closeReason != nil && b.disconnectCalled:
		c.mu.Unlock()
		return false
	case c.closeReason != nil && (len(b.tasks) == 0 || !c.closeReason.byBrowser()):
		// With a cause, the waiting requests are dropped: the program has closed the connection.
		b.disconnectCalled, b.tasks = true, nil
		c.releaseSlot()
		cause := c.closeReason.cause
		c.mu.Unlock()
		c.hub.runOnDisconnect(c, cause)
	case len(b.tasks) == 0:
		b.working = false
		c.mu.Unlock()
		return false
	default:
		t := b.next()
		c.releaseSlot()
		c.mu.Unlock()
		switch t.control {
		case "join":
			c.serveJoin(t.joining)
		case "leave":
			c.serveLeave(t.joining)
		default:
			c.serve(t)
		}
	}
	return true
}

// runOnConnect calls OnConnect and then releases the rooms that it joined, even if it ends the
// goroutine.
func (c *Connection) runOnConnect() {
	defer func() {
		c.mu.Lock()
		c.in.inOnConnect = false
		c.mu.Unlock()
		c.releaseHeld()
	}()
	c.hub.runOnConnect(c)
}

// releaseSlot releases the slot of the admission if it is time. The caller holds mu.
func (c *Connection) releaseSlot() {
	if c.peerGone && !c.slotReleased && len(c.in.tasks) == 0 {
		c.slotReleased = true
		c.hub.admission.ReleaseSlot(c.slot)
	}
}
