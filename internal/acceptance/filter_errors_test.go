package acceptance

import (
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

func TestFiltersThatCannotBeAnswered(t *testing.T) {
	long := strings.Repeat("r", 255)
	for what, one := range map[string]struct {
		filter wsx.Filter
		want   error
	}{
		"a latitude that is no number":       {wsx.Near(math.NaN(), 0, 1), wsx.ErrFilter},
		"a longitude that is no number":      {wsx.Near(0, math.NaN(), 1), wsx.ErrFilter},
		"a distance that is no number":       {wsx.Near(0, 0, math.NaN()), wsx.ErrFilter},
		"an infinite distance":               {wsx.Near(0, 0, math.Inf(1)), wsx.ErrFilter},
		"a negative distance":                {wsx.Near(0, 0, -1), wsx.ErrFilter},
		"a latitude beyond the pole":         {wsx.Near(90.1, 0, 1), wsx.ErrFilter},
		"a longitude beyond the meridian":    {wsx.Near(0, -180.1, 1), wsx.ErrFilter},
		"an infinite longitude":              {wsx.Near(0, math.Inf(-1), 1), wsx.ErrFilter},
		"a room without a name":              {wsx.Room(""), wsx.ErrRoom},
		"a room without a name among others": {wsx.Room("tea", ""), wsx.ErrRoom},
		"a room's name of 256 bytes":         {wsx.Room(long + "r"), wsx.ErrRoom},
		"a room's name with a line break":    {wsx.Room("a\nb"), wsx.ErrRoom},
		"a room's name with a zero":          {wsx.Room("a\x00"), wsx.ErrRoom},
		"a room's name of broken UTF-8":      {wsx.Room("a\xff"), wsx.ErrRoom},
		"a room's name that turns the text":  {wsx.Room("a\u202e"), wsx.ErrRoom},
	} {
		for where, filters := range map[string][]wsx.Filter{
			"":                    {one.filter},
			", beside another":    {wsx.User("alice"), one.filter},
			", behind an empty":   {wsx.User(), one.filter},
			", inside Not":        {wsx.Not(one.filter)},
			", inside Any":        {wsx.Any(wsx.User("alice"), one.filter)},
			", inside Not in Any": {wsx.Any(wsx.Not(wsx.Any(one.filter)))},
		} {
			inBubble(t, what+where, func(t *testing.T) {
				c := newCrowd(t, "alice")
				assert.ErrorIs(t, c.hub.Broadcast("#a", "x", wsx.Inner, filters...), one.want)
				message := wsx.Message{ID: "once", Fragments: []wsx.Fragment{{Target: "#a", HTML: "x"}}}
				assert.ErrorIs(t, c.hub.Publish(t.Context(), message, filters...), one.want)
				assert.ErrorIs(t, c.hub.Disconnect(nil, filters...), one.want)
				assert.Empty(t, c.hub.GetConnections(filters...))
				assert.Zero(t, c.hub.Count(filters...))
				synctest.Wait()
				assert.Empty(t, c.browsers["alice"].Pushed(), "nothing was sent")
				assert.Equal(t, 1, c.hub.Count(), "nobody was disconnected")
				require.NoError(t, c.hub.Publish(t.Context(), message))
				assert.NotEmpty(t, c.browsers["alice"].Next(), "the id of a refused message may be used")
			})
		}
	}
	inBubble(t, "the longest name is a name, and so is one that is not English", func(t *testing.T) {
		c := newCrowd(t, "alice", "bob")
		c.join("alice", long, "chat:42/ü日😀 #?*")
		c.selects("alice", wsx.Room(long))
		c.selects("alice", wsx.Room("chat:42/ü日😀 #?*"))
	})
}

func TestJoinRefusesNames(t *testing.T) {
	for what, name := range map[string]string{
		"empty": "", "too long": strings.Repeat("r", 256), "a tab": "a\tb", "broken UTF-8": "\xc3", "a no-break space": "a\u00a0b",
	} {
		inBubble(t, what, func(t *testing.T) {
			c := newCrowd(t, "alice")
			assert.ErrorIs(t, c.conn("alice").Join(t.Context(), name), wsx.ErrRoom)
			assert.Empty(t, c.conn("alice").Rooms())
			assert.Zero(t, c.hub.Stats().Rooms)
		})
	}
}

// TestFiltersAreValues: a filter is kept and used again, so nothing that the caller does afterwards may change it.
func TestFiltersAreValues(t *testing.T) {
	inBubble(t, "the caller's slices may change", func(t *testing.T) {
		c := newParty(t)
		rooms, users, values := []string{"tea"}, []string{"carol"}, []string{"admin"}
		connections, filters := []*wsx.Connection{c.conn("alice")}, []wsx.Filter{wsx.User("alice")}
		room, who, tag, except, some := wsx.Room(rooms...), wsx.User(users...), wsx.Tag("role", values...), wsx.Except(connections...), wsx.Any(filters...)
		rooms[0], users[0], values[0], connections[0], filters[0] = "coffee", "bob", "guest", c.conn("bob"), wsx.Local()
		c.selects("alice bob", room)
		c.selects("carol", who)
		c.selects("alice", tag)
		c.selects("bob carol nobody", except)
		c.selects("alice", some)
	})
	inBubble(t, "it is asked anew each time", func(t *testing.T) {
		c := newCrowd(t, "alice", "bob")
		room := wsx.Room("tea")
		c.selects("", room)
		c.join("alice", "tea")
		c.selects("alice", room)
		c.conn("alice").Leave("tea")
		c.join("bob", "tea")
		c.selects("bob", room)
	})
}
