package wsx_test

import (
	"context"
	"crypto/rand"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestWhereIsAskedOnly(t *testing.T) {
	for _, one := range []struct {
		what   string
		want   string
		filter func(where wsx.Filter) []wsx.Filter
	}{
		{"everybody, alone", "alice bob carol nobody", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{w} }},
		{"the members, beside Room", "alice bob", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{wsx.Room("tea"), w} }},
		{"the members, before Room", "alice bob", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{w, wsx.Room("tea")} }},
		{"the user, beside User", "carol", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{w, wsx.User("carol")} }},
		{"the others, beside Tag", "alice bob", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{w, wsx.Tag("role")} }},
		{"the others, beside Not", "carol nobody", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{w, wsx.Not(wsx.Room("tea"))} }},
		{"nobody, beside what names nothing", "", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{w, wsx.Room()} }},
		{"nobody, in an empty room", "", func(w wsx.Filter) []wsx.Filter { return []wsx.Filter{w, wsx.Room("milk")} }},
	} {
		inBubble(t, one.what, func(t *testing.T) {
			c := newParty(t)
			var asked []*wsx.Connection
			where := wsx.Where(func(conn *wsx.Connection) bool {
				asked = append(asked, conn)
				return true
			})
			c.hub.Count(one.filter(where)...)
			assert.Equal(t, one.want, c.nameOf(asked), "each is asked once")
			asked = nil
			require.NoError(t, c.hub.Broadcast("#a", "x", wsx.Inner, one.filter(where)...))
			assert.Equal(t, one.want, c.nameOf(asked))
		})
	}
	inBubble(t, "once, of whom it refuses in one of two rooms", func(t *testing.T) {
		c := newParty(t)
		var asked []*wsx.Connection
		assert.Zero(t, c.hub.Count(wsx.Room("tea", "coffee"), wsx.Where(func(conn *wsx.Connection) bool {
			asked = append(asked, conn)
			return false
		})))
		assert.Equal(t, "alice bob carol", c.nameOf(asked))
	})
}

var whereKey = wsx.NewKey[int]("a")

// methods are the calls of hub and connection, as Where may make them.
var methods = map[string]func(hub *wsx.Hub, c *wsx.Connection) error{
	"Broadcast":        func(hub *wsx.Hub, _ *wsx.Connection) error { return hub.Broadcast("#b", "from Where", wsx.Inner) },
	"SendToConnection": func(hub *wsx.Hub, c *wsx.Connection) error { return hub.SendToConnection(c.ID(), "#b", "x", wsx.Inner) },
	"Publish": func(hub *wsx.Hub, _ *wsx.Connection) error {
		return hub.Publish(context.Background(), wsx.Message{Fragments: []wsx.Fragment{{Target: "#b"}}}, wsx.Room("tea"))
	},
	"Count": func(hub *wsx.Hub, _ *wsx.Connection) error { hub.Count(); hub.Count(wsx.Room("tea")); return nil },
	"GetConnections": func(hub *wsx.Hub, _ *wsx.Connection) error {
		hub.GetConnections(wsx.Where(func(c *wsx.Connection) bool { return c.User() != "" }))
		return nil
	},
	"GetConnection": func(hub *wsx.Hub, c *wsx.Connection) error { hub.GetConnection(c.ID()); return nil },
	"Connections": func(hub *wsx.Hub, _ *wsx.Connection) error {
		for range hub.Connections(wsx.Room("tea")) {
		}
		return nil
	},
	"Stats":             func(hub *wsx.Hub, _ *wsx.Connection) error { hub.Stats(); return nil },
	"On, Use, hooks":    register,
	"Disconnect":        func(hub *wsx.Hub, _ *wsx.Connection) error { return hub.Disconnect(nil, wsx.User("bob")) },
	"Disconnect of all": func(hub *wsx.Hub, _ *wsx.Connection) error { return hub.Disconnect(nil) },
	"Close":             func(_ *wsx.Hub, c *wsx.Connection) error { c.Close(nil); return nil },
	"Send":              func(_ *wsx.Hub, c *wsx.Connection) error { return c.Send("#b", "x", wsx.Inner) },
	"Join, Leave, Rooms": func(_ *wsx.Hub, c *wsx.Connection) error {
		c.Leave("tea")
		c.Rooms()
		return c.Join(context.Background(), "milk")
	},
	"SetUser, User": func(_ *wsx.Hub, c *wsx.Connection) error { c.SetUser(c.User() + "2"); return nil },
	"SetTag, Tag":   func(_ *wsx.Hub, c *wsx.Connection) error { c.SetTag("a", c.Tag("a")+"1"); return nil },
	"SetLocation":   func(_ *wsx.Hub, c *wsx.Connection) error { c.SetLocation(1, 1); return nil },
	"what only looks": func(_ *wsx.Hub, c *wsx.Connection) error {
		c.Context()
		c.RemoteAddr()
		c.ConnectedAt()
		c.LastActivity()
		return nil
	},
	"a Key":               func(_ *wsx.Hub, c *wsx.Connection) error { whereKey.Get(c); whereKey.Set(c, 1); return nil },
	"Shutdown, cancelled": func(hub *wsx.Hub, _ *wsx.Connection) error { return shutdownNow(hub) },
}

// TestWhereMayCallEverything: it runs without a lock, so nothing that it calls can wait for itself.
func TestWhereMayCallEverything(t *testing.T) {
	for name, call := range methods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hub := newHub(t, &wsx.Options{Authenticate: asUser})
			for _, name := range []string{"alice", "bob"} {
				require.NoError(t, wsxtest.Open(t, hub, user(name)).Conn().Join(t.Context(), "tea"))
			}
			var asked atomic.Int32
			where := wsx.Where(func(c *wsx.Connection) bool {
				asked.Add(1)
				if err := call(hub, c); err != nil && c.Context().Err() == nil {
					t.Errorf("%s: %v", name, err)
				}
				return true
			})
			done := make(chan struct{})
			go func() {
				defer close(done)
				assert.NoError(t, hub.Broadcast("#a", "x", wsx.Inner, where, wsx.Room("tea")))
				hub.GetConnections(where)
				assert.NoError(t, hub.Disconnect(nil, where))
			}()
			select {
			case <-done:
				assert.Positive(t, asked.Load())
			case <-time.After(20 * time.Second):
				t.Fatal("Where waits for ever")
			}
		})
	}
}

func register(hub *wsx.Hub, _ *wsx.Connection) error {
	hub.On(rand.Text(), func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
	hub.Use(func(next wsx.Handler) wsx.Handler { return next })
	hub.OnConnect(func(context.Context, *wsx.Connection) error { return nil })
	hub.OnDisconnect(func(*wsx.Connection, error) {})
	hub.OnError(func(*wsx.Connection, string, error) {})
	return nil
}

// shutdownNow begins a shutdown without waiting.
func shutdownNow(hub *wsx.Hub) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := hub.Shutdown(ctx); err != nil && err != context.Canceled {
		return err
	}
	return nil
}

func TestWhereSeesTheStateOfItsMoment(t *testing.T) {
	inBubble(t, "who leaves the room inside Where is not sent to", func(t *testing.T) {
		c := newParty(t)
		assert.Equal(t, "bob", c.reached(wsx.Room("tea"), wsx.Where(func(conn *wsx.Connection) bool {
			if conn.User() == "alice" {
				conn.Leave("tea")
			}
			return true
		})))
	})
	inBubble(t, "a panic is the caller's, and no lock stays behind", func(t *testing.T) {
		c := newParty(t)
		boom := wsx.Where(func(*wsx.Connection) bool { panic("boom") })
		assert.PanicsWithValue(t, "boom", func() { _ = c.hub.Broadcast("#a", "x", wsx.Inner, boom) })
		assert.PanicsWithValue(t, "boom", func() { c.hub.Count(wsx.Room("tea"), boom) })
		c.selects("alice bob carol nobody")
	})
	inBubble(t, "the loop over Connections may do everything, and end early", func(t *testing.T) {
		c := newParty(t)
		all := c.hub.Connections()
		for conn := range all {
			require.NoError(t, conn.Join(t.Context(), "milk"))
			require.NoError(t, c.hub.Broadcast("#a", "x", wsx.Inner))
			conn.Close(nil)
			break
		}
		assert.Len(t, slices.Collect(all), 3, "it may be used again, and looks again")
		assert.Equal(t, 3, c.hub.Count())
		assert.Zero(t, c.hub.Count(wsx.Room("milk")))
	})
}

func TestMembershipsHoldAtOnce(t *testing.T) {
	inBubble(t, "Join", func(t *testing.T) {
		c := newCrowd(t, "alice", "bob")
		c.join("alice", "tea")
		c.selects("alice", wsx.Room("tea"))
		c.join("alice", "tea", "tea")
		c.selects("alice", wsx.Room("tea"))
		assert.Equal(t, []string{"tea"}, c.conn("alice").Rooms())
		assert.Equal(t, 1, c.hub.Stats().Rooms)
	})
	inBubble(t, "Leave", func(t *testing.T) {
		c := newCrowd(t, "alice", "bob")
		c.join("alice", "tea", "coffee", "milk")
		c.join("bob", "tea")
		c.conn("alice").Leave("tea")
		c.conn("alice").Leave("tea")
		c.conn("alice").Leave("water")
		c.selects("bob", wsx.Room("tea"))
		assert.Equal(t, []string{"coffee", "milk"}, c.conn("alice").Rooms())
		c.conn("bob").Leave("tea")
		c.selects("", wsx.Room("tea"))
		assert.Equal(t, 2, c.hub.Stats().Rooms, "an empty room is forgotten")
	})
	inBubble(t, "what was sent before Leave still arrives", func(t *testing.T) {
		c := newCrowd(t, "alice")
		c.join("alice", "tea")
		require.NoError(t, c.hub.Broadcast("#a", "before", wsx.Inner, wsx.Room("tea")))
		c.conn("alice").Leave("tea")
		require.NoError(t, c.hub.Broadcast("#a", "after", wsx.Inner, wsx.Room("tea")))
		synctest.Wait()
		assert.Equal(t, []wsx.Fragment{{Target: "#a", HTML: "before", Swap: wsx.Inner}}, c.browsers["alice"].Pushed())
	})
	inBubble(t, "SetUser", func(t *testing.T) {
		c := newCrowd(t, "alice", "nobody")
		assert.Equal(t, 1, c.hub.Stats().Users)
		c.conn("nobody").SetUser("alice")
		c.selects("alice nobody", wsx.User("alice"))
		assert.Equal(t, 1, c.hub.Stats().Users, "one user on two connections")
		c.conn("alice").SetUser("zoe")
		c.selects("nobody", wsx.User("alice"))
		c.selects("alice", wsx.User("zoe"))
		c.conn("alice").SetUser("")
		c.selects("", wsx.User("zoe"))
		assert.Equal(t, 1, c.hub.Stats().Users)
	})
	inBubble(t, "Close and Disconnect", func(t *testing.T) {
		c := newParty(t)
		c.conn("alice").Close(nil)
		require.NoError(t, c.hub.Disconnect(nil, wsx.Room("coffee"), wsx.User("bob")))
		assert.Equal(t, "carol nobody", c.nameOf(c.hub.GetConnections()))
		assert.Equal(t, 2, c.hub.Count())
		assert.Zero(t, c.hub.Count(wsx.Room("tea")))
		assert.Zero(t, c.hub.Count(wsx.User("alice", "bob")))
		_, found := c.hub.GetConnection(c.conn("bob").ID())
		assert.False(t, found)
		stats := c.hub.Stats()
		assert.Equal(t, []int{2, 1, 1}, []int{stats.Connections, stats.Users, stats.Rooms})
		assert.ErrorIs(t, c.conn("alice").Join(t.Context(), "tea"), wsx.ErrNotConnected)
		c.conn("alice").SetUser("carol")
		assert.Equal(t, 1, c.hub.Count(wsx.User("carol")), "what has ended is not indexed again")
	})
}

func TestWhatHasEndedStaysAsItWas(t *testing.T) {
	inBubble(t, "and takes nobody else's place away", func(t *testing.T) {
		c := newParty(t)
		alice := c.conn("alice")
		alice.Close(nil)
		alice.Leave("tea")
		alice.SetUser("zoe")
		alice.SetTag("role", "guest")
		assert.ErrorIs(t, alice.Join(t.Context(), "milk"), wsx.ErrNotConnected)
		assert.ErrorIs(t, alice.Send("#a", "x", wsx.Inner), wsx.ErrNotConnected)
		assert.ErrorIs(t, c.hub.SendToConnection(alice.ID(), "#a", "x", wsx.Inner), wsx.ErrNotConnected)
		alice.Close(wsx.Errorf("again"))
		assert.Equal(t, "alice", alice.User())
		assert.Equal(t, []string{"tea"}, alice.Rooms())
		assert.Equal(t, "admin", alice.Tag("role"))
		assert.Equal(t, "bob", c.nameOf(c.hub.GetConnections(wsx.Room("tea"))))
		assert.Zero(t, c.hub.Count(wsx.User("alice", "zoe")))
	})
}
