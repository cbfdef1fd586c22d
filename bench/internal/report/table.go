package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A table is Markdown that is also readable as plain text. The first column is left-aligned, the others right-aligned unless
// they contain words.
type table struct {
	head  []string
	rows  [][]string
	words bool
}

func (t table) String() string {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text), 3)
		}
	}
	var b strings.Builder
	line := func(row []string) {
		for i, text := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if i == 0 {
				b.WriteByte('|')
			}
			if i == 0 || t.words {
				b.WriteString(" " + text + pad + " |")
			} else {
				b.WriteString(" " + pad + text + " |")
			}
		}
		b.WriteByte('\n')
	}
	line(t.head)
	for i, width := range widths {
		if i == 0 {
			b.WriteByte('|')
		}
		if i == 0 || t.words {
			b.WriteString(strings.Repeat("-", width+2) + "|")
		} else {
			b.WriteString(strings.Repeat("-", width+1) + ":|")
		}
	}
	b.WriteByte('\n')
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

// missing is shown if there is no value.
const missing = "–"

// number returns v with three significant digits, or missing for 0.
func number(v float64) string {
	switch {
	case v == 0:
		return missing
	case v < 0.0995:
		return fmt.Sprintf("%.3f", v)
	case v < 9.95:
		return fmt.Sprintf("%.2f", v)
	case v < 99.5:
		return fmt.Sprintf("%.1f", v)
	}
	return thousands(int64(v + 0.5))
}

// thousands returns n with commas between groups of three digits.
func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func size(bytes int) string {
	if bytes >= 1<<10 {
		return fmt.Sprintf("%d KB", bytes>>10)
	}
	return fmt.Sprintf("%d B", bytes)
}

// spaced separates a duration from its unit: "20 ms", unlike time.Duration.
func spaced(d time.Duration) string {
	text := d.String()
	unit := strings.TrimLeft(text, "0123456789.")
	return strings.TrimSuffix(text, unit) + " " + unit
}

func kilobytes(bytes float64) string { return number(max(0, bytes) / (1 << 10)) }

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f", float64(max(0, bytes))/(1<<20)) }

func millis(d time.Duration) string { return number(float64(d) / float64(time.Millisecond)) }
