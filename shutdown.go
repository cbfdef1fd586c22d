package wsx

import (
	"context"
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
)

// drainPace is how many connections Shutdown closes per second, so that the next instance doesn't
// have to render all pages at once.
const drainPace = 100

// drain moves browsers to the next instance, one after the other. In the first half of the time
// each is asked to reconnect. In the second half each is closed, as long after it was asked. So a
// browser still receives from this hub until it has moved. drain returns when all connections have
// ended or window is over.
func (h *Hub) drain(window context.Context) {
	all := slices.Collect(h.Connections())
	half := time.Duration(len(all)-1) * time.Second / drainPace / 2
	if deadline, ok := window.Deadline(); ok {
		half = min(half, time.Until(deadline)*2/5) // the rest is for queues and close frames
	}
	if half <= 0 {
		return
	}
	turn := func(i int) time.Duration { return half * time.Duration(i) / time.Duration(len(all)-1) }
	start := time.Now()
	for i, c := range all {
		c.sendReconnect(turn(i))
	}
	timer := time.NewTimer(half)
	defer timer.Stop()
	for i, c := range all {
		timer.Reset(time.Until(start.Add(half + turn(i))))
		select {
		case <-timer.C:
			c.end(closeReason{cause: ErrClosed, code: 1012})
		case <-c.ctx.Done(): // the browser has moved
		case <-window.Done():
			return
		}
	}
}

// sendReconnect asks the browser to open a new connection after a delay, and to leave this one
// then.
func (c *Connection) sendReconnect(after time.Duration) {
	c.mu.Lock()
	_, wake := c.enqueue(newControl(protocol.Reconnect(after)))
	c.mu.Unlock()
	if wake {
		c.hub.writers.wake(c)
	}
}
