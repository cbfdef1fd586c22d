package main

import (
	"fmt"
	"strings"
	"time"
)

// results contains all results of one run.
type results struct {
	Date     time.Time
	Chromium string
	Morphs   []morphResult
	Appends  []appendResult
}

// The contenders in page/morphs.js, with wsx first.
var morphers = []string{"wsx outerMorph", "wsx innerMorph", "idiomorph", "morphdom"}

// markdown leaves out what was not measured, for runs with -only.
func (r results) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Performance in the browser\n\nThe program `go run ./bench/browser` measured and wrote this page, in %s, on %s. The server ran on the same machine.\n",
		r.Chromium, r.Date.Format("2 January 2006"))
	if r.Morphs != nil {
		writeMorphs(&b, r.Morphs)
	}
	if r.Appends != nil {
		writeAppends(&b, r.Appends)
	}
	return b.String()
}

func writeMorphs(b *strings.Builder, morphs []morphResult) {
	fmt.Fprintf(b, "\n## Morphs\n\nMilliseconds to morph a table of 1,000 rows into new html, from the text to the changed page, without layout. "+
		"Each figure is the median of %d runs; the contenders take turns. Less is better.\n", morphRounds)
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

func writeAppends(b *strings.Builder, appends []appendResult) {
	fmt.Fprintf(b, "\n## Appends\n\n%d broadcasts, %d a second, each of one item for a list that `wx-limit` keeps at 200. The bare loop is the page's own "+
		"code: `JSON.parse`, `insertAdjacentHTML` and the removal of the first item, separately for each message. "+
		"Busy is the share of time that the main thread spends in tasks, including painting.\n\n"+
		"| item | by | arrived | out of order | busy | JS heap and nodes at first | half way | at the end |\n|---|---|---:|---:|---:|---:|---:|---:|\n",
		appends[0].Sent, appendsPerSecond)
	for _, a := range appends {
		by := a.Way
		if a.TrimmedByPage {
			by += ", trimmed by the page"
		}
		fmt.Fprintf(b, "| %s | %s | %d | %d | %.0f %% |", a.Item, by, a.Count, a.OutOfOrder, 100*a.Busy)
		for _, s := range a.Samples {
			fmt.Fprintf(b, " %.2f MB, %.0f |", s.Heap/1e6, s.Nodes)
		}
		b.WriteString("\n")
	}
}
