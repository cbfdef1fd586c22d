package wsx

import (
	"slices"
)

// An inbox holds the requests of a connection that wait for their turn. The connection's mu guards it.
type inbox struct {
	tasks []*task
	bytes int
	space chan struct{} // made by the reader when it waits for space, closed when there may be some

	working          bool // a worker is at work, or must not start yet
	connectCalled    bool // OnConnect has been called
	disconnectCalled bool // OnDisconnect has been called
}

func (b *inbox) full(size int) bool {
	return len(b.tasks) >= maxWaitingRequests || len(b.tasks) > 0 && b.bytes+size > maxWaitingBytes
}

// next takes the oldest task.
func (b *inbox) next() *task {
	t := b.tasks[0]
	b.tasks = slices.Delete(b.tasks, 0, 1)
	if len(b.tasks) == 0 && cap(b.tasks) > 1 {
		b.tasks = nil // a burst's memory; the place of one task stays
	}
	b.bytes -= t.size
	b.makeSpace()
	return t
}

// makeSpace wakes the reader.
func (b *inbox) makeSpace() {
	if b.space != nil {
		close(b.space)
		b.space = nil
	}
}

// beforeWSRead is beforeRead for a WebSocket, which is read on after the connection has ended, until the answer to our close frame.
func (c *Connection) beforeWSRead(p []byte) ([]byte, error) { return c.beforeRead(p), nil }

// startWorker starts the worker unless one is at work. The caller holds mu.
func (c *Connection) startWorker() {
	if !c.in.working {
		c.in.working = true
		c.tasks.Add(1)
		go c.workFunc()
	}
}

// work calls everything of the program's that concerns this connection, one after the other: OnConnect, the handlers,
// OnDisconnect. There is at most one worker at a time, and none while nothing waits.
func (c *Connection) work() {
	finished := false
	defer func() {
		if !finished { // a handler ended the goroutine with runtime.Goexit, as a failing test does
			c.tasks.Add(1)
			go c.workFunc()
		}
		c.tasks.Done()
	}()
	for c.workOnce() {
	}
	finished = true
}

// workOnce does what comes next; false: there is nothing, and this worker is done.
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

// greet calls OnConnect, also when that ends the goroutine.
func (c *Connection) runOnConnect() {
	defer func() {
		c.mu.Lock()
		c.in.inOnConnect = false
		c.mu.Unlock()
		c.releaseHeld()
	}()
	c.hub.runOnConnect(c)
}
