package acceptance

import (
	"fmt"
	"html/template"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// newHistoryHub returns a hub whose rooms keep history, except those that begin with "plain".
func newHistoryHub(t *testing.T, opts wsx.Options) *wsx.Hub {
	opts.Authenticate = asUser
	hub := newHub(t, &opts)
	configureRooms(hub)
	return hub
}

// comesBack connects a page of a user that joins with a ticket, reads the answer and lets the room flow.
func comesBack(t *testing.T, hub *wsx.Hub, name, page, ticket string) *socket {
	t.Helper()
	c := dialAs(t, hub, name)
	c.send(fmt.Sprintf(`{"type":"hello","v":1,"page":%q}`, page))
	c.join(join{Gen: 1, Tickets: []string{ticket}})
	c.joined()
	synctest.Wait()
	return c
}

func publish(t *testing.T, hub *wsx.Hub, m wsx.Message, html template.HTML, to ...wsx.Filter) {
	t.Helper()
	m.Fragments = []wsx.Fragment{{Target: "#list", HTML: html, Swap: wsx.Append}}
	require.NoError(t, hub.Publish(t.Context(), m, to...))
}

func TestFiltersAreAskedAgainAtReplay(t *testing.T) {
	inBubble(t, "Except: the page that is left out stays so on another connection", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		mine, other := comesBack(t, hub, "alice", "mine", ticket), comesBack(t, hub, "alice", "other", ticket)
		say(t, hub, "tea", "1", wsx.Except(mine.conn(hub), nil))
		say(t, hub, "tea", "2")
		mine.shows("2")
		other.shows("1", "2")
		require.NoError(t, mine.ws.CloseNow())
		comesBack(t, hub, "alice", "mine", ticket).shows("2")
		comesBack(t, hub, "alice", "reloaded", ticket).shows("1", "2")
	})
	inBubble(t, "User: who it is by then", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		say(t, hub, "tea", "for alice", wsx.User("alice"))
		say(t, hub, "tea", "not for alice", wsx.Not(wsx.User("alice")))
		comesBack(t, hub, "alice", "a", ticket).shows("for alice")
		c := comesBack(t, hub, "bob", "b", ticket)
		c.shows("not for alice")
		c.conn(hub).SetUser("alice")
		c.join(join{Gen: 2, Tickets: []string{ticket}})
		c.joined()
		c.shows("for alice")
		c.nothingElse(hub)
	})
	inBubble(t, "User: live too, when fewer connections are of the user than in the room", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		alice, bob := comesBack(t, hub, "alice", "a", ticket), comesBack(t, hub, "bob", "b", ticket)
		outside := dialAs(t, hub, "alice")
		outside.send(hello)
		say(t, hub, "tea", "for alice", wsx.User("alice"))
		say(t, hub, "tea", "for all")
		assert.NotEmpty(t, alice.shows("for alice", "for all").Pos)
		bob.shows("for all")
		outside.nothingElse(hub)
	})
	inBubble(t, "Tag and Near: where and what it is by then", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		c := comesBack(t, hub, "", "a", ticket)
		say(t, hub, "tea", "1", wsx.Tag("role", "admin"))
		say(t, hub, "tea", "2", wsx.Near(52.5, 13.4, 10))
		say(t, hub, "tea", "3", wsx.Not(wsx.Tag("role")))
		say(t, hub, "tea", "4", wsx.Not(wsx.Not(wsx.Tag("role"))), wsx.Near(52.5, 13.4, 10))
		c.shows("3")
		c.conn(hub).SetTag("role", "admin")
		c.conn(hub).SetLocation(52.51, 13.41)
		c.join(join{Gen: 2, Tickets: []string{ticket}})
		c.joined()
		c.shows("1", "2", "4")
		c.nothingElse(hub)
	})
	inBubble(t, "Not: the rooms that it is in by then", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		say(t, hub, "tea", "1", wsx.Not(wsx.Room("plain")))
		comesBack(t, hub, "", "a", ticket).shows("1")
		c := dialAs(t, hub, "")
		c.send(hello)
		require.NoError(t, c.conn(hub).Join(t.Context(), "plain"))
		c.join(join{Gen: 1, Tickets: []string{ticket}})
		c.joined()
		c.nothingElse(hub)
	})
}

func TestFiltersBesideARoomWithHistory(t *testing.T) {
	tea, where := wsx.Room("tea"), wsx.Where(func(*wsx.Connection) bool { return true })
	for what, one := range map[string]struct {
		filters []wsx.Filter
		good    bool
	}{
		"the room alone":                        {[]wsx.Filter{tea}, true},
		"Except":                                {[]wsx.Filter{tea, wsx.Except()}, true},
		"User":                                  {[]wsx.Filter{wsx.User("alice"), tea}, true},
		"Tag":                                   {[]wsx.Filter{tea, wsx.Tag("role")}, true},
		"Near":                                  {[]wsx.Filter{tea, wsx.Near(0, 0, 1)}, true},
		"Not of these":                          {[]wsx.Filter{tea, wsx.Not(wsx.User("bob")), wsx.Not(wsx.Tag("role"))}, true},
		"Not of a room":                         {[]wsx.Filter{tea, wsx.Not(wsx.Room("coffee"))}, true},
		"all of them":                           {[]wsx.Filter{wsx.Except(), tea, wsx.User("a"), wsx.Tag("b"), wsx.Near(0, 0, 1)}, true},
		"the zero Filter, which selects nobody": {[]wsx.Filter{tea, {}}, true},
		"Where":                                 {[]wsx.Filter{tea, where}, false},
		"Local":                                 {[]wsx.Filter{tea, wsx.Local()}, false},
		"Any":                                   {[]wsx.Filter{tea, wsx.Any(wsx.User("a"), wsx.User("b"))}, false},
		"Not of Where":                          {[]wsx.Filter{tea, wsx.Not(where)}, false},
		"Not of Any":                            {[]wsx.Filter{tea, wsx.Not(wsx.Any(wsx.User("a")))}, false},
		"a further room that remembers":         {[]wsx.Filter{tea, wsx.Room("coffee")}, false},
		"a further room that does not":          {[]wsx.Filter{wsx.Room("plain"), tea}, false},
		"the room twice":                        {[]wsx.Filter{tea, tea}, false},
		"two rooms in one filter":               {[]wsx.Filter{wsx.Room("tea", "plain")}, false},
		"the room within Any":                   {[]wsx.Filter{wsx.Any(tea)}, false},
		"the room within Any, beside another":   {[]wsx.Filter{wsx.Room("plain"), wsx.Any(wsx.User("a"), tea)}, false},
		"everybody but the room":                {[]wsx.Filter{wsx.Not(tea)}, true},
		"rooms that do not remember, with all":  {[]wsx.Filter{wsx.Room("plain", "plain2"), where, wsx.Local(), wsx.Any(where)}, true},
	} {
		inBubble(t, what, func(t *testing.T) {
			hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
			c := comesBack(t, hub, "", "a", newTicket(t, hub, "", "tea"))
			var batch wsx.Batch
			batch.Add("#list", "x", wsx.Append, one.filters...)
			for _, err := range []error{hub.Broadcast("#list", "x", wsx.Append, one.filters...), hub.Flush(&batch)} {
				if one.good {
					assert.NoError(t, err)
				} else {
					assert.ErrorIs(t, err, wsx.ErrFilter)
				}
			}
			if !one.good {
				message := wsx.Message{ID: "once", Fragments: []wsx.Fragment{{Target: "#list", HTML: "y"}}}
				assert.ErrorIs(t, hub.Publish(t.Context(), message, one.filters...), wsx.ErrFilter)
				require.NoError(t, hub.Publish(t.Context(), message, tea))
				c.shows("y") // nothing else was sent, and the id of a refused message may be used
				require.NoError(t, hub.Publish(t.Context(), message, tea))
				c.nothingElse(hub)
			}
		})
	}
}

func TestWhatARoomKeeps(t *testing.T) {
	inBubble(t, "nothing volatile", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		c := comesBack(t, hub, "", "a", ticket)
		publish(t, hub, wsx.Message{}, "1", wsx.Room("tea"))
		publish(t, hub, wsx.Message{Volatile: true}, "is typing", wsx.Room("tea"))
		publish(t, hub, wsx.Message{}, "2", wsx.Room("tea"))
		c.shows("1")
		assert.Empty(t, c.shows("is typing").Pos)
		c.shows("2")
		again := comesBack(t, hub, "", "b", ticket)
		again.shows("1", "2")
		again.nothingElse(hub)
	})
	inBubble(t, "nothing that was not for the room alone", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1, Authenticate: asUser})
		ticket := newTicket(t, hub, "", "tea")
		c := comesBack(t, hub, "alice", "a", ticket)
		publish(t, hub, wsx.Message{}, "to all")
		publish(t, hub, wsx.Message{}, "to a user", wsx.User("alice"))
		require.NoError(t, c.conn(hub).Send("#list", "to one", wsx.Append))
		assert.Empty(t, c.shows("to all", "to a user", "to one").Pos)
		comesBack(t, hub, "alice", "b", ticket).nothingElse(hub)
	})
	inBubble(t, "what was published once is remembered once", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		for range 3 {
			publish(t, hub, wsx.Message{ID: "row 1"}, "1", wsx.Room("tea"))
		}
		c := comesBack(t, hub, "", "a", ticket)
		c.shows("1")
		c.nothingElse(hub)
	})
	inBubble(t, "an update of several fragments in one frame, as it was", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		c := comesBack(t, hub, "", "a", ticket)
		fragments := []wsx.Fragment{{Target: "#a", HTML: "<b>1</b>"}, {Target: "#b", HTML: "2", Swap: wsx.Morph}}
		require.NoError(t, hub.Publish(t.Context(), wsx.Message{Fragments: fragments}, wsx.Room("tea")))
		live := c.next()
		assert.Contains(t, live, `"oob":[{`)
		fragments[0].HTML = "changed by its owner"
		assert.Equal(t, live, comesBack(t, hub, "", "b", ticket).next(), "to the byte")
	})
	inBubble(t, "positions that a filter passed over are told before the next ping", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: 20 * time.Second, PongTimeout: -1})
		ticket := newTicket(t, hub, "", "tea", "coffee")
		c := comesBack(t, hub, "alice", "a", ticket)
		say(t, hub, "tea", "1")
		at := c.shows("1").Pos
		for range 12 { // more than the room remembers
			say(t, hub, "tea", "not for you", wsx.Tag("role"))
		}
		passed := c.frame()
		assert.Equal(t, "pos", passed.Type)
		ping := c.frame()
		assert.Equal(t, "ping", ping.Type)
		assert.Equal(t, "ping", c.frame().Type, "once")

		var position string
		_, err := fmt.Sscanf(string(passed.Rooms), `{"tea":%q}`, &position)
		require.NoError(t, err)
		assert.NotEqual(t, at, position)
		say(t, hub, "tea", "2")
		again := dialAs(t, hub, "alice")
		again.send(hello)
		again.join(join{Gen: 1, Tickets: []string{ticket}, Pos: map[string]string{"tea": position}})
		again.joined()
		again.shows("2")
	})
}

func TestMessagesOfRoomsInOneFrame(t *testing.T) {
	flushed := func(t *testing.T, send func(hub *wsx.Hub, add func(wsx.Broadcaster))) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea", "coffee")
		c := comesBack(t, hub, "", "a", ticket)
		send(hub, func(b wsx.Broadcaster) {
			for _, one := range []struct {
				html template.HTML
				to   []wsx.Filter
			}{
				{"all 1", nil}, {"tea 1", []wsx.Filter{wsx.Room("tea")}}, {"coffee 1", []wsx.Filter{wsx.Room("coffee")}},
				{"tea 2", []wsx.Filter{wsx.Room("tea")}}, {"all 2", nil}, {"tea 3", []wsx.Filter{wsx.Room("tea")}},
			} {
				require.NoError(t, b.Broadcast("#list", one.html, wsx.Append, one.to...))
			}
		})
		frames := map[string][]string{} // by room
		for range 3 {
			f := c.frame()
			room, texts := f.Room, []string{f.HTML}
			if f.Type == "batch" {
				room, texts = f.Updates[0].Room, nil
				for _, u := range f.Updates {
					texts = append(texts, u.HTML)
					assert.Equal(t, f.Updates[0].Pos, u.Pos, "one message has one position")
				}
			}
			assert.Nil(t, frames[room], "one frame for each room")
			frames[room] = texts
		}
		assert.Equal(t, map[string][]string{
			"": {"all 1", "all 2"}, "tea": {"tea 1", "tea 2", "tea 3"}, "coffee": {"coffee 1"},
		}, frames)
		c.nothingElse(hub)

		again := comesBack(t, hub, "", "b", ticket)
		replayed := 0
		for range 2 {
			f := again.frame()
			replayed += max(len(f.Updates), 1)
		}
		assert.Equal(t, 4, replayed)
		again.nothingElse(hub)
	}
	inBubble(t, "Flush", func(t *testing.T) {
		flushed(t, func(hub *wsx.Hub, add func(wsx.Broadcaster)) {
			var b wsx.Batch
			add(adder{&b})
			require.NoError(t, hub.Flush(&b))
		})
	})
	inBubble(t, "a Batcher", func(t *testing.T) {
		flushed(t, func(hub *wsx.Hub, add func(wsx.Broadcaster)) {
			b := wsx.NewBatcher(hub, wsx.BatcherOptions{Window: time.Second})
			add(b)
			require.NoError(t, b.Close(t.Context()))
		})
	})
	inBubble(t, "a RateLimiter keeps their positions too", func(t *testing.T) {
		hub := newHistoryHub(t, wsx.Options{PingInterval: -1})
		ticket := newTicket(t, hub, "", "tea")
		limited := wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{PerSecond: 10, Burst: 1, Queue: 10})
		for n := range 5 {
			require.NoError(t, limited.Broadcast("#list", wsx.Text(fmt.Sprint(n)), wsx.Append, wsx.Room("tea")))
		}
		require.NoError(t, limited.Close(t.Context()))
		c := comesBack(t, hub, "", "a", ticket)
		assert.NotEmpty(t, c.shows("0", "1", "2", "3", "4").Pos)
	})
}

// An adder is a batch that is broadcast to.
type adder struct{ batch *wsx.Batch }

func (a adder) Broadcast(target string, html template.HTML, swap wsx.Swap, to ...wsx.Filter) error {
	a.batch.Add(target, html, swap, to...)
	return nil
}
