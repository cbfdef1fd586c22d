package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

type kind struct{ ID, Name string }

var kinds = []kind{{"music", "Music"}, {"food", "Food"}, {"sport", "Sport"}, {"market", "Market"}}

func findKind(id string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.ID == id })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

// Class returns the CSS class of all elements that show the event.
func (e event) Class() string { return fmt.Sprintf("e%d", e.ID) }

var ideas = map[string][]string{
	"music": {"A brass band plays in the street", "Choir rehearsal, singers welcome", "Jazz on the terrace", "A cellist under the bridge", "Open stage until midnight"},
	"food":  {"Fresh waffles while they last", "Free soup, bring a bowl", "The bakery gives away yesterday's bread", "Street food from twelve kitchens", "Free coffee with any smile"},
	"sport": {"Three more wanted for volleyball", "Evening run, easy pace", "Chess in the park", "Beginners' climbing, shoes provided", "Table tennis, winner stays"},
	"market": {"Flea market, everything must go", "Second-hand books by the kilo", "Bicycles repaired while you wait", "Farmers' stalls, mostly apples",
		"Piano to give away, ground floor"},
}

// invented returns a random event on land, usually close to a named place.
func invented() event {
	kind := kinds[rand.IntN(len(kinds))]
	e := event{Kind: kind, Text: ideas[kind.ID][rand.IntN(len(ideas[kind.ID]))]}
	// Trying again is simpler than computing a random point within the coast.
	for {
		around := places[rand.IntN(len(places))]
		e.X = math.Round(around.X + 45*rand.NormFloat64())
		e.Y = math.Round(around.Y + 45*rand.NormFloat64())
		if e.X > 20 && e.X < width-20 && e.Y > 45 && e.Y < height-10 && e.onLand() {
			return e
		}
	}
}

// shore approximates the coast in web/map.html from west to east. Points north of it are in the sea.
var shore = []point{{0, 345}, {85, 330}, {200, 265}, {310, 200}, {405, 195}, {450, 160}, {540, 105}, {640, 0}}

func (p point) onLand() bool {
	for i := range len(shore) - 1 {
		if a, b := shore[i], shore[i+1]; p.X <= b.X {
			return p.Y > a.Y+(b.Y-a.Y)*(p.X-a.X)/(b.X-a.X)
		}
	}
	return true
}
