package main

import (
	"slices"

	"github.com/wsxgo/wsx"
)

// A level says who is to read an announcement.
type level struct {
	ID, Name, Who string
	roles         []string // nil: everybody
}

var levels = []level{
	{"high", "High", "Everybody, visitors too", nil},
	{"medium", "Medium", "Premium and admins", []string{"premium", "admin"}},
	{"low", "Low", "Admins alone", []string{"admin"}},
}

func findLevel(id string) (level, bool) {
	i := slices.IndexFunc(levels, func(l level) bool { return l.ID == id })
	if i < 0 {
		return level{}, false
	}
	return levels[i], true
}

// audience selects the connections of those who are to read it: no filter means everybody.
func (l level) audience() []wsx.Filter {
	if l.roles == nil {
		return nil
	}
	return []wsx.Filter{wsx.Tag("role", l.roles...)}
}

// visibleTo says the same about one role, for pages that are loaded later.
func (l level) visibleTo(role string) bool { return l.roles == nil || slices.Contains(l.roles, role) }
