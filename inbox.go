package wsx

import (
	"slices"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/protocol"
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

// beforeRead waits until the browser may send more. It returns the part of p that may be filled.
func (c *Connection) beforeRead(p []byte) []byte {
	if c.ctx.Err() != nil {
		// What still comes is read only so that the goodbye gets through. The budget holds all the same.
		c.throttle.WaitAtMost(closeWait)
		return p[:min(len(p), c.throttle.MaxRead())]
	}
	c.liveness.pause() // while nothing is read, silence means nothing
	tooMuch := c.throttle.Wait(c.ctx)
	c.liveness.resume()
	if tooMuch {
		c.end(closeReason{cause: ErrRate, code: 4029, reason: "too many requests", mode: closeDiscard})
	}
	return p[:min(len(p), c.throttle.MaxRead())]
}

// beforeWSRead is beforeRead for a WebSocket, which is read on after the connection has ended, until the answer to our close frame.
func (c *Connection) beforeWSRead(p []byte) ([]byte, error) { return c.beforeRead(p), nil }

// afterRead notes that the browser has sent n bytes.
func (c *Connection) afterRead(n int) {
	c.throttle.Bytes(n)
	c.liveness.alive()
}

// receive takes one message from the browser. Only the reader calls it, which over HTTP is the POST whose turn it is.
func (c *Connection) receive(data []byte) {
	if c.ctx.Err() != nil {
		c.messageDropped = true
		return // it is ending; what still comes is only read so that the goodbye gets through
	}
	if !utf8.Valid(data) {
		c.end(closeReason{cause: errNotUTF8, code: 1007, mode: closeDiscard}) // RFC 6455, section 8.1
		return
	}
	in, err := protocol.ReadRequest(data)
	if err != nil {
		c.badFrame(in.ID, err)
		return
	}
	c.badFrames = 0
	switch in.Control {
	case "":
		c.lastRequest.Store(int64(c.hub.now()))
		t := &task{size: len(data), Context: c.ctx, Request: newRequest(&in)}
		t.Conn = c
		c.enqueueTask(t)
	case "hello":
		c.hello(in.Page)
	case "join", "leave":
		c.enqueueControl(in.Control, len(data), in.Join)
	}
}

// badFrame answers a frame that cannot be decoded. One may be an accident; many in a row are no browser.
func (c *Connection) badFrame(id string, err error) {
	c.hub.opts.Logger.Debug("wsx: bad frame", "connection", c.id, "error", err)
	c.send(errorMessage(id, "", protocol.CodeBadRequest, ""))
	if c.badFrames++; c.badFrames >= maxBadFrames {
		c.end(closeReason{cause: errBadFrames, code: 1008, reason: "too many bad frames"})
	}
}

// hello switches to the full dialect, what is queued from here on, and tells the browser of the rooms that it is in already.
func (c *Connection) hello(page string) {
	c.mu.Lock()
	wake := false
	if c.page == "" {
		c.page = page
	}
	if c.encoding&encodingFull == 0 { // over HTTP it is full from the beginning
		c.encoding |= encodingFull
		for _, m := range c.rooms {
			if m.deliveredThrough > 0 && m.delivery == deliveryLive {
				wake = c.sendJoined(m) || wake
			}
		}
	}
	c.mu.Unlock()
	if wake {
		c.hub.writers.wake(c)
	}
}

// compress switches to compressed frames, as hello switches the dialect.
func (c *Connection) compress() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.encoding |= encodingDeflated
}

// await queues a request for the worker. While the inbox is full it blocks the reader, and so the browser. It throws the request
// away if the connection ends first, or the reader gives up.
func (c *Connection) enqueueTask(t *task) {
	c.mu.Lock()
	gaveUp := false
	for c.closeReason == nil && !gaveUp && c.inbox.full(t.size) {
		space := make(chan struct{})
		c.inbox.space = space
		c.mu.Unlock()
		c.liveness.pause()
		select {
		case <-space:
		case <-c.giveUp:
			gaveUp = true
		}
		c.liveness.resume()
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	if c.closeReason != nil || gaveUp {
		c.messageDropped = true
		if t.control == "join" {
			c.joining--
		}
		return
	}
	c.inbox.tasks = append(c.inbox.tasks, t)
	c.inbox.bytes += t.size
	c.startWorker()
}

// startWorker starts the worker unless one is at work. The caller holds mu.
func (c *Connection) startWorker() {
	if !c.inbox.working {
		c.inbox.working = true
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
	b := &c.inbox
	switch {
	case !b.connectCalled:
		b.connectCalled, c.inOnConnect = true, true
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
		c.inOnConnect = false
		c.mu.Unlock()
		c.releaseHeld()
	}()
	c.hub.runOnConnect(c)
}
