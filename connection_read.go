package wsx

import (
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/protocol"
)

// beforeRead waits until the browser may send more. It returns the part of p that may be filled.
func (c *Connection) beforeRead(p []byte) []byte {
	if c.ctx.Err() != nil {
		// What still comes is read only so that the goodbye gets through. The budget holds all the same.
		c.reader.throttle.WaitAtMost(closeWait)
		return p[:min(len(p), c.reader.throttle.MaxRead())]
	}
	c.liveness.pause() // while nothing is read, silence means nothing
	tooMuch := c.reader.throttle.Wait(c.ctx)
	c.liveness.resume()
	if tooMuch {
		c.end(closeReason{cause: ErrRate, code: 4029, reason: "too many requests", mode: closeDiscard})
	}
	return p[:min(len(p), c.reader.throttle.MaxRead())]
}

// afterRead notes that the browser has sent n bytes.
func (c *Connection) afterRead(n int) {
	c.reader.throttle.Bytes(n)
	c.liveness.alive()
}

// receive takes one message from the browser. Only the reader calls it, which over HTTP is the POST whose turn it is.
func (c *Connection) receive(data []byte) {
	if c.ctx.Err() != nil {
		c.reader.dropped = true
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
	c.reader.badFrames = 0
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
	if c.reader.badFrames++; c.reader.badFrames >= maxBadFrames {
		c.end(closeReason{cause: errBadFrames, code: 1008, reason: "too many bad frames"})
	}
}

// hello switches to the full dialect, what is queued from here on, and tells the browser of the rooms that it is in already.
func (c *Connection) hello(page string) {
	c.mu.Lock()
	wake := false
	if c.who.page == "" {
		c.who.page = page
	}
	if c.out.encoding&encodingFull == 0 { // over HTTP it is full from the beginning
		c.out.encoding |= encodingFull
		for _, m := range c.rooms.memberships {
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
	c.out.encoding |= encodingDeflated
}

// await queues a request for the worker. While the inbox is full it blocks the reader, and so the browser. It throws the request
// away if the connection ends first, or the reader gives up.
func (c *Connection) enqueueTask(t *task) {
	c.mu.Lock()
	gaveUp := false
	for c.closeReason == nil && !gaveUp && c.in.full(t.size) {
		space := make(chan struct{})
		c.in.space = space
		c.mu.Unlock()
		c.liveness.pause()
		select {
		case <-space:
		case <-c.reader.giveUp:
			gaveUp = true
		}
		c.liveness.resume()
		c.mu.Lock()
	}
	defer c.mu.Unlock()
	if c.closeReason != nil || gaveUp {
		c.reader.dropped = true
		if t.control == "join" {
			c.rooms.joining--
		}
		return
	}
	c.in.tasks = append(c.in.tasks, t)
	c.in.bytes += t.size
	c.startWorker()
}
