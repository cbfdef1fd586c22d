package main

import (
	"slices"

	"github.com/wsxgo/wsx"
)

// A level is a priority. It determines who reads an announcement.
type level struct {
	ID, Name, Who string
	roles         []string // nil means all, including visitors
}

var levels = []level{
	{"high", "High", "All users and visitors", nil},
	{"medium", "Medium", "Premium and admins", []string{"premium", "admin"}},
	{"low", "Low", "Admins only", []string{"admin"}},
}

// findLevel rejects ids that a browser made up.
func findLevel(id string) (level, bool) {
	i := slices.IndexFunc(levels, func(l level) bool { return l.ID == id })
	if i < 0 {
		return level{}, false
	}
	return levels[i], true
}

// audience returns the filters that select the readers' connections. No filters select all connections.
func (l level) audience() []wsx.Filter {
	if l.roles == nil {
		return nil
	}
	return []wsx.Filter{wsx.Tag("role", l.roles...)}
}

// visibleTo reports whether a role may read announcements of this level. Pages that load later use it.
func (l level) visibleTo(role string) bool { return l.roles == nil || slices.Contains(l.roles, role) }
