package wsx

import (
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/protocol"
)

// beforeRead waits until the browser may send more. It returns the part of p that may be filled.
func (c *Connection) beforeRead(p []byte) []byte {
	if c.ctx.Err() != nil {
		// The rest is read only so that the close frame gets through: a socket that is closed with
		// unread data is reset, and the frame lost. The inbound limit still applies.
		c.reader.throttle.WaitAtMost(closeWait)
		return p[:min(len(p), c.reader.throttle.MaxRead())]
	}
	c.liveness.pause() // a pong can't arrive while nothing is read
	tooMuch := c.reader.throttle.Wait(c.ctx)
	c.liveness.resume()
	if tooMuch {
		c.end(closeReason{cause: ErrRate, code: 4029, reason: "too many requests", mode: closeDiscard})
	}
	return p[:min(len(p), c.reader.throttle.MaxRead())]
}

// afterRead records that the browser has sent n bytes.
func (c *Connection) afterRead(n int) {
	c.reader.throttle.Bytes(n)
	c.liveness.alive()
}

// receive handles one message from the browser. Only the reader calls it.
func (c *Connection) receive(data []byte) {
	if c.ctx.Err() != nil {
		c.reader.dropped = true
		return // messages are read on only so that the close frame gets through
	}
	if !utf8.Valid(data) {
		// RFC 6455, section 8.1.
		c.end(closeReason{cause: errNotUTF8, code: 1007, mode: closeDiscard})
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

// badFrame answers a frame that cannot be decoded. One may be a mistake in a page; many in a row
// don't come from a page, and the connection is closed.
func (c *Connection) badFrame(id string, err error) {
	c.hub.opts.Logger.Debug("wsx: ignored a bad frame", "connection", c.id, "error", err)
	c.send(errorMessage(id, "", protocol.CodeBadRequest, ""))
	if c.reader.badFrames++; c.reader.badFrames >= maxBadFrames {
		c.end(closeReason{cause: errBadFrames, code: 1008, reason: "too many bad frames"})
	}
}

// hello switches the connection to the full encoding, from the next queued message on. The rooms
// that it joined before are announced now, because a plain client can't be told.
func (c *Connection) hello(page string) {
	c.mu.Lock()
	wake := false
	if c.who.page == "" {
		c.who.page = page
	}
	if c.out.encoding&encodingFull == 0 { // over HTTP it is set from the beginning
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

// compress switches the connection to compressed frames, from the next queued message on.
func (c *Connection) compress() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.encoding |= encodingDeflated
}

// enqueueTask queues a request for the worker. While the inbox is full it blocks the reader, and
// through TCP the browser. The request is dropped if the connection ends first or the reader gives
// up.
func (c *Connection) enqueueTask(t *task) {
	c.mu.Lock()
	gaveUp := false
	for c.closeReason == nil && !gaveUp && c.in.full(t.size) {
		space := make(chan struct{})
		c.in.space = space
		c.mu.Unlock()
		c.liveness.pause() // a browser that must wait can't answer pings
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
