package acceptance

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// A crowd is the connections of one hub, each logged in under its name; "nobody" is anonymous.
type crowd struct {
	t        *testing.T
	hub      *wsx.Hub
	browsers map[string]*wsxtest.Browser
}

func newCrowd(t *testing.T, names ...string) crowd {
	c := crowd{t, newHub(t, &wsx.Options{Authenticate: asUser}), make(map[string]*wsxtest.Browser)}
	for _, name := range names {
		who := name
		if name == "nobody" {
			who = ""
		}
		c.browsers[name] = wsxtest.Open(t, c.hub, user(who))
	}
	return c
}

func (c crowd) conn(name string) *wsx.Connection { return c.browsers[name].Conn() }

func (c crowd) join(name string, rooms ...string) {
	for _, room := range rooms {
		require.NoError(c.t, c.conn(name).Join(c.t.Context(), room))
	}
}

// nameOf returns the names of connections, sorted; one that comes twice is there twice.
func (c crowd) nameOf(connections []*wsx.Connection) string {
	var names []string
	for _, conn := range connections {
		for name := range c.browsers {
			if c.conn(name) == conn {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// selects asserts that filters select those of the names, sorted, by everything that takes filters: looking, counting and
// sending.
func (c crowd) selects(want string, filters ...wsx.Filter) {
	c.t.Helper()
	assert.Equal(c.t, want, c.nameOf(c.hub.GetConnections(filters...)), "GetConnections")
	assert.Equal(c.t, want, c.nameOf(slices.Collect(c.hub.Connections(filters...))), "Connections")
	assert.Equal(c.t, len(strings.Fields(want)), c.hub.Count(filters...), "Count")
	assert.Equal(c.t, want, c.reached(filters...), "Broadcast")
}

// reached broadcasts and returns who got it, once for each copy.
func (c crowd) reached(filters ...wsx.Filter) string {
	c.t.Helper()
	for _, b := range c.browsers {
		b.Pushed()
	}
	require.NoError(c.t, c.hub.Broadcast("#a", "x", wsx.Inner, filters...))
	synctest.Wait()
	var names []string
	for name, b := range c.browsers {
		for range b.Pushed() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// newParty returns a crowd in which no two connections are the same to all filters.
func newParty(t *testing.T) crowd {
	c := newCrowd(t, "alice", "bob", "carol", "nobody")
	c.join("alice", "tea")
	c.join("bob", "tea", "coffee")
	c.join("carol", "coffee")
	c.conn("alice").SetTag("role", "admin")
	c.conn("bob").SetTag("role", "guest")
	c.conn("nobody").SetTag("lang", "de")
	c.conn("alice").SetLocation(52.5200, 13.4050)  // Berlin
	c.conn("bob").SetLocation(-17.8, 179.9)        // Fiji, west of the antimeridian
	c.conn("carol").SetLocation(-17.8, -179.9)     // Fiji, east of it
	c.conn("nobody").SetLocation(89.99, -120.1234) // nearly at the North Pole
	return c
}

func TestFilters(t *testing.T) {
	const everybody = "alice bob carol nobody"
	odd := func(c *wsx.Connection) bool { return c.User() == "alice" || c.User() == "carol" }
	for _, one := range []struct {
		what   string
		want   string
		filter func(c crowd) []wsx.Filter
	}{
		{"no filter is everybody", everybody, with()},
		{"Room", "alice bob", with(wsx.Room("tea"))},
		{"Room of a name that nobody joined", "", with(wsx.Room("milk"))},
		{"Room compares names as they are", "", with(wsx.Room("Tea"))},
		{"Room of several is in one of them, once", "alice bob carol", with(wsx.Room("tea", "coffee"))},
		{"Room of one name twice", "alice bob", with(wsx.Room("tea", "tea"))},
		{"Room beside Room is in both", "bob", with(wsx.Room("tea"), wsx.Room("coffee"))},
		{"User", "alice", with(wsx.User("alice"))},
		{"User of several", "alice bob", with(wsx.User("alice", "bob", "zoe"))},
		{"User leaves out the empty id", "alice", with(wsx.User("", "alice"))},
		{"User and a Room that they are not in", "", with(wsx.User("alice"), wsx.Room("coffee"))},
		{"Except", "alice carol nobody", func(c crowd) []wsx.Filter { return []wsx.Filter{wsx.Except(c.conn("bob"))} }},
		{"Except of several", "carol nobody", func(c crowd) []wsx.Filter { return []wsx.Filter{wsx.Except(c.conn("bob"), nil, c.conn("alice"))} }},
		{"Except nil", everybody, with(wsx.Except(nil))},
		{"Except of nothing", everybody, with(wsx.Except())},
		{"Room and Except", "alice", func(c crowd) []wsx.Filter { return []wsx.Filter{wsx.Room("tea"), wsx.Except(c.conn("bob"))} }},
		{"Except and Room", "alice", func(c crowd) []wsx.Filter { return []wsx.Filter{wsx.Except(c.conn("bob")), wsx.Room("tea")} }},
		{"Not Except", "bob", func(c crowd) []wsx.Filter { return []wsx.Filter{wsx.Not(wsx.Except(c.conn("bob")))} }},
		{"Tag with a value", "alice", with(wsx.Tag("role", "admin"))},
		{"Tag with several values", "alice bob", with(wsx.Tag("role", "admin", "guest", "king"))},
		{"Tag without a value", "alice bob", with(wsx.Tag("role"))},
		{"Tag with a value of another", "", with(wsx.Tag("lang", "admin"))},
		{"Tag that nobody has", "", with(wsx.Tag("shoe"))},
		{"Local", everybody, with(wsx.Local())},
		{"Not Local", "", with(wsx.Not(wsx.Local()))},
		{"Where", "alice carol", with(wsx.Where(odd))},
		{"Not Where", "bob nobody", with(wsx.Not(wsx.Where(odd)))},
		{"Where beside Where", "carol", with(wsx.Where(odd), wsx.Where(func(c *wsx.Connection) bool { return c.User() > "b" }))},
		{"Room beside Where", "alice", with(wsx.Room("tea"), wsx.Where(odd))},
		{"Any", "alice carol", with(wsx.Any(wsx.User("alice"), wsx.User("carol")))},
		{"Any of two kinds of index", "alice bob carol", with(wsx.Any(wsx.Room("tea"), wsx.User("carol", "bob")))},
		{"Any of an index and none", "alice bob nobody", with(wsx.Any(wsx.Room("tea"), wsx.Tag("lang")))},
		{"Any of an index and Where", "alice bob carol", with(wsx.Any(wsx.Room("tea"), wsx.Where(odd)))},
		{"Any skips what names nothing", "alice", with(wsx.Any(wsx.Room(), wsx.User("alice"), wsx.Filter{}))},
		{"Any in Any", "alice carol nobody", with(wsx.Any(wsx.Any(wsx.User("alice"), wsx.Tag("lang")), wsx.Any(wsx.User("carol"))))},
		{"Any beside Any", "bob", with(wsx.Any(wsx.User("alice", "bob")), wsx.Any(wsx.Room("coffee")))},
		{"Not Any", "nobody", with(wsx.Not(wsx.Any(wsx.Room("tea"), wsx.User("carol"))))},
		{"Not Any of Not", "bob", with(wsx.Not(wsx.Any(wsx.Not(wsx.Room("tea")), wsx.Not(wsx.Room("coffee")))))},
		{"Not Room", "carol nobody", with(wsx.Not(wsx.Room("tea")))},
		{"Not Not Room", "alice bob", with(wsx.Not(wsx.Not(wsx.Room("tea"))))},
		{"Not Where in Any in Not", "alice", with(wsx.Not(wsx.Any(wsx.Not(wsx.Where(odd)), wsx.Room("coffee"))))},
		{"Room, User and Where must all agree", "alice", with(wsx.Room("tea"), wsx.User("alice", "bob", "carol"), wsx.Where(odd))},
		{"and in any order", "alice", with(wsx.Where(odd), wsx.User("alice", "bob", "carol"), wsx.Room("tea"))},
	} {
		inBubble(t, one.what, func(t *testing.T) {
			c := newParty(t)
			c.selects(one.want, one.filter(c)...)
		})
	}
}

func with(filters ...wsx.Filter) func(crowd) []wsx.Filter {
	return func(crowd) []wsx.Filter { return filters }
}

func TestWhatNamesNothingMatchesNoConnection(t *testing.T) {
	nothing := map[string]wsx.Filter{
		"the zero Filter":        {},
		"Any()":                  wsx.Any(),
		"Room()":                 wsx.Room(),
		"User()":                 wsx.User(),
		`User("")`:               wsx.User(""),
		`Tag("")`:                wsx.Tag(""),
		"Any(Room())":            wsx.Any(wsx.Room()),
		"Any(zero, User(empty))": wsx.Any(wsx.Filter{}, wsx.User("", "")),
	}
	for name, f := range nothing {
		for what, filters := range map[string][]wsx.Filter{
			name:                         {f},
			"Not(" + name + ")":          {wsx.Not(f)},
			"Not(Not(" + name + "))":     {wsx.Not(wsx.Not(f))},
			"Not(Any(" + name + "))":     {wsx.Not(wsx.Any(f))},
			"Room beside " + name:        {wsx.Room("tea"), f},
			name + " beside Room":        {f, wsx.Room("tea")},
			"Local beside Not " + name:   {wsx.Local(), wsx.Not(f)},
			"Any of twice Not " + name:   {wsx.Any(wsx.Not(f), wsx.Not(f))},
			"Except(nil) beside " + name: {wsx.Except(nil), f},
		} {
			inBubble(t, what, func(t *testing.T) {
				newParty(t).selects("", filters...)
			})
		}
	}
}

func TestNear(t *testing.T) {
	for _, one := range []struct {
		what         string
		lat, lng, km float64
		want         string
	}{
		{"the very place", 52.5200, 13.4050, 0, "alice"},
		{"Potsdam is 26 km from Berlin", 52.3906, 13.0645, 28, "alice"},
		{"but not 24", 52.3906, 13.0645, 24, ""},
		{"the antimeridian is no border, from the west", -17.8, 180, 12, "bob carol"},
		{"nor from the east", -17.8, -180, 12, "bob carol"},
		{"east of the antimeridian", -17.8, -179.9, 12, "carol"},
		{"across it", -17.8, 179.8, 35, "bob carol"},
		{"at the pole every longitude is the same", 90, 77, 1.2, "nobody"},
		{"and its neighbors are near one another", 89.99, 59.8766, 2.3, "nobody"},
		{"from the other pole, nobody is near", -90, 0, 8000, ""},
		{"but from there to Fiji it is 8,028 km", -90, 0, 8030, "bob carol"},
		{"half the way round the earth is everybody", 0, 0, 20016, "alice bob carol nobody"},
		{"and more is too", 0, 0, 1e9, "alice bob carol nobody"},
	} {
		inBubble(t, one.what, func(t *testing.T) {
			newParty(t).selects(one.want, wsx.Near(one.lat, one.lng, one.km))
		})
	}
	inBubble(t, "a connection without a location is never near, nor is one that lost it", func(t *testing.T) {
		c := newCrowd(t, "alice", "bob", "carol")
		c.conn("alice").SetLocation(0, 0)
		c.conn("bob").SetLocation(0, 0)
		c.conn("bob").SetLocation(math.NaN(), 0)
		c.selects("alice", wsx.Near(0, 0, 30000))
		c.selects("bob carol", wsx.Not(wsx.Near(0, 0, 30000)))
	})
}
