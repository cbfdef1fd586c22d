package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestTicketErrors(t *testing.T) {
	t.Parallel()
	hub := newHub(t, &wsx.Options{MaxRooms: 3})
	many := make([]string, 128)
	for i := range many {
		many[i] = fmt.Sprintf("%d%s", i, strings.Repeat("r", 250))
	}
	for what, one := range map[string]struct {
		rooms []string
		want  error
	}{
		"no room":                         {nil, wsx.ErrRoom},
		"a room without a name":           {[]string{"tea", ""}, wsx.ErrRoom},
		"a name of 256 bytes":             {[]string{strings.Repeat("r", 256)}, wsx.ErrRoom},
		"a name with a line break":        {[]string{"a\nb"}, wsx.ErrRoom},
		"one room more than MaxRooms":     {[]string{"a", "b", "c", "d"}, wsx.ErrRoom},
		"as many as MaxRooms":             {[]string{"a", "b", "c"}, nil},
		"a room that remembers nothing":   {[]string{"plain"}, nil},
		"a room that was never spoken of": {[]string{"chat:42/ü日😀"}, nil},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			ticket, err := hub.Ticket(t.Context(), "alice", one.rooms...)
			assert.ErrorIs(t, err, one.want)
			assert.Equal(t, one.want == nil, ticket != "")
		})
	}
	t.Run("a context that has ended", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := hub.Ticket(ctx, "", "tea")
		assert.ErrorIs(t, err, context.Canceled)
	})
	t.Run("more than half of what a browser may send", func(t *testing.T) {
		t.Parallel()
		hub := newHub(t, nil)
		_, err := hub.Ticket(t.Context(), "", many...)
		assert.ErrorIs(t, err, wsx.ErrTooLarge)
		ticket, err := hub.Ticket(t.Context(), "", many[:80]...)
		assert.NoError(t, err)
		assert.LessOrEqual(t, len(ticket), 32<<10)
		_, err = newHub(t, &wsx.Options{MaxRooms: -1, MaxMessage: 1 << 20}).Ticket(t.Context(), "", many...)
		assert.NoError(t, err)
	})
}

// joins says whether a browser that is logged in as a user gets in with a ticket.
func joins(t *testing.T, hub *wsx.Hub, as, ticket string) bool {
	t.Helper()
	b := wsxtest.Open(t, hub, user(as))
	b.Write(fmt.Sprintf(`{"type":"join","gen":1,"tickets":[%q]}`, ticket))
	b.AskError("nobody", nil) // it has its turn after the join
	got := len(b.Conn().Rooms()) == 1
	b.Close()
	return got
}

func newTicketHub(t *testing.T, secrets ...string) *wsx.Hub {
	opts := &wsx.Options{Authenticate: asUser}
	for _, secret := range secrets {
		opts.Secrets = append(opts.Secrets, []byte(secret))
	}
	hub := newHub(t, opts)
	hub.ConfigureRooms("remembers*", wsx.RoomOptions{History: 10})
	return hub
}

func TestWhoATicketIsGoodFor(t *testing.T) {
	const older, newer = "the older secret of this program", "the newer secret of this program"
	inBubble(t, "a user's is no other user's", func(t *testing.T) {
		hub := newTicketHub(t)
		ticket := newTicket(t, hub, "alice", "tea")
		assert.True(t, joins(t, hub, "alice", ticket))
		assert.True(t, joins(t, hub, "alice", ticket), "for any number of joins")
		assert.False(t, joins(t, hub, "bob", ticket))
		assert.False(t, joins(t, hub, "Alice", ticket))
		assert.False(t, joins(t, hub, "", ticket))
	})
	inBubble(t, "nobody's is everybody's", func(t *testing.T) {
		hub := newTicketHub(t)
		ticket := newTicket(t, hub, "", "tea")
		assert.True(t, joins(t, hub, "alice", ticket))
		assert.True(t, joins(t, hub, "", ticket))
	})
	inBubble(t, "whom SetUser has logged in since is asked", func(t *testing.T) {
		hub := newTicketHub(t)
		hub.OnConnect(func(_ context.Context, c *wsx.Connection) error { c.SetUser("carol"); return nil })
		assert.True(t, joins(t, hub, "alice", newTicket(t, hub, "carol", "tea")))
		assert.False(t, joins(t, hub, "alice", newTicket(t, hub, "alice", "tea")))
	})
	inBubble(t, "for 12 hours", func(t *testing.T) {
		hub := newTicketHub(t)
		ticket := newTicket(t, hub, "", "tea")
		time.Sleep(12*time.Hour - 2*time.Second)
		assert.True(t, joins(t, hub, "", ticket))
		time.Sleep(3 * time.Second)
		assert.False(t, joins(t, hub, "", ticket))
	})
	inBubble(t, "on every node with the same Secrets, but no other", func(t *testing.T) {
		one, two, other := newTicketHub(t, older), newTicketHub(t, older), newTicketHub(t, newer)
		ticket := newTicket(t, one, "", "tea")
		assert.True(t, joins(t, two, "", ticket))
		assert.False(t, joins(t, other, "", ticket))
		assert.False(t, joins(t, newTicketHub(t), "", ticket), "without Secrets each process has its own")
	})
	inBubble(t, "as long as its key is among the Secrets", func(t *testing.T) {
		ticket := newTicket(t, newTicketHub(t, older), "", "tea")
		assert.True(t, joins(t, newTicketHub(t, newer, older), "", ticket))
		assert.False(t, joins(t, newTicketHub(t, newer), "", ticket))
		ticket = newTicket(t, newTicketHub(t, newer, older), "", "tea")
		assert.True(t, joins(t, newTicketHub(t, newer), "", ticket), "the first key is used")
	})
	inBubble(t, "fresh ones are good for another 12 hours, and for the same user", func(t *testing.T) {
		hub := newTicketHub(t)
		ticket := newTicket(t, hub, "alice", "remembers")
		for range 3 {
			time.Sleep(11 * time.Hour)
			c := dialAs(t, hub, "alice")
			c.send(hello)
			c.join(join{Gen: 1, Tickets: []string{ticket}})
			ticket = c.joined().tickets[0]
			require.NoError(t, c.ws.CloseNow())
		}
		assert.False(t, joins(t, hub, "bob", ticket))
	})
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	t.Run("an empty key cannot work", func(t *testing.T) {
		t.Parallel()
		for _, secrets := range [][][]byte{{{}}, {nil}, {[]byte("the secret of a test, 32 bytes.."), nil}} {
			assert.PanicsWithValue(t, "wsx: Options.Secrets: empty key", func() { wsx.New(&wsx.Options{Secrets: secrets}) })
		}
	})
	t.Run("a short one is logged, but not what it is", func(t *testing.T) {
		t.Parallel()
		var log bytes.Buffer
		wsx.New(&wsx.Options{Secrets: [][]byte{[]byte("hunter2")}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		assert.Contains(t, log.String(), "Options.Secrets is too short")
		assert.Contains(t, log.String(), "bytes=7")
		assert.NotContains(t, log.String(), "hunter2")
	})
	t.Run("a good one is not logged of", func(t *testing.T) {
		t.Parallel()
		var log bytes.Buffer
		wsx.New(&wsx.Options{Secrets: ticketSecrets, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		assert.Empty(t, log.String())
	})
	t.Run("they are copied", func(t *testing.T) {
		t.Parallel()
		secret := []byte("a secret that somebody overwrites")
		opts := &wsx.Options{Secrets: [][]byte{bytes.Clone(secret)}, Authenticate: asUser}
		one := newHub(t, opts)
		clear(opts.Secrets[0])
		opts.Secrets[0] = []byte("another secret for everybody else")
		assert.True(t, joins(t, newTicketHub(t, string(secret)), "", newTicket(t, one, "", "tea")))
	})
	t.Run("what is refused is logged for the program, without the ticket", func(t *testing.T) {
		t.Parallel()
		s := newRoomSite(t, wsx.Options{})
		ticket := newTicket(t, s.hub, "alice", "tea")
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{ticket}})
		c.reset()
		assert.Contains(t, s.log.String(), wsx.ErrTicket.Error())
		assert.NotContains(t, s.log.String(), ticket)
		assert.NotContains(t, s.log.String(), ticket[:20])
	})
}
