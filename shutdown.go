package wsx

import (
	"context"
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/protocol"
)

// drainPace is how many connections a second Shutdown ends, so that whoever is next is not asked for all pages at once.
const drainPace = 100

// drain sends the browsers that can be told to whoever is next: each has half of the time to get there while it still hears this
// hub, and is closed when the time is over. It returns when all are ended, or when the window is over.
func (h *Hub) drain(window context.Context) {
	all := slices.Collect(h.Connections())
	half := time.Duration(len(all)-1) * time.Second / drainPace / 2
	if deadline, ok := window.Deadline(); ok {
		half = min(half, time.Until(deadline)*2/5) // what is left is for the queues and for the browsers' goodbyes
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
		case <-c.ctx.Done(): // it has got there
		case <-window.Done():
			return
		}
	}
}

// leadOn asks the browser to connect anew after a time, and to leave this connection then.
func (c *Connection) sendReconnect(after time.Duration) {
	c.mu.Lock()
	_, wake := c.enqueue(newControl(protocol.Reconnect(after)))
	c.mu.Unlock()
	if wake {
		c.hub.writers.wake(c)
	}
}
