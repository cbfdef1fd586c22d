package wsx

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/textcut"
)

// newConnection returns a connection that is not visible yet. Its writer and its worker count as
// running, so that neither starts before there is a transport. The context keeps the values of the
// request but not its end, because net/http cancels it when the handler returns.
func (h *Hub) newConnection(ctx context.Context, id Identity, ip string, entry limit.Slot) *Connection {
	c := &Connection{
		hub: h, id: h.newConnectionID(), remoteAddr: ip, identity: id, slot: entry,
		connectedAt: time.Now(),
	}
	c.out.writing = true
	c.who.user, c.who.tags = id.User, maps.Clone(id.Tags)
	maps.DeleteFunc(c.who.tags, func(_, value string) bool { return value == "" })
	c.in.working = true
	c.lastRequest.Store(int64(h.now()))
	c.ctx, c.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	c.writeLoopFunc, c.workFunc = c.writeLoop, c.work
	c.reader.throttle = limit.NewThrottle(limit.Rates(h.opts.Inbound), h.opts.MaxMessage, excessGrace)
	return c
}

// open makes the connection visible, with the hello message first in its queue, and joins the rooms
// of its identity.
func (c *Connection) open() {
	c.makeVisible()
	c.joinIdentityRooms()
}

func (c *Connection) makeVisible() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.queue.push(newEntry(c.helloMessage(), encodingPlain))
	c.register()
	if !c.identity.Expires.IsZero() {
		c.expiry = time.AfterFunc(time.Until(c.identity.Expires), func() { c.end(closeReasonFor(ErrExpired)) })
	}
	if c.hub.admission.IsDraining() { // Shutdown may have listed the connections before register
		c.endLocked(closeReason{cause: ErrClosed, code: 1012})
	}
}

// joinIdentityRooms joins the rooms that Authenticate named, except those that
// RoomOptions.Authorize refuses. A refusal is logged, because it is a mistake of the program and
// the browser can't react to it.
func (c *Connection) joinIdentityRooms() {
	for _, room := range c.identity.Rooms {
		err := c.authorize(c.ctx, room)
		if err == nil {
			err = c.joinRoom(room, "")
		}
		if err != nil && !errors.Is(err, ErrNotConnected) {
			c.hub.opts.Logger.Warn("wsx: a room of Identity.Rooms can't be joined; check Authenticate and RoomOptions.Authorize", "room", textcut.Truncate(room, maxLogName), "error", err)
		}
	}
}

// start gives the connection its transport and starts its goroutines, including a reader.
func (c *Connection) start(t transport) {
	c.startWriterAndWorker(t)
	go c.run()
}

// startWriterAndWorker is start for a caller that is the reader itself, as a request over HTTP is.
// The writer begins with the queue, the worker with OnConnect.
func (c *Connection) startWriterAndWorker(t transport) {
	c.mu.Lock()
	c.transport = t
	c.mu.Unlock()
	c.tasks.Add(2)
	go c.writeLoopFunc()
	go c.workFunc()
}

// abandon undoes newConnection and open unless the connection has started. It is deferred, because
// the code of the program that is called until then, a ResponseWriter and RoomOptions.Authorize,
// may panic or end the goroutine. No hook is called.
func (c *Connection) abandon() {
	c.mu.Lock()
	started := c.transport != nil
	if !started && c.allMembership.live {
		c.endLocked(closeReason{code: 1006, mode: closeAbort})
	}
	c.mu.Unlock()
	if started {
		return
	}
	c.cancel(nil)
	c.hub.httpSessions.Delete(c.id)
	c.hub.admission.ReleaseSlot(c.slot)
	c.hub.admission.Leave()
}
