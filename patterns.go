package wsx

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// patterns finds what was set for the longest pattern that fits a name.
type patterns[T any] struct {
	mu       sync.RWMutex // guards what follows
	set      map[string]T
	prefixes []string // of the patterns with a "*", the longest first
}

func (p *patterns[T]) add(call, pattern string, value T) {
	if i := strings.IndexByte(pattern, '*'); pattern == "" || i >= 0 && i != len(pattern)-1 {
		panic(fmt.Sprintf("wsx: %s(%q): a pattern is a name, or a prefix and a final *", call, pattern))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, twice := p.set[pattern]; twice {
		panic(fmt.Sprintf("wsx: %s(%q): the pattern was set already", call, pattern))
	}
	if p.set == nil {
		p.set = make(map[string]T)
	}
	p.set[pattern] = value
	if prefix, found := strings.CutSuffix(pattern, "*"); found {
		p.prefixes = append(p.prefixes, prefix)
		slices.SortFunc(p.prefixes, func(a, b string) int { return len(b) - len(a) })
	}
}

func (p *patterns[T]) empty() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.set) == 0
}

func (p *patterns[T]) find(name string) (value T, ok bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.set) == 0 {
		return value, false
	}
	if value, ok = p.set[name]; ok {
		return value, true
	}
	for _, prefix := range p.prefixes {
		if strings.HasPrefix(name, prefix) {
			return p.set[prefix+"*"], true
		}
	}
	return value, false
}
