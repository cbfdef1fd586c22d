package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// results is everything that one run has found.
type results struct {
	Date     time.Time
	Chromium string
	Morphs   []morphResult
	Appends  []appendResult
}

// The contenders of page/morphs.js, ours first.
var morphers = []string{"wsx outerMorph", "wsx innerMorph", "idiomorph", "morphdom"}

func (r results) markdown() string {
	var b strings.Builder
	for _, m := range r.Morphs {
		fmt.Fprintf(&b, "%-24s %-36s", m.Kind, m.Change)
		for _, name := range morphers {
			fmt.Fprintf(&b, " %s %.1f (%.1f–%.1f)", name, median(m.Took[name]), slices.Min(m.Took[name]), slices.Max(m.Took[name]))
		}
		b.WriteString("\n")
	}
	return b.String()
}

