package acceptance

import (
	"fmt"
	"html/template"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// A person is what the model knows of a connection.
type person struct {
	browser *wsxtest.Browser
	conn    *wsx.Connection
	number  int
	open    bool
	user    string
	rooms   map[string]bool
	tags    map[string]string
	place   *[2]float64
	want    []string // what must have arrived since the last look
}

// A model is a naive hub: a list, over which filters are evaluated one person after the other.
type model struct {
	t      *testing.T
	random *rand.Rand
	hub    *wsx.Hub
	people []*person
	opened int
}

// A choice is a filter and what it is to mean.
type choice struct {
	filter  wsx.Filter
	nothing bool // it names nothing
	selects func(*person) bool
	text    string
}

var places = [][2]float64{{52.5, 13.4}, {-17.8, 179.9}, {-17.8, -179.9}, {89.9, 0}, {-90, 0}, {0, -60}}

// kilometers measures by the angle between two vectors, which is another formula than the library's.
func kilometers(a, b [2]float64) float64 {
	vector := func(p [2]float64) (x, y, z float64) {
		lat, lng := p[0]*math.Pi/180, p[1]*math.Pi/180
		return math.Cos(lat) * math.Cos(lng), math.Cos(lat) * math.Sin(lng), math.Sin(lat)
	}
	x1, y1, z1 := vector(a)
	x2, y2, z2 := vector(b)
	return 6371 * math.Acos(max(-1, min(1, x1*x2+y1*y2+z1*z2)))
}

// some returns up to n of what pick gives.
func some[T any](random *rand.Rand, n int, pick func(i int) T) []T {
	all := make([]T, random.IntN(n+1))
	for i := range all {
		all[i] = pick(random.IntN(4))
	}
	return all
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

func roomName(i int) string { return "room" + strconv.Itoa(i) }
func userName(i int) string { return []string{"", "ann", "ben", "cat"}[i] }
func tagValue(i int) string { return "value" + strconv.Itoa(i) }

// choose makes up a filter.
func (m *model) choose(depth int) choice {
	if depth > 0 && m.random.IntN(3) == 0 {
		if m.random.IntN(2) == 0 {
			return m.chooseNot(depth - 1)
		}
		return m.chooseAny(depth - 1)
	}
	switch m.random.IntN(9) {
	case 0:
		return choice{wsx.Filter{}, true, nil, "zero"}
	case 1:
		return choice{wsx.Local(), false, func(*person) bool { return true }, "Local"}
	case 2:
		return m.chooseWhere()
	case 3:
		return m.chooseExcept()
	case 4:
		return m.chooseTag()
	case 5:
		center, km := pick(m.random, places), pick(m.random, []float64{1, 500, 5000, 12000, 20100})
		return choice{wsx.Near(center[0], center[1], km), false, func(p *person) bool {
			return p.place != nil && kilometers(center, *p.place) <= km
		}, fmt.Sprint("Near", center, km)}
	case 6:
		ids := some(m.random, 2, userName)
		named := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })
		return choice{wsx.User(ids...), len(named) == 0, func(p *person) bool {
			return slices.Contains(named, p.user)
		}, fmt.Sprintf("User%q", ids)}
	}
	rooms := some(m.random, 3, roomName)
	return choice{wsx.Room(rooms...), len(rooms) == 0, func(p *person) bool {
		return slices.ContainsFunc(rooms, func(room string) bool { return p.rooms[room] })
	}, fmt.Sprint("Room", rooms)}
}

func (m *model) chooseNot(depth int) choice {
	of := m.choose(depth)
	return choice{wsx.Not(of.filter), of.nothing, func(p *person) bool { return !of.selects(p) }, "Not(" + of.text + ")"}
}

func (m *model) chooseAny(depth int) choice {
	of := some(m.random, 3, func(int) choice { return m.choose(depth) })
	var filters []wsx.Filter
	var texts []string
	nothing := true
	for _, c := range of {
		filters, texts, nothing = append(filters, c.filter), append(texts, c.text), nothing && c.nothing
	}
	return choice{wsx.Any(filters...), nothing, func(p *person) bool {
		return slices.ContainsFunc(of, func(c choice) bool { return !c.nothing && c.selects(p) })
	}, "Any(" + strings.Join(texts, ", ") + ")"}
}

func (m *model) chooseWhere() choice {
	rest := m.random.IntN(3)
	match := func(p *person) bool { return p.number%3 == rest }
	return choice{wsx.Where(func(c *wsx.Connection) bool {
		return match(m.people[slices.IndexFunc(m.people, func(p *person) bool { return p.conn == c })])
	}), false, match, fmt.Sprint("Where number%3=", rest)}
}

func (m *model) chooseExcept() choice {
	but := some(m.random, 2, func(int) *person { return pick(m.random, m.people) })
	connections := []*wsx.Connection{nil}
	text := "Except"
	for _, p := range but {
		connections = append(connections, p.conn)
		text += fmt.Sprint(" ", p.number)
	}
	return choice{wsx.Except(connections...), false, func(p *person) bool { return !slices.Contains(but, p) }, text}
}

func (m *model) chooseTag() choice {
	values := some(m.random, 2, tagValue)
	return choice{wsx.Tag("tag", values...), false, func(p *person) bool {
		value, set := p.tags["tag"]
		return set && (len(values) == 0 || slices.Contains(values, value))
	}, fmt.Sprint("Tag", values)}
}

// change does something to one connection, in the hub and in the model.
func (m *model) change() {
	p := pick(m.random, m.people)
	room := roomName(m.random.IntN(4))
	switch do := m.random.IntN(40); {
	case do < 12:
		if err := p.conn.Join(m.t.Context(), room); p.open {
			require.NoError(m.t, err)
			p.rooms[room] = true
		} else {
			require.ErrorIs(m.t, err, wsx.ErrNotConnected)
		}
	case do < 20:
		p.conn.Leave(room)
		delete(p.rooms, room)
	case do < 27:
		id := userName(m.random.IntN(4))
		if p.conn.SetUser(id); p.open {
			p.user = id
		}
	case do < 32:
		value := pick(m.random, []string{"", tagValue(0), tagValue(1), tagValue(2)})
		p.conn.SetTag("tag", value)
		if p.tags["tag"] = value; value == "" {
			delete(p.tags, "tag")
		}
	case do < 36:
		place := pick(m.random, places)
		p.conn.SetLocation(place[0], place[1])
		p.place = &place
	case do == 36:
		p.conn.Close(nil)
		p.open = false
	case do == 37:
		gone := choice{wsx.User("ann"), false, func(p *person) bool { return p.user == "ann" && p.rooms["room0"] }, ""}
		require.NoError(m.t, m.hub.Disconnect(nil, gone.filter, wsx.Room("room0")))
		for _, p := range m.people {
			p.open = p.open && !gone.selects(p)
		}
	default:
		m.open()
	}
}

func (m *model) open() {
	if len(m.people) > 14 {
		return
	}
	m.opened++
	who := userName(m.random.IntN(4))
	b := wsxtest.Open(m.t, m.hub, user(who))
	m.people = append(m.people, &person{
		browser: b, conn: b.Conn(), number: m.opened, open: true, user: who, rooms: map[string]bool{}, tags: map[string]string{},
	})
}

// round compares the hub with the model for one call's filters.
func (m *model) round(n int) {
	for range 1 + m.random.IntN(3) {
		m.change()
	}
	chosen := some(m.random, 3, func(int) choice { return m.choose(3) })
	var filters []wsx.Filter
	var text string
	for _, c := range chosen {
		filters, text = append(filters, c.filter), text+" "+c.text
	}
	var want []string // by id: a comparison of connections would look into them
	name := strconv.Itoa(n)
	for _, p := range m.people {
		if p.open && !slices.ContainsFunc(chosen, func(c choice) bool { return c.nothing || !c.selects(p) }) {
			want = append(want, p.conn.ID())
			p.want = append(p.want, name)
		}
	}
	require.ElementsMatch(m.t, want, idsOf(m.hub.GetConnections(filters...)), "round %d: GetConnections of%s", n, text)
	require.ElementsMatch(m.t, want, idsOf(slices.Collect(m.hub.Connections(filters...))), "round %d: Connections of%s", n, text)
	require.Equal(m.t, len(want), m.hub.Count(filters...), "round %d: Count of%s", n, text)
	require.NoError(m.t, m.hub.Broadcast("#a", template.HTML(name), wsx.Inner, filters...))
}

func idsOf(conns []*wsx.Connection) (ids []string) {
	for _, c := range conns {
		ids = append(ids, c.ID())
	}
	return ids
}

// look compares what has arrived, and forgets those who have gone.
func (m *model) look() {
	synctest.Wait()
	for _, p := range m.people {
		var got []string
		for _, f := range p.browser.Pushed() {
			got = append(got, string(f.HTML))
		}
		require.Equal(m.t, p.want, got, "what connection %d received, by round", p.number)
		p.want = nil
	}
	m.people = slices.DeleteFunc(m.people, func(p *person) bool { return !p.open && len(m.people) > 1 })
	open := 0
	for _, p := range m.people {
		if p.open {
			open++
		}
	}
	assert.Equal(m.t, open, m.hub.Stats().Connections)
}

// TestFiltersAgainstAModel takes the seed of a run to repeat from WSX_SEED.
func TestFiltersAgainstAModel(t *testing.T) {
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("WSX_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("WSX_SEED=%d", seed)
	synctest.Test(t, func(t *testing.T) {
		m := &model{t: t, random: rand.New(rand.NewPCG(seed, 0)), hub: newHub(t, &wsx.Options{Authenticate: asUser})}
		for range 5 {
			m.open()
		}
		for n := range 2_000 {
			m.round(n)
			if n%50 == 49 {
				m.look()
				m.open()
			}
		}
	})
}
