package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

var ticketSecrets = [][]byte{[]byte("the secret of a test, 32 bytes..")}

// newRoomSite returns an echo site whose rooms keep ten messages, except those that begin with "plain".
func newRoomSite(t *testing.T, opts wsx.Options) *site {
	if opts.PingInterval == 0 {
		opts.PingInterval = -1 // on a slow machine a ping would come between
	}
	s := newSite(t, opts, false)
	configureRooms(s.hub)
	s.hub.On("echo", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.ReplyTo("#echo", "echo", wsx.Inner), nil
	})
	return s
}

func configureRooms(hub *wsx.Hub) {
	hub.ConfigureRooms("*", wsx.RoomOptions{History: 10})
	hub.ConfigureRooms("plain*", wsx.RoomOptions{})
}

func say(t testing.TB, hub *wsx.Hub, room string, html template.HTML, filters ...wsx.Filter) {
	t.Helper()
	require.NoError(t, hub.Broadcast("#list", html, wsx.Append, append(filters, wsx.Room(room))...))
}

func newTicket(t testing.TB, hub *wsx.Hub, user string, rooms ...string) string {
	t.Helper()
	ticket, err := hub.Ticket(t.Context(), user, rooms...)
	require.NoError(t, err)
	return ticket
}

// A join is what a browser says of the rooms of its page.
type join struct {
	Type    string            `json:"type"`
	Gen     int               `json:"gen"`
	Tickets []string          `json:"tickets"`
	Pos     map[string]string `json:"pos,omitempty"`
	T       string            `json:"t,omitempty"`
}

func (s *socket) join(j join) {
	s.t.Helper()
	j.Type = "join"
	text, err := json.Marshal(j)
	require.NoError(s.t, err)
	s.send(string(text))
}

// A roomFrame is what a frame says about rooms.
type roomFrame struct {
	raw string

	Type, ID, HTML, Room, Pos, T string
	Gen                          int
	Rooms                        json.RawMessage
	Tickets                      json.RawMessage
	Each                         [][]string
	Server                       bool
	Ticket                       *int
	After                        int
	Updates                      []struct{ HTML, Room, Pos string }
}

// frame returns the next frame.
func (s *socket) frame() (f roomFrame) {
	s.t.Helper()
	f.raw = s.next()
	require.NoError(s.t, json.Unmarshal([]byte(f.raw), &f))
	return f
}

// A joinedFrame says which rooms were joined.
type joinedFrame struct {
	roomFrame
	positions map[string]string
	tickets   []string
}

// joined returns the next frame, which must be of that type.
func (s *socket) joined() (f joinedFrame) {
	s.t.Helper()
	f.roomFrame = s.frame()
	require.Equal(s.t, "joined", f.Type, f.raw)
	require.NoError(s.t, json.Unmarshal(f.Rooms, &f.positions))
	require.NoError(s.t, json.Unmarshal(f.Tickets, &f.tickets))
	return f
}

// reset returns the next frame, which must be of that type, without its random part.
func (s *socket) reset() string {
	s.t.Helper()
	f := s.frame()
	require.Equal(s.t, "reset", f.Type, f.raw)
	require.GreaterOrEqual(s.t, f.After, 0)
	require.Less(s.t, f.After, 30_000)
	return strings.Replace(f.raw, fmt.Sprintf(`"after":%d`, f.After), `"after":ms`, 1)
}

// shows asserts that the next frames show these texts.
func (s *socket) shows(texts ...string) (last roomFrame) {
	s.t.Helper()
	for _, text := range texts {
		last = s.frame()
		require.Equal(s.t, text, last.HTML, last.raw)
	}
	return last
}

// nothingElse asserts that nothing is on its way to the browser.
func (s *socket) nothingElse(hub *wsx.Hub) {
	s.t.Helper()
	require.NoError(s.t, hub.SendToConnection(s.id, "#end", "end", wsx.Inner))
	s.shows("end")
}

// dialPage connects as a page that says hello.
func (s *site) dialPage(t *testing.T) *socket {
	t.Helper()
	c := s.dial(t)
	c.send(hello)
	return c
}

func TestJoinByTicket(t *testing.T) {
	t.Parallel()
	s := newRoomSite(t, wsx.Options{})
	t.Run("what was said since the ticket follows the answer, then what is said now", func(t *testing.T) {
		say(t, s.hub, "since", "too old")
		ticket := newTicket(t, s.hub, "", "since")
		say(t, s.hub, "since", "1")
		say(t, s.hub, "since", "2")
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{ticket}})
		got := c.joined()
		assert.Equal(t, fmt.Sprintf(`{"type":"joined","gen":1,"rooms":{"since":%q},"tickets":[%q],"each":[["since"]]}`,
			got.positions["since"], got.tickets[0]), got.raw)
		for _, text := range []string{"1", "2"} {
			f := c.shows(text)
			assert.Equal(t, fmt.Sprintf(`{"id":%q,"target":"#list","html":%q,"swap":"beforeend","room":"since","pos":%q}`, f.ID, text, f.Pos), f.raw)
		}
		say(t, s.hub, "since", "3")
		c.shows("3")
		c.nothingElse(s.hub)
		assert.Equal(t, []string{"since"}, c.conn(s.hub).Rooms())
	})
	t.Run("a page that comes back with its last position is sent what it missed", func(t *testing.T) {
		first := s.dialPage(t)
		first.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "resume")}})
		ticket := first.joined().tickets[0]
		say(t, s.hub, "resume", "1")
		at := first.shows("1").Pos
		say(t, s.hub, "resume", "2")
		say(t, s.hub, "resume", "3")

		again := s.dialPage(t)
		again.join(join{Gen: 1, Tickets: []string{ticket}, Pos: map[string]string{"resume": at}})
		assert.Equal(t, at, again.joined().positions["resume"])
		again.shows("2", "3")
		again.nothingElse(s.hub)
	})
	t.Run("a region that comes just before the connection is lost is sent what its ticket does not have, though another one has", func(t *testing.T) {
		first := s.dialPage(t)
		first.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "late")}})
		fresh := first.joined().tickets[0]
		say(t, s.hub, "late", "1")
		region := newTicket(t, s.hub, "", "late")
		say(t, s.hub, "late", "2")
		first.shows("1")
		at := first.shows("2").Pos

		again := s.dialPage(t)
		again.join(join{Gen: 2, Tickets: []string{fresh, region}, Pos: map[string]string{"late": at}})
		again.joined()
		again.shows("2")
		again.nothingElse(s.hub)
	})
	t.Run("the fresh ticket begins where the connection did", func(t *testing.T) {
		first := s.dialPage(t)
		first.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "fresh")}})
		ticket := first.joined().tickets[0]
		say(t, s.hub, "fresh", "1")
		again := s.dialPage(t)
		again.join(join{Gen: 1, Tickets: []string{ticket}})
		again.joined()
		again.shows("1")
	})
	t.Run("several rooms in one join, each in its order", func(t *testing.T) {
		both, one := newTicket(t, s.hub, "", "a", "plain b"), newTicket(t, s.hub, "", "c")
		say(t, s.hub, "c", "c1")
		say(t, s.hub, "a", "a1")
		say(t, s.hub, "plain b", "nobody hears this")
		say(t, s.hub, "a", "a2")
		c := s.dialPage(t)
		c.join(join{Gen: 7, Tickets: []string{both, one}})
		got := c.joined()
		assert.Equal(t, 7, got.Gen)
		assert.Equal(t, [][]string{{"a", "plain b"}, {"c"}}, got.Each)
		assert.Len(t, got.positions, 3)
		texts := map[string]string{}
		for range 3 {
			f := c.frame()
			texts[f.Room] += " " + f.HTML
		}
		assert.Equal(t, map[string]string{"a": " a1 a2", "c": " c1"}, texts)
		say(t, s.hub, "plain b", "b1")
		assert.Empty(t, c.shows("b1").Pos, "a room that forgets has no positions")
		assert.Equal(t, []string{"a", "plain b", "c"}, c.conn(s.hub).Rooms())
	})
	t.Run("a room of two tickets begins where the older one does", func(t *testing.T) {
		older := newTicket(t, s.hub, "", "twice")
		say(t, s.hub, "twice", "1")
		newer := newTicket(t, s.hub, "", "twice")
		say(t, s.hub, "twice", "2")
		for _, tickets := range [][]string{{newer, older}, {older, newer}} {
			c := s.dialPage(t)
			c.join(join{Gen: 1, Tickets: tickets})
			assert.Equal(t, [][]string{{"twice"}, {"twice"}}, c.joined().Each)
			c.shows("1", "2")
			c.nothingElse(s.hub)
		}
	})
	t.Run("a join of no tickets is answered", func(t *testing.T) {
		c := s.dialPage(t)
		c.join(join{Gen: 3, Tickets: []string{}})
		assert.Equal(t, `{"type":"joined","gen":3,"rooms":{},"tickets":[],"each":[]}`, c.next())
	})
	t.Run("a room that is joined already begins again", func(t *testing.T) {
		ticket := newTicket(t, s.hub, "", "again")
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{ticket}})
		c.joined()
		say(t, s.hub, "again", "1")
		say(t, s.hub, "again", "2")
		at := c.shows("1").Pos
		c.shows("2")
		c.join(join{Gen: 2, Tickets: []string{ticket}, Pos: map[string]string{"again": at}})
		assert.Equal(t, 2, c.joined().Gen)
		c.shows("2")
		say(t, s.hub, "again", "3")
		c.shows("3")
		c.nothingElse(s.hub)
		assert.Equal(t, []string{"again"}, c.conn(s.hub).Rooms())
		assert.Equal(t, 1, s.hub.Count(wsx.Room("again")))
	})
	t.Run("one room more does not begin the others again", func(t *testing.T) {
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "old")}})
		c.joined()
		say(t, s.hub, "old", "1")
		c.shows("1")
		ticket := newTicket(t, s.hub, "", "new")
		say(t, s.hub, "new", "2")
		c.join(join{Gen: 2, Tickets: []string{ticket}})
		assert.Len(t, c.joined().positions, 1)
		c.shows("2")
		say(t, s.hub, "old", "3")
		c.shows("3")
		c.nothingElse(s.hub)
	})
}

func TestJoinThatCannotBeComplete(t *testing.T) {
	t.Parallel()
	s := newRoomSite(t, wsx.Options{Secrets: ticketSecrets})
	forged := strings.Repeat("A", 120)
	t.Run("a refused ticket beside a good one", func(t *testing.T) {
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{forged, newTicket(t, s.hub, "", "good")}})
		assert.Equal(t, `{"type":"reset","gen":1,"ticket":0,"after":ms}`, c.reset())
		got := c.joined()
		assert.Equal(t, [][]string{{}, {"good"}}, got.Each)
		assert.Empty(t, got.tickets[0])
		assert.NotEmpty(t, got.tickets[1])
		say(t, s.hub, "good", "1")
		c.shows("1")
	})
	t.Run("nothing but refused tickets", func(t *testing.T) {
		before := s.hub.Stats().Resets
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{forged, ""}})
		assert.Equal(t, `{"type":"reset","gen":1,"ticket":0,"after":ms}`, c.reset())
		assert.Equal(t, `{"type":"reset","gen":1,"ticket":1,"after":ms}`, c.reset())
		c.nothingElse(s.hub)
		assert.Empty(t, c.conn(s.hub).Rooms())
		assert.Equal(t, before+2, s.hub.Stats().Resets)
	})
	t.Run("a ticket from before the program was started again", func(t *testing.T) {
		before := newRoomSite(t, wsx.Options{Secrets: ticketSecrets})
		ticket := newTicket(t, before.hub, "", "restarted", "plain")
		c := s.dialPage(t)
		c.join(join{Gen: 4, Tickets: []string{newTicket(t, s.hub, "", "other"), ticket}})
		assert.Equal(t, `{"type":"reset","gen":4,"rooms":["restarted"],"tickets":[1],"after":ms}`, c.reset())
		got := c.joined()
		assert.Len(t, got.positions, 2, "a room that forgets needs no position")
		assert.Equal(t, [][]string{{"other"}, {"restarted", "plain"}}, got.Each)
		say(t, s.hub, "restarted", "nobody hears this")
		say(t, s.hub, "other", "1")
		c.shows("1")
	})
	t.Run("a position that the room remembers nothing of", func(t *testing.T) {
		first := s.dialPage(t)
		first.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "long ago")}})
		ticket := first.joined().tickets[0]
		say(t, s.hub, "long ago", "0")
		at := first.shows("0").Pos
		for n := range 10 {
			say(t, s.hub, "long ago", template.HTML(fmt.Sprint(n)))
		}
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{ticket}, Pos: map[string]string{"long ago": at}})
		assert.Equal(t, at, c.joined().positions["long ago"], "all ten are there")
		c.shows("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
		say(t, s.hub, "long ago", "10")
		c = s.dialPage(t)
		c.join(join{Gen: 2, Tickets: []string{ticket}, Pos: map[string]string{"long ago": at}})
		assert.Regexp(t, `^{"type":"reset","gen":2,"rooms":\["long ago"\],"tickets":\[0\],"fresh":\["[\w-]+"\],"after":ms}$`, c.reset())
		c.nothingElse(s.hub)
		c.join(join{Gen: 3, Tickets: []string{newTicket(t, s.hub, "", "long ago")}})
		c.joined()
		say(t, s.hub, "long ago", "11")
		c.shows("11")
	})
	t.Run("positions that are none of ours say nothing, and the ticket's counts", func(t *testing.T) {
		ticket := newTicket(t, s.hub, "", "odd")
		say(t, s.hub, "odd", "1")
		first := s.dialPage(t)
		first.join(join{Gen: 1, Tickets: []string{ticket}})
		epoch, _, _ := strings.Cut(first.joined().positions["odd"], ".")
		for _, odd := range []string{"", "x", epoch, epoch + ".", epoch + ".zzzzzzzzz", epoch + ".-1", "other.1", strings.Repeat("p", 64)} {
			c := s.dialPage(t)
			c.join(join{Gen: 1, Tickets: []string{ticket}, Pos: map[string]string{"odd": odd}})
			c.joined()
			c.shows("1")
		}
	})
	t.Run("a position is no right to what was before the ticket", func(t *testing.T) {
		say(t, s.hub, "before", "secret")
		first := s.dialPage(t)
		first.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "before")}})
		epoch, _, _ := strings.Cut(first.joined().positions["before"], ".")
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "before")}, Pos: map[string]string{"before": epoch + ".0"}, T: epoch + ".0"})
		c.joined()
		c.nothingElse(s.hub)
	})
	t.Run("a room that is joined already and broken off stays silent until the next join", func(t *testing.T) {
		ticket := newTicket(t, s.hub, "", "broken")
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{ticket}})
		c.joined()
		for range 11 {
			say(t, s.hub, "broken", "x")
			c.shows("x")
		}
		c.join(join{Gen: 2, Tickets: []string{ticket}})
		assert.Equal(t, `{"type":"reset","gen":2,"rooms":["broken"],"tickets":[0],"after":ms}`, c.reset())
		say(t, s.hub, "broken", "y")
		c.nothingElse(s.hub)
		fresh := newTicket(t, s.hub, "", "broken")
		c.join(join{Gen: 3, Tickets: []string{fresh}})
		c.joined()
		say(t, s.hub, "broken", "z")
		c.shows("z")
	})
	t.Run("one room more than Options.MaxRooms", func(t *testing.T) {
		small := newRoomSite(t, wsx.Options{MaxRooms: 1})
		c := small.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, small.hub, "", "a"), newTicket(t, small.hub, "", "b")}})
		assert.Equal(t, `{"type":"reset","gen":1,"rooms":["b"],"tickets":[1],"after":ms,"limit":1}`, c.reset())
		assert.Len(t, c.joined().positions, 1)
		assert.Equal(t, []string{"a"}, c.conn(small.hub).Rooms())
	})
}
