package acceptance

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
)

// joinStarts sends a join that asks where each ticket starts, and returns the answer.
func (s *socket) joinStarts(gen int, tickets ...string) (starts [][]string, sent map[string]string, f roomFrame) {
	s.t.Helper()
	text, err := json.Marshal(map[string]any{"type": "join", "gen": gen, "tickets": tickets, "starts": true})
	require.NoError(s.t, err)
	s.send(string(text))
	f = s.frame()
	var more struct {
		Starts [][]string
		Sent   map[string]string
	}
	require.NoError(s.t, json.Unmarshal([]byte(f.raw), &more))
	return more.Starts, more.Sent, f
}

// passes asserts that the next frame is the position of a room.
func (s *socket) passes(room, position string) {
	s.t.Helper()
	f := s.frame()
	require.JSONEq(s.t, `{"type":"pos","rooms":{"`+room+`":"`+position+`"}}`, f.raw)
}

func TestJoinStarts(t *testing.T) {
	t.Parallel()
	s := newRoomSite(t, wsx.Options{})
	t.Run("each ticket has its place in the replay", func(t *testing.T) {
		older := newTicket(t, s.hub, "", "twice")
		say(t, s.hub, "twice", "1")
		newer := newTicket(t, s.hub, "", "twice")
		say(t, s.hub, "twice", "2")
		c := s.dialPage(t)
		starts, sent, f := c.joinStarts(1, newer, older)
		require.Len(t, starts, 2)
		assert.Contains(t, string(f.Rooms), starts[1][0], "the room begins where the older one does")
		assert.Empty(t, sent)
		c.shows("1")
		c.passes("twice", starts[0][0])
		c.shows("2")
		c.nothingElse(s.hub)
	})
	t.Run("what was sent before has its place, too", func(t *testing.T) {
		ticket := newTicket(t, s.hub, "", "again")
		c := s.dialPage(t)
		starts, _, _ := c.joinStarts(1, ticket)
		assert.Nil(t, starts, "one ticket starts where the room does")
		say(t, s.hub, "again", "1")
		at := c.shows("1").Pos
		_, sent, _ := c.joinStarts(2, ticket)
		assert.Equal(t, map[string]string{"again": at}, sent)
		c.shows("1")
		c.passes("again", at)
		say(t, s.hub, "again", "2")
		c.shows("2")
		c.nothingElse(s.hub)
	})
	t.Run("who does not ask is not told", func(t *testing.T) {
		ticket := newTicket(t, s.hub, "", "silent")
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{ticket}})
		c.joined()
		say(t, s.hub, "silent", "1")
		c.shows("1")
		c.join(join{Gen: 2, Tickets: []string{ticket}})
		assert.NotContains(t, c.joined().raw, "sent")
		c.shows("1")
		c.nothingElse(s.hub)
	})
}

func TestHelloNamesAnUnusualMaxMessage(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{MaxMessage: 5000}, false)
	assert.Contains(t, s.dial(t).greeting, `"max":5000`)
}

func TestTooManyRoomsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	s := newRoomSite(t, wsx.Options{MaxRooms: 1})
	tickets := []string{newTicket(t, s.hub, "", "a"), newTicket(t, s.hub, "", "b"), newTicket(t, s.hub, "", "c")}
	for range 3 {
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: tickets})
		for _, room := range []string{"b", "c"} {
			assert.Contains(t, c.reset(), `"rooms":["`+room+`"]`)
		}
		c.joined()
	}
	assert.Equal(t, 1, strings.Count(s.log.String(), "Options.MaxRooms"), s.log.String())
	assert.Contains(t, s.log.String(), "rooms=3 MaxRooms=1")
	assert.Zero(t, s.hub.Stats().Resets, "a refetch would not help")
}
