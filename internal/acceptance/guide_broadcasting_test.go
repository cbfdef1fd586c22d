package acceptance

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// The code of docs/guide/broadcasting.md: each test runs one section of it.

// guide gives a test a hub and three people.
func guide(t *testing.T, do func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser)) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		do(t, hub, wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob")), wsxtest.Open(t, hub, user("cat")))
	})
}

func TestGuideToAllAndToOne(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		everybody := func(name string) error {
			return hub.Broadcast("#news", wsx.HTMLf("<li>%s has won!</li>", name), wsx.Append)
		}
		require.NoError(t, everybody("<Ann>"))
		for _, b := range []*wsxtest.Browser{ann, bob, cat} {
			assert.Equal(t, []string{"<li>&lt;Ann&gt; has won!</li>"}, received(b))
		}

		id := bob.Conn().ID()
		one := func() error {
			err := hub.SendToConnection(id, "#job", "Done.", wsx.Inner)
			if errors.Is(err, wsx.ErrNotConnected) {
				return nil // the page has been closed
			}
			return err
		}
		require.NoError(t, one())
		assert.Equal(t, []string{"Done."}, received(bob))
		assert.Empty(t, received(ann))
		bob.Conn().Close(nil)
		require.NoError(t, one())
	})
}

func TestGuideRooms(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		hub.On("enter", wsx.Typed(func(ctx context.Context, r *wsx.Request, in struct{ Room string }) (*wsx.Response, error) {
			return nil, r.Conn.Join(ctx, "chat/"+in.Room)
		}))
		hub.On("say", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Room, Text string }) (*wsx.Response, error) {
			if !slices.Contains(r.Conn.Rooms(), "chat/"+in.Room) {
				return nil, wsx.UserErrorf("You are not in that room.")
			}
			return nil, hub.Broadcast("#messages", wsx.HTMLf("<li>%s</li>", in.Text), wsx.Append, wsx.Room("chat/"+in.Room))
		}))
		ann.Ask("enter", map[string]string{"room": "tea"})
		bob.Ask("enter", map[string]string{"room": "tea"})
		ann.Ask("say", map[string]string{"room": "tea", "text": "hi"})
		assert.Equal(t, []string{"<li>hi</li>"}, received(bob))
		assert.Empty(t, received(cat))
		cat.AskError("say", map[string]string{"room": "tea", "text": "me too"})
	})
}

func TestGuideUsers(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		phone := wsxtest.Open(t, hub, user("ann"))
		private := func(from, to, text string) error {
			return hub.Broadcast("#inbox", wsx.HTMLf("<li>%s: %s</li>", from, text), wsx.Prepend, wsx.User(to, from))
		}
		require.NoError(t, private("bob", "ann", "psst"))
		for _, b := range []*wsxtest.Browser{ann, phone, bob} {
			assert.Equal(t, []string{"<li>bob: psst</li>"}, received(b), "in every tab of both")
		}
		assert.Empty(t, received(cat))
	})
}

func TestGuideAllButTheSender(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		hub.On("draw", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ X, Y int }) (*wsx.Response, error) {
			dot := wsx.HTMLf("<i data-x=%d data-y=%d></i>", in.X, in.Y)
			return nil, hub.Broadcast("#board", dot, wsx.Append, wsx.Except(r.Conn))
		}))
		ann.Ask("draw", map[string]int{"x": 1, "y": 2})
		assert.Empty(t, received(ann), "whose own page has drawn it already")
		assert.Len(t, received(bob), 1)
	})
}

func TestGuideRoles(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		ann.Conn().SetTag("role", "admin")
		bob.Conn().SetTag("role", "editor")
		admins := wsx.Tag("role", "admin")
		staff := wsx.Tag("role", "admin", "editor")
		toStaff := func() error { return hub.Broadcast("#log", "Backup is done.", wsx.Append, staff) }
		hub.On("ban", wsx.RequireTag("role", "admin")(func(context.Context, *wsx.Request) (*wsx.Response, error) {
			return nil, hub.Broadcast("#log", "A user was banned.", wsx.Append, admins)
		}))
		require.NoError(t, toStaff())
		ann.Ask("ban", nil)
		code, _ := bob.AskError("ban", nil)
		assert.Equal(t, "denied", code)
		assert.Equal(t, []string{"Backup is done.", "A user was banned."}, received(ann))
		assert.Equal(t, []string{"Backup is done."}, received(bob))
		assert.Empty(t, received(cat))
	})
}

func TestGuidePlaces(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		hub.On("here", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Lat, Lng float64 }) (*wsx.Response, error) {
			r.Conn.SetLocation(in.Lat, in.Lng)
			return nil, nil
		}))
		rain := func() error {
			return hub.Broadcast("#weather", "Take an umbrella.", wsx.Inner, wsx.Near(52.52, 13.405, 25))
		}
		ann.Ask("here", map[string]float64{"lat": 52.4, "lng": 13.07}) // Potsdam
		bob.Ask("here", map[string]float64{"lat": 52.39, "lng": 13.4}) // Berlin
		require.NoError(t, rain())
		assert.Equal(t, []string{"Take an umbrella."}, received(bob))
		assert.Empty(t, received(ann), "26 km away")
		assert.Empty(t, received(cat), "who has not said where")
	})
}

func TestGuideFilters(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		for _, b := range []*wsxtest.Browser{ann, bob, cat} {
			require.NoError(t, b.Conn().Join(t.Context(), "auction"))
		}
		muted := func(c *wsx.Connection) bool { return c.User() == "bob" }
		bid := func(bidder string) error {
			return hub.Broadcast("#bids", wsx.HTMLf("<li>%s</li>", bidder), wsx.Prepend,
				wsx.Room("auction"), wsx.Not(wsx.User(bidder)), wsx.Not(wsx.Where(muted)))
		}
		require.NoError(t, bid("ann"))
		assert.Empty(t, received(ann))
		assert.Empty(t, received(bob))
		assert.Len(t, received(cat), 1)

		reach := func() template.HTML {
			return wsx.HTMLf("%d pages in the auction, %d of ann", hub.Count(wsx.Room("auction")), hub.Count(wsx.User("ann")))
		}
		assert.Equal(t, template.HTML("3 pages in the auction, 1 of ann"), reach())
	})
}

func TestGuideEvents(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		sendCount := func() {
			_ = hub.Publish(context.Background(), wsx.Message{
				Key:       "count", // only the newest matters
				Fragments: []wsx.Fragment{{Target: "#online", HTML: wsx.HTMLf("%d", hub.Count())}},
			})
		}
		hub.OnConnect(func(context.Context, *wsx.Connection) error { sendCount(); return nil })
		hub.OnDisconnect(func(*wsx.Connection, error) { sendCount() })
		dan := wsxtest.Open(t, hub, user("dan"))
		assert.Equal(t, []string{"4"}, received(ann))
		dan.Close()
		assert.Equal(t, []string{"3"}, received(ann))
	})
}

func TestGuidePresence(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		hub.ConfigureRooms("chat/*", wsx.RoomOptions{OnPresence: func(_ context.Context, room string, p wsx.PresenceDiff) []wsx.Fragment {
			var list template.HTML
			for _, m := range p.Members {
				list += wsx.HTMLf("<li>%s</li>", m.User)
			}
			return []wsx.Fragment{{Target: "#people", HTML: list, Swap: wsx.MorphInner}}
		}})
		require.NoError(t, ann.Conn().Join(t.Context(), "chat/tea"))
		assert.Equal(t, []string{"<li>ann</li>"}, received(ann))
		require.NoError(t, bob.Conn().Join(t.Context(), "chat/tea"))
		assert.Equal(t, []string{"<li>ann</li><li>bob</li>"}, received(ann))
		bob.Conn().Leave("chat/tea")
		pass(5 * time.Second)
		assert.Equal(t, []string{"<li>ann</li>"}, received(ann))
		assert.Empty(t, received(cat))
	})
}

func TestGuideMaintenance(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		minute := time.Minute
		maintain := func() error {
			if err := hub.Broadcast("#notice", "Back in a minute: we are updating.", wsx.Inner); err != nil {
				return err
			}
			time.Sleep(minute)
			return hub.Disconnect(wsx.UserErrorf("We are updating. Please reload in a while."))
		}
		require.NoError(t, maintain())
		assert.Equal(t, []string{"Back in a minute: we are updating."}, received(ann))
		code, reason := bob.Closed()
		assert.Equal(t, "4403 We are updating. Please reload in a while.", fmt.Sprint(code, " ", reason))
		synctest.Wait()
		assert.Zero(t, hub.Count())
	})
}
