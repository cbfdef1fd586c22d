package acceptance

import (
	"maps"
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

// TestWhereMayCallEverything: it runs without a lock, so nothing that it calls can wait for itself.
func TestWhereMayCallEverything(t *testing.T) {
	t.Parallel()
	methods := maps.Clone(everyMethod)
	methods["Disconnect of all"] = func(h *wsx.Hub, _ *wsx.Connection) error { return h.Disconnect(nil) }
	for what, use := range map[string]func(*wsx.Hub, wsx.Filter) error{
		"Broadcast": func(h *wsx.Hub, where wsx.Filter) error { return h.Broadcast("#a", "x", wsx.Inner, where) },
		"Broadcast room": func(h *wsx.Hub, where wsx.Filter) error {
			return h.Broadcast("#a", "x", wsx.Inner, wsx.Room("tea"), where)
		},
		"GetConnections": func(h *wsx.Hub, where wsx.Filter) error { h.GetConnections(where); return nil },
		"Disconnect":     func(h *wsx.Hub, where wsx.Filter) error { return h.Disconnect(nil, where) },
	} {
		for name, method := range methods {
			t.Run(name+" from Where of "+what, func(t *testing.T) {
				t.Parallel()
				hub := newHub(t, nil)
				for range 2 {
					require.NoError(t, wsxtest.Open(t, hub, nil).Conn().Join(t.Context(), "tea"))
				}
				var returned atomic.Int32
				done := make(chan error)
				go func() {
					done <- use(hub, wsx.Where(func(c *wsx.Connection) bool {
						assert.NoError(t, method(hub, c))
						returned.Add(1)
						return true
					}))
				}()
				select {
				case err := <-done:
					assert.NoError(t, err)
					assert.Positive(t, returned.Load())
				case <-time.After(20 * time.Second):
					t.Fatal("it waits for ever")
				}
			})
		}
	}
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
}

func TestAudiencesLoseWhoHasEnded(t *testing.T) {
	inBubble(t, "by Close and Disconnect", func(t *testing.T) {
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
		alice.Close(wsx.UserErrorf("again"))
		assert.Equal(t, "alice", alice.User())
		assert.Equal(t, []string{"tea"}, alice.Rooms())
		assert.Equal(t, "admin", alice.Tag("role"))
		assert.Equal(t, "bob", c.nameOf(c.hub.GetConnections(wsx.Room("tea"))))
		assert.Zero(t, c.hub.Count(wsx.User("alice", "zoe")))
	})
}
