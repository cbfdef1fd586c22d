package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// A gossip is what OnPresence has been called with, one line for each change.
type gossip struct {
	mu    sync.Mutex
	lines []string
}

func (g *gossip) hear(_ context.Context, room string, p wsx.PresenceDiff) []wsx.Fragment {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines, fmt.Sprintf("%s +%s -%s =%s", room, names(p.Joined), names(p.Left), names(p.Members)))
	return nil
}

// told returns what was heard since the last time.
func (g *gossip) told() []string {
	synctest.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	lines := g.lines
	g.lines = nil
	return lines
}

func names(members []wsx.Member) string {
	var all []string
	for _, m := range members {
		all = append(all, m.User)
	}
	return strings.Join(all, ",")
}

// present returns who is in a room, with the number of connections.
func present(t *testing.T, hub *wsx.Hub, room string) (all []string) {
	members, err := hub.Presence(t.Context(), room)
	require.NoError(t, err)
	for _, m := range members {
		all = append(all, fmt.Sprint(m.User, " ", m.Connections))
	}
	return all
}

// watched runs a test with a hub that keeps account of presence in the rooms that begin with "tea".
func watched(do func(t *testing.T, hub *wsx.Hub, g *gossip)) func(*testing.T) {
	return func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			g := new(gossip)
			hub.ConfigureRooms("tea*", wsx.RoomOptions{Presence: true, OnPresence: g.hear})
			do(t, hub, g)
		})
	}
}

func enter(t *testing.T, hub *wsx.Hub, name string, rooms ...string) *wsxtest.Browser {
	b := wsxtest.Open(t, hub, user(name))
	for _, room := range rooms {
		require.NoError(t, b.Conn().Join(t.Context(), room))
	}
	return b
}

func TestPresence(t *testing.T) {
	t.Run("three tabs are one join and one leave", watched(func(t *testing.T, hub *wsx.Hub, g *gossip) {
		tabs := []*wsxtest.Browser{enter(t, hub, "ann", "tea"), enter(t, hub, "ann", "tea"), enter(t, hub, "ann", "tea")}
		assert.Equal(t, []string{"tea +ann - =ann"}, g.told())
		assert.Equal(t, []string{"ann 3"}, present(t, hub, "tea"))
		tabs[0].Close()
		tabs[1].Close()
		pass(time.Minute)
		assert.Equal(t, []string{"ann 1"}, present(t, hub, "tea"))
		assert.Empty(t, g.told())
		tabs[2].Close()
		pass(5*time.Second - 1)
		assert.Empty(t, g.told())
		assert.Equal(t, []string{"ann 0"}, present(t, hub, "tea"), "she may come back")
		pass(1)
		assert.Equal(t, []string{"tea + -ann ="}, g.told())
		assert.Empty(t, present(t, hub, "tea"))
	}))
	t.Run("a reload within five seconds is silent", watched(func(t *testing.T, hub *wsx.Hub, g *gossip) {
		since := time.Now()
		tab := enter(t, hub, "ann", "tea")
		g.told()
		for range 3 {
			tab.Close()
			pass(4900 * time.Millisecond)
			tab = enter(t, hub, "ann", "tea")
		}
		pass(time.Minute)
		assert.Empty(t, g.told())
		members, err := hub.Presence(t.Context(), "tea")
		require.NoError(t, err)
		assert.Equal(t, []wsx.Member{{User: "ann", Connections: 1, Since: since}}, members)
	}))
	t.Run("who comes back later comes anew", watched(func(t *testing.T, hub *wsx.Hub, g *gossip) {
		tab := enter(t, hub, "ann", "tea")
		assert.Equal(t, []string{"tea +ann - =ann"}, g.told())
		tab.Close()
		pass(6 * time.Second)
		enter(t, hub, "ann", "tea")
		assert.Equal(t, []string{"tea + -ann =", "tea +ann - =ann"}, g.told())
	}))
	t.Run("SetUser moves a connection from one to the other", watched(func(t *testing.T, hub *wsx.Hub, g *gossip) {
		tab := enter(t, hub, "ann", "tea", "tearoom")
		g.told()
		tab.Conn().SetUser("bob")
		assert.ElementsMatch(t, []string{"tea +bob -ann =bob", "tearoom +bob -ann =bob"}, g.told(), "at once")
		tab.Conn().SetUser("")
		assert.ElementsMatch(t, []string{"tea + -bob =", "tearoom + -bob ="}, g.told())
	}))
	t.Run("Leave is leaving that room", watched(func(t *testing.T, hub *wsx.Hub, g *gossip) {
		tab := enter(t, hub, "ann", "tea", "tearoom")
		g.told()
		tab.Conn().Leave("tea") // on purpose: nobody waits for ann to come back
		assert.Equal(t, []string{"tea + -ann ="}, g.told())
		assert.Equal(t, []string{"ann 1"}, present(t, hub, "tearoom"))
	}))
	t.Run("the anonymous are nobody, and other rooms are not watched", watched(func(t *testing.T, hub *wsx.Hub, g *gossip) {
		nobody := enter(t, hub, "", "tea")
		enter(t, hub, "ann", "coffee")
		nobody.Close()
		pass(time.Minute)
		assert.Empty(t, g.told())
		assert.Empty(t, present(t, hub, "tea"))
		assert.Empty(t, present(t, hub, "coffee"))
	}))
	t.Run("rooms of the identity count like those that are joined", func(t *testing.T) {
		authenticate := func(r *http.Request) (wsx.Identity, error) {
			return wsx.Identity{User: r.Header.Get("User"), Rooms: []string{"tea"}}, nil
		}
		bubble(t, &wsx.Options{Authenticate: authenticate}, func(t *testing.T, hub *wsx.Hub) {
			hub.ConfigureRooms("tea", wsx.RoomOptions{Presence: true})
			enter(t, hub, "ann")
			assert.Equal(t, []string{"ann 1"}, present(t, hub, "tea"))
		})
	})
	t.Run("what the listener returns goes to the members, once", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			hub.ConfigureRooms("*", wsx.RoomOptions{OnPresence: func(_ context.Context, room string, p wsx.PresenceDiff) []wsx.Fragment {
				return []wsx.Fragment{{Target: "#people", HTML: wsx.Text(names(p.Members))}, {Target: "#room", HTML: wsx.Text(room)}}
			}})
			outsider := enter(t, hub, "eve", "coffee")
			received(outsider)
			ann := enter(t, hub, "ann", "tea")
			assert.Equal(t, []string{"ann", "tea"}, received(ann))
			other := enter(t, hub, "ann", "tea")
			bob := enter(t, hub, "bob", "tea")
			for _, b := range []*wsxtest.Browser{ann, other, bob} {
				assert.Equal(t, []string{"ann,bob", "tea"}, received(b))
			}
			assert.Empty(t, received(outsider))
		})
	})
	t.Run("many who come at once are told together", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			var joined []int
			hub.ConfigureRooms("tea", wsx.RoomOptions{OnPresence: func(_ context.Context, _ string, p wsx.PresenceDiff) []wsx.Fragment {
				joined = append(joined, len(p.Joined))
				time.Sleep(time.Second) // such as a query
				return nil
			}})
			for i := range 100 {
				enter(t, hub, fmt.Sprintf("user %02d", i), "tea")
			}
			pass(time.Minute)
			assert.Len(t, joined, 2)
			assert.Equal(t, 100, joined[0]+joined[1])
			members, err := hub.Presence(t.Context(), "tea")
			require.NoError(t, err)
			require.Len(t, members, 100)
			assert.True(t, members[0].User == "user 00" && members[99].User == "user 99", "in the order of names")
		})
	})
	t.Run("a listener that panics is logged, and asked again", func(t *testing.T) {
		var log bytes.Buffer
		opts := &wsx.Options{Authenticate: asUser, Logger: slog.New(slog.NewTextHandler(&log, nil))}
		bubble(t, opts, func(t *testing.T, hub *wsx.Hub) {
			calls := 0
			hub.ConfigureRooms("tea", wsx.RoomOptions{OnPresence: func(_ context.Context, _ string, p wsx.PresenceDiff) []wsx.Fragment {
				if calls++; calls == 1 {
					panic("boom")
				}
				return []wsx.Fragment{{Target: "#people", HTML: template.HTML(names(p.Members))}}
			}})
			ann := enter(t, hub, "ann", "tea")
			assert.Empty(t, received(ann))
			bob := enter(t, hub, "bob", "tea")
			assert.Equal(t, []string{"ann,bob"}, received(bob))
			assert.Contains(t, log.String(), "boom")
		})
	})
	t.Run("the longest pattern counts, and a name before it", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			var heard []string
			for _, pattern := range []string{"*", "tea*", "tearoom*", "tearoom"} {
				hub.ConfigureRooms(pattern, wsx.RoomOptions{OnPresence: func(_ context.Context, room string, _ wsx.PresenceDiff) []wsx.Fragment {
					heard = append(heard, room+" by "+pattern)
					return nil
				}})
			}
			hub.ConfigureRooms("secret*", wsx.RoomOptions{})
			for _, room := range []string{"tearoom", "tearooms", "tea", "coffee", "secret tea"} {
				enter(t, hub, "ann", room)
				synctest.Wait()
			}
			assert.Equal(t, []string{"tearoom by tearoom", "tearooms by tearoom*", "tea by tea*", "coffee by *"}, heard)
		})
	})
	t.Run("Shutdown tells of nobody's leaving", watched(func(t *testing.T, hub *wsx.Hub, g *gossip) {
		enter(t, hub, "ann", "tea")
		g.told()
		require.NoError(t, hub.Shutdown(t.Context()))
		pass(time.Minute)
		assert.Empty(t, g.told())
		assert.Empty(t, present(t, hub, "tea"))
	}))
	t.Run("asking with what is no room, or too late, is an error", func(t *testing.T) {
		hub := newHub(t, nil)
		_, err := hub.Presence(t.Context(), "")
		assert.ErrorIs(t, err, wsx.ErrRoom)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = hub.Presence(ended, "tea")
		assert.ErrorIs(t, err, context.Canceled)
	})
	t.Run("patterns that cannot work panic", func(t *testing.T) {
		hub := newHub(t, nil)
		hub.ConfigureRooms("tea*", wsx.RoomOptions{})
		for _, pattern := range []string{"", "*tea", "t*a", "tea**", "tea*"} {
			assert.Panics(t, func() { hub.ConfigureRooms(pattern, wsx.RoomOptions{}) }, pattern)
		}
	})
}

// However users come, go and change their names at once, in the end all have been sent what is true.
func TestPresenceUnderConcurrency(t *testing.T) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		here := make(map[string]bool)
		hub.ConfigureRooms("tea", wsx.RoomOptions{OnPresence: func(_ context.Context, _ string, p wsx.PresenceDiff) []wsx.Fragment {
			for _, m := range p.Joined {
				assert.False(t, here[m.User], "%s comes twice", m.User)
				here[m.User] = true
			}
			for _, m := range p.Left {
				assert.True(t, here[m.User], "%s goes without having come", m.User)
				delete(here, m.User)
			}
			return nil
		}})
		var all sync.WaitGroup
		for i := range 20 {
			c := wsxtest.Open(t, hub, nil).Conn()
			all.Go(func() {
				for n := range 40 {
					c.SetUser(userName((i + n) % 4))
					assert.NoError(t, c.Join(t.Context(), "tea"))
					time.Sleep(time.Duration(n*i) * 20 * time.Millisecond)
					if (n+i)%3 == 0 {
						c.Leave("tea")
					}
				}
				if c.Leave("tea"); i == 0 {
					c.SetUser("ann")
					assert.NoError(t, c.Join(t.Context(), "tea"))
				}
			})
		}
		all.Wait()
		pass(time.Minute)
		assert.Equal(t, []string{"ann 1"}, present(t, hub, "tea"))
		assert.Equal(t, map[string]bool{"ann": true}, here)
	})
}
