package main

import (
	"fmt"
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
	fmt.Fprintf(&b, "# Performance in the browser\n\nMeasured and written by `go run ./bench/browser`, in %s, on %s. The server shares the machine.\n",
		r.Chromium, r.Date.Format("2 January 2006"))
	if r.Morphs != nil {
		writeMorphs(&b, r.Morphs)
	}
	for _, a := range r.Appends {
		writeAppends(&b, a)
	}
	return b.String()
}

func writeMorphs(b *strings.Builder, morphs []morphResult) {
	fmt.Fprintf(b, "\n## Morphs\n\nMilliseconds to turn a table of 1,000 rows into new html, from text to the changed page, without layout: "+
		"the median of %d, taken in turns. Less is better.\n", morphRounds)
	kind := ""
	for _, m := range morphs {
		if m.Kind != kind {
			kind = m.Kind
			fmt.Fprintf(b, "\n| rows %s | %s |\n|---|%s\n", kind, strings.Join(morphers, " | "), strings.Repeat("---:|", len(morphers)))
		}
		fmt.Fprintf(b, "| %s |", m.Change)
		for _, name := range morphers {
			fmt.Fprintf(b, " %.1f |", median(m.Took[name]))
		}
		b.WriteString("\n")
	}
}

func writeAppends(b *strings.Builder, a appendResult) {
	by := "`wx-limit`"
	if a.TrimmedByPage {
		by = "a script of the page, because the client does not know `wx-limit`"
	}
	fmt.Fprintf(b, "\n## Appends: %s\n\n%d broadcasts, %d a second, each one item for a list that is kept at 200 by %s: %d of them arrived, "+
		"%d out of order. The main thread was busy for %.0f %% of the time.\n\n| after | JS heap | nodes |\n|---|---:|---:|\n",
		a.Item, a.Sent, appendsPerSecond, by, a.Count, a.OutOfOrder, 100*a.Busy)
	for _, s := range a.Samples {
		fmt.Fprintf(b, "| %v | %.2f MB | %.0f |\n", s.At, s.Heap/1e6, s.Nodes)
	}
}
