package wsx

import (
	"math"
	"slices"
)

// Filter selects connections. A call with several filters selects the connections that match all of
// them. A Filter is immutable; it may be kept, combined and used concurrently.
//
// A filter that names nothing matches no connection: the zero Filter, Any(), Room(), User(""),
// Tag("") and Not of any of these. So a forgotten name never selects every connection.
type Filter struct{ rule *rule }

// A rule is the content of a Filter. It is data, so that it can be planned with indexes and
// evaluated again for a message that is replayed.
type rule struct {
	kind  filterKind
	names []string // rooms, users, values of a tag, or ids of connections
	pages []string // the page loads of these connections, as far as they are known
	key   string   // of a tag
	lat   float64
	lng   float64
	km    float64
	of    []Filter
	match func(*Connection) bool
}

// The values travel between nodes, so they stay what they are.
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
	byOtherNode // made of a byNode that has come from there
)

// Room selects the connections that are in one of the rooms. A connection that switches between two
// of them during the call may be missed.
//
// Without names it matches no connection. A room with history must be named alone, in one Room
// filter.
func Room(names ...string) Filter {
	return Filter{&rule{kind: byRoom, names: slices.Clone(names)}}
}

// User selects the connections that are logged in as one of the users. Empty ids are ignored, so
// User never selects anonymous connections.
func User(ids ...string) Filter {
	return Filter{&rule{kind: byUser, names: slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == "" })}}
}

// Except selects all connections except c. Nil connections are skipped, so callers need no branch
// for them.
//
// A message that a room with history replays is also withheld from the same page load after a
// reconnect. A reload of the page gets it.
func Except(c ...*Connection) Filter {
	// Ids and not connections, so that a kept message doesn't keep a connection in memory.
	r := &rule{kind: byExcept}
	for _, conn := range c {
		if conn != nil {
			r.names = append(r.names, conn.id)
			conn.mu.Lock()
			if conn.who.page != "" {
				r.pages = append(r.pages, conn.who.page)
			}
			conn.mu.Unlock()
		}
	}
	return Filter{r}
}

// Tag selects the connections whose tag has one of the values or, without values, the connections
// that have the tag at all.
func Tag(key string, values ...string) Filter {
	return Filter{&rule{kind: byTag, key: key, names: slices.Clone(values)}}
}

// Near selects the connections whose location is at most km kilometers away from lat and lng, in
// degrees, along a great circle. It selects no connection without a location; see
// [Connection.SetLocation].
//
// Calls return ErrFilter if lat isn't in [-90, 90], lng isn't in [-180, 180], or km is negative or
// not finite.
func Near(lat, lng, km float64) Filter {
	return Filter{&rule{kind: byDistance, lat: lat, lng: lng, km: km}}
}

// Any selects the connections that match at least one of the filters.
func Any(f ...Filter) Filter { return Filter{&rule{kind: byAny, of: slices.Clone(f)}} }

// Not selects the connections that f doesn't match. Not of a filter that names nothing matches no
// connection.
func Not(f Filter) Filter { return Filter{&rule{kind: byNot, of: []Filter{f}}} }

// Where selects the connections for which match returns true. It scans the connections that the
// other filters leave, so combine it with Room or User where possible. It panics if match is nil.
//
// match is called with no lock held, in the caller's goroutine or in that of a [Batcher] or
// [RateLimiter]. It may call every method of the connection and the hub. Flush and Close of the
// Batcher or RateLimiter that calls match would wait for match itself.
//
// A panic in match reaches the caller. In the goroutine of a Batcher it is logged. A RateLimiter
// returns it as an error if it sends at once, and otherwise counts the broadcast as dropped.
func Where(match func(*Connection) bool) Filter {
	requireNonNil("Where", "match", match == nil)
	return Filter{&rule{kind: byWhere, match: match}}
}

// Local selects the connections of this node.
func Local() Filter { return Filter{&rule{kind: byNode}} }

type location struct{ lat, lng float64 }

func validLocation(lat, lng float64) bool {
	return lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180 // false for NaN
}

// distance returns the kilometers between two places by the haversine formula, which is stable for
// small distances.
func distance(lat1, lng1, lat2, lng2 float64) float64 {
	const earthRadius, degree = 6371.0088, math.Pi / 180 // the mean radius of the IUGG
	sinLat, sinLng := math.Sin((lat2-lat1)*degree/2), math.Sin((lng2-lng1)*degree/2)
	h := sinLat*sinLat + math.Cos(lat1*degree)*math.Cos(lat2*degree)*sinLng*sinLng
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}
