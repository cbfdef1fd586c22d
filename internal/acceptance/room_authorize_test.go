package acceptance

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// dialAs connects to a hub in memory as a user; see asUser.
func dialAs(t testing.TB, hub *wsx.Hub, name string) *socket {
	t.Helper()
	ws, _, err := websocket.Dial(context.Background(), "ws://wsx.example/ws", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: pipe{hub}}, HTTPHeader: user(name),
	})
	require.NoError(t, err)
	t.Cleanup(func() { ws.CloseNow() })
	c := &socket{t: t, ws: ws}
	c.greeted()
	return c
}

var errNotInvited = errors.New("not invited")

// newGuardedHub returns a hub in whose room "club" only some may be.
func newGuardedHub(t *testing.T, may func(ctx context.Context, id wsx.Identity, room string) error) *wsx.Hub {
	hub := newHub(t, &wsx.Options{Authenticate: func(r *http.Request) (wsx.Identity, error) {
		id := wsx.Identity{User: r.Header.Get("User"), Tags: map[string]string{"role": r.Header.Get("Role")}}
		if r.Header.Get("User") == "upgraded" {
			id.Rooms = []string{"club", "open"}
		}
		return id, nil
	}, PingInterval: -1})
	hub.ConfigureRooms("club", wsx.RoomOptions{History: 10, Authorize: may})
	hub.ConfigureRooms("open", wsx.RoomOptions{History: 10})
	return hub
}

func members(_ context.Context, id wsx.Identity, room string) error {
	if room == "club" && (id.User == "alice" || id.Tags["role"] == "member") {
		return nil
	}
	return errNotInvited
}

func TestAuthorize(t *testing.T) {
	// enters joins the club by a ticket, and says whether that was let in.
	enters := func(t *testing.T, hub *wsx.Hub, c *socket, j join) bool {
		j.Gen = 1
		c.join(j)
		f := c.frame()
		if f.Type == "joined" {
			return true
		}
		require.Equal(t, "reset", f.Type)
		require.NotNil(t, f.Ticket, "it looks like a forged ticket")
		assert.NotContains(t, f.raw, "club")
		assert.NotContains(t, f.raw, "invited")
		assert.Empty(t, c.conn(hub).Rooms())
		return false
	}
	inBubble(t, "is asked when a ticket is used", func(t *testing.T) {
		hub := newGuardedHub(t, members)
		ticket := newTicket(t, hub, "", "club")
		for name, want := range map[string]bool{"alice": true, "bob": false, "": false} {
			c := dialAs(t, hub, name)
			c.send(hello)
			assert.Equal(t, want, enters(t, hub, c, join{Tickets: []string{ticket}}), name)
		}
	})
	inBubble(t, "refuses a ticket whole", func(t *testing.T) {
		hub := newGuardedHub(t, members)
		c := dialAs(t, hub, "bob")
		c.send(hello)
		assert.False(t, enters(t, hub, c, join{Tickets: []string{newTicket(t, hub, "", "open", "club")}}))
	})
	inBubble(t, "is asked again when a page comes back", func(t *testing.T) {
		var expelled atomic.Bool
		hub := newGuardedHub(t, func(ctx context.Context, id wsx.Identity, room string) error {
			if expelled.Load() {
				return errNotInvited
			}
			return members(ctx, id, room)
		})
		c := dialAs(t, hub, "alice")
		c.send(hello)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, hub, "alice", "club")}})
		got := c.joined()
		require.NoError(t, c.ws.CloseNow())
		expelled.Store(true)
		c = dialAs(t, hub, "alice")
		c.send(hello)
		assert.False(t, enters(t, hub, c, join{Tickets: got.tickets, Pos: got.positions}))
	})
	inBubble(t, "sees the user and the tags of now", func(t *testing.T) {
		hub := newGuardedHub(t, members)
		ticket := newTicket(t, hub, "", "club")
		c := dialAs(t, hub, "bob")
		c.send(hello)
		assert.False(t, enters(t, hub, c, join{Tickets: []string{ticket}}))
		c.conn(hub).SetTag("role", "member")
		assert.True(t, enters(t, hub, c, join{Tickets: []string{ticket}}))
		c.conn(hub).Leave("club")
		c.next() // left
		c.conn(hub).SetTag("role", "")
		assert.False(t, enters(t, hub, c, join{Tickets: []string{ticket}}))
		c.conn(hub).SetUser("alice")
		assert.True(t, enters(t, hub, c, join{Tickets: []string{ticket}}))
	})
	inBubble(t, "is asked by Join, which returns what it said", func(t *testing.T) {
		hub := newGuardedHub(t, members)
		c := dialAs(t, hub, "bob")
		assert.ErrorIs(t, c.conn(hub).Join(t.Context(), "club"), errNotInvited)
		assert.Empty(t, c.conn(hub).Rooms())
		c.conn(hub).SetUser("alice")
		assert.NoError(t, c.conn(hub).Join(t.Context(), "club"))
	})
	inBubble(t, "is asked for the rooms of the identity, and the others are joined", func(t *testing.T) {
		hub := newGuardedHub(t, members)
		c := dialAs(t, hub, "upgraded")
		assert.Equal(t, []string{"open"}, c.conn(hub).Rooms())
	})
	for what, may := range map[string]func(context.Context, wsx.Identity, string) error{
		"that panics refuses":            func(context.Context, wsx.Identity, string) error { panic("no") },
		"that waits is told when to end": func(ctx context.Context, _ wsx.Identity, _ string) error { <-ctx.Done(); return ctx.Err() },
	} {
		inBubble(t, what, func(t *testing.T) {
			hub := newGuardedHub(t, may)
			start := time.Now()
			c := dialAs(t, hub, "alice")
			c.send(hello)
			assert.False(t, enters(t, hub, c, join{Tickets: []string{newTicket(t, hub, "", "club")}}))
			assert.Error(t, c.conn(hub).Join(t.Context(), "club"))
			assert.LessOrEqual(t, time.Since(start), 20*time.Second, "twice HandlerTimeout")
			assert.True(t, enters(t, hub, c, join{Tickets: []string{newTicket(t, hub, "", "open")}}), "everything else goes on")
		})
	}
	inBubble(t, "is called with no lock held", func(t *testing.T) {
		var hub *wsx.Hub
		hub = newGuardedHub(t, func(ctx context.Context, id wsx.Identity, room string) error {
			for _, c := range hub.GetConnections() {
				c.SetTag("seen", "yes")
			}
			say(t, hub, "open", "1")
			return hub.Broadcast("#list", "2", wsx.Append, wsx.Room("club"))
		})
		c := dialAs(t, hub, "alice")
		c.send(hello)
		assert.True(t, enters(t, hub, c, join{Tickets: []string{newTicket(t, hub, "", "club", "open")}}))
		synctest.Wait()
		assert.Equal(t, "yes", c.conn(hub).Tag("seen"))
	})
}
