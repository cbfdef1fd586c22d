package main

import (
	"fmt"
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

// Class is on everything that shows the event.
func (e event) Class() string { return fmt.Sprintf("e%d", e.ID) }

var ideas = map[string][]string{
	"music": {"A brass band plays in the street", "Choir rehearsal, singers welcome", "Jazz on the terrace", "A cellist under the bridge", "Open stage until midnight"},
	"food":  {"Fresh waffles while they last", "Soup for everybody, bring a bowl", "The bakery gives away yesterday's bread", "Street food from twelve kitchens", "Free coffee with any smile"},
	"sport": {"Three more wanted for volleyball", "Evening run, easy pace", "Chess in the park", "Beginners' climbing, shoes provided", "Table tennis, winner stays"},
	"market": {"Flea market, everything must go", "Second-hand books by the kilo", "Bicycles repaired while you wait", "Farmers' stalls, mostly apples",
		"Somebody gives away a piano"},
}

// invented is something that happens somewhere: mostly around the places that have a name.
func invented() event {
	kind := kinds[rand.IntN(len(kinds))]
	around := places[rand.IntN(len(places))]
	at := point{around.X + 45*rand.NormFloat64(), around.Y + 45*rand.NormFloat64()}
	at.X, at.Y = float64(int(min(max(at.X, 20), width-20))), float64(int(min(max(at.Y, 45), height-10)))
	return event{Kind: kind, Text: ideas[kind.ID][rand.IntN(len(ideas[kind.ID]))], point: at}
}
