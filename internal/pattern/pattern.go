// Package pattern finds the value whose pattern matches a name best.
package pattern

import (
	"errors"
	"slices"
	"strings"
	"sync"
)

// Errors of [Map.Add].
var (
	ErrSyntax    = errors.New("a pattern is a name, or a prefix followed by *")
	ErrDuplicate = errors.New("the pattern is already set")
)

// A Map holds values by pattern. A pattern is a name, or a prefix and a final "*". The zero value
// is empty and ready to use. It is safe for concurrent use.
type Map[T any] struct {
	mu sync.RWMutex

	// guarded by mu
	values   map[string]T
	prefixes []string // of the patterns with a "*", the longest first
}

// Add sets the value of a pattern. It returns ErrSyntax or ErrDuplicate, and then changes nothing.
func (m *Map[T]) Add(pattern string, value T) error {
	if i := strings.IndexByte(pattern, '*'); pattern == "" || i >= 0 && i != len(pattern)-1 {
		return ErrSyntax
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, exists := m.values[pattern]; exists {
		return ErrDuplicate
	}
	if m.values == nil {
		m.values = make(map[string]T)
	}
	m.values[pattern] = value
	if prefix, found := strings.CutSuffix(pattern, "*"); found {
		m.prefixes = append(m.prefixes, prefix)
		slices.SortFunc(m.prefixes, func(a, b string) int { return len(b) - len(a) })
	}
	return nil
}

// IsEmpty reports whether no pattern was added.
func (m *Map[T]) IsEmpty() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.values) == 0
}

// Find returns the value of the pattern that is name itself, or else of the longest one whose
// prefix it has. The boolean reports whether there is one.
func (m *Map[T]) Find(name string) (value T, ok bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(m.values) == 0 {
		return value, false
	}
	if value, ok = m.values[name]; ok {
		return value, true
	}
	for _, prefix := range m.prefixes {
		if strings.HasPrefix(name, prefix) {
			return m.values[prefix+"*"], true
		}
	}
	return value, false
}
