package wsx

import (
	"fmt"
	"math"
	"slices"
)

// Filter selects connections. Several filters of one call must all agree. A Filter is a value to keep, combine and use
// as often and as concurrently as one likes. What names nothing matches nobody: the zero Filter, Any(), Room(),
// User("") and Not of these; so that a forgotten name never means everybody.
type Filter struct{ rule *rule }

// A rule is what a Filter says, as data: it can be planned, asked again later and sent to another node.
type rule struct {
	kind  filterKind
	names []string // rooms, users, values of a tag, or ids of connections
	pages []string // of these connections, as far as they are known
	key   string   // of a tag
	lat   float64
	lng   float64
	km    float64
	of    []Filter
	match func(*Connection) bool
}

type filterKind uint8

const (
	byRoom filterKind = iota + 1
	byUser
	byTag
	byExcept
	byDistance
	byAny
	byNot
	byWhere
	byNode
)

// Room selects the connections that are in one of the rooms. One that changes from one of them to another at this very moment
// may be missed.
func Room(names ...string) Filter {
	return Filter{&rule{kind: byRoom, names: slices.Clone(names)}}
}

// User selects the connections that are logged in as one of the users. "" is no user.
func User(ids ...string) Filter {
	return Filter{&rule{kind: byUser, names: slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })}}
}

// Except selects all connections but these. Nil is skipped, so that code which may or may not run for a request needs no
// branch. What a room that remembers replays is kept from the page of a connection, which has another one after a reconnect.
func Except(c ...*Connection) Filter {
	r := &rule{kind: byExcept}
	for _, one := range c {
		if one != nil {
			r.names = append(r.names, one.id)
			one.mu.Lock()
			if one.who.page != "" {
				r.pages = append(r.pages, one.who.page)
			}
			one.mu.Unlock()
		}
	}
	return Filter{r}
}

// Tag selects the connections whose tag has one of the values; with no values, those that have the tag at all.
func Tag(key string, values ...string) Filter {
	return Filter{&rule{kind: byTag, key: key, names: slices.Clone(values)}}
}

// Near selects the connections whose location, set with [Connection.SetLocation], is at most km kilometres of great
// circle away from lat and lng, in degrees. Connections without a location are never near.
func Near(lat, lng, km float64) Filter {
	return Filter{&rule{kind: byDistance, lat: lat, lng: lng, km: km}}
}

// Any selects what at least one of the filters selects.
func Any(f ...Filter) Filter { return Filter{&rule{kind: byAny, of: slices.Clone(f)}} }

// Not selects what f does not. Not of a filter that names nothing matches nobody.
func Not(f Filter) Filter { return Filter{&rule{kind: byNot, of: []Filter{f}}} }

// Where selects the connections for which match returns true. It is called, with no lock held and in the caller's
// goroutine, for each connection that the other filters leave; so put an indexed filter beside it where you can. It may
// call every method of the connection and the hub. A panic in it is the caller's.
func Where(match func(*Connection) bool) Filter {
	requireNonNil("Where", "match", match == nil)
	return Filter{&rule{kind: byWhere, match: match}}
}

// Local selects the connections of this node.
func Local() Filter { return Filter{&rule{kind: byNode}} }

// empty reports that f names nothing.
func (f Filter) empty() bool {
	if f.rule == nil {
		return true
	}
	switch r := f.rule; r.kind {
	case byRoom, byUser:
		return len(r.names) == 0
	case byTag: // no tag has the value ""
		return r.key == "" || len(r.names) > 0 && !slices.ContainsFunc(r.names, func(v string) bool { return v != "" })
	case byNot:
		return r.of[0].empty()
	case byAny:
		return !slices.ContainsFunc(r.of, func(f Filter) bool { return !f.empty() })
	}
	return false
}

// check returns why f cannot be answered.
func (f Filter) check() error {
	if f.rule == nil {
		return nil
	}
	r := f.rule
	switch r.kind {
	case byRoom:
		for _, name := range r.names {
			if err := checkRoom(name); err != nil {
				return err
			}
		}
	case byDistance:
		if !validLocation(r.lat, r.lng) || !(r.km >= 0) || math.IsInf(r.km, 0) {
			return fmt.Errorf("%w: Near(%v, %v, %v)", ErrFilter, r.lat, r.lng, r.km)
		}
	}
	for _, sub := range r.of {
		if err := sub.check(); err != nil {
			return err
		}
	}
	return nil
}

// checkFilters returns why one of the filters can't be answered.
func checkFilters(filters []Filter) error {
	for _, f := range filters {
		if err := f.check(); err != nil {
			return err
		}
	}
	return nil
}

// An answer of a filter about a connection. Unknown is what Where says before the program was asked.
type matchResult int8

const (
	no matchResult = iota
	unknown
	yes
)

func matchOf(b bool) matchResult {
	if b {
		return yes
	}
	return no
}

// matches answers f for c, whose mu the caller holds. Where answers what said holds for its match; it is never called
// from here.
func (f Filter) matches(c *Connection, said map[*rule]bool) matchResult {
	if f.empty() {
		return no
	}
	r := f.rule
	switch r.kind {
	case byRoom:
		return matchOf(slices.ContainsFunc(r.names, c.inRoom))
	case byUser:
		return matchOf(slices.Contains(r.names, c.who.user))
	case byTag:
		value, set := c.who.tags[r.key]
		return matchOf(set && (len(r.names) == 0 || slices.Contains(r.names, value)))
	case byExcept:
		return matchOf(!slices.Contains(r.names, c.id) && !(c.rooms.replaying && c.who.page != "" && slices.Contains(r.pages, c.who.page)))
	case byDistance:
		return matchOf(c.who.location != nil && distance(r.lat, r.lng, c.who.location.lat, c.who.location.lng) <= r.km)
	case byNot:
		return yes - r.of[0].matches(c, said)
	case byAny:
		best := no
		for _, sub := range r.of {
			best = max(best, sub.matches(c, said))
		}
		return best
	case byWhere:
		if said, asked := said[r]; asked {
			return matchOf(said)
		}
		return unknown
	}
	return yes // byNode: there is no other
}

// matchAll answers several filters, all of which must agree, as matches does.
func matchAll(filters []Filter, c *Connection, said map[*rule]bool) matchResult {
	worst := yes
	for _, f := range filters {
		worst = min(worst, f.matches(c, said))
		if worst == no {
			break
		}
	}
	return worst
}

// ask calls every Where in filters that said does not know yet for c, with no lock held.
func evaluateWhere(filters []Filter, c *Connection, said map[*rule]bool) {
	for _, f := range filters {
		if f.rule == nil {
			continue
		}
		if _, asked := said[f.rule]; !asked && f.rule.kind == byWhere {
			said[f.rule] = f.rule.match(c)
		}
		evaluateWhere(f.rule.of, c, said)
	}
}

type location struct{ lat, lng float64 }

func validLocation(lat, lng float64) bool {
	return lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180 // false for NaN
}

// distance returns the kilometres between two places by the haversine formula, which is stable for small distances.
func distance(lat1, lng1, lat2, lng2 float64) float64 {
	const earthRadius, degree = 6371.0088, math.Pi / 180 // the mean radius of the IUGG
	sinLat, sinLng := math.Sin((lat2-lat1)*degree/2), math.Sin((lng2-lng1)*degree/2)
	h := sinLat*sinLat + math.Cos(lat1*degree)*math.Cos(lat2*degree)*sinLng*sinLng
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}
