package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wsxgo/wsx/bench/internal/contender"
)

// A contest compares one value of all contenders. Less is better.
type contest struct {
	about  string
	value  func(name string) float64 // 0 means that there is no value
	format func(float64) string
}

// contests are all values by which wsx can be compared with libraries.
func (r *Results) contests() []contest {
	plain := func(unit string) func(float64) string {
		return func(v float64) string { return number(v) + unit }
	}
	all := []contest{
		{"CPU of single broadcasts, as a multiple of the floor", r.mean(single), plain("")},
		{"CPU of bursts, as a multiple of the floor", r.mean(burst), plain("")},
		{"memory of an idle connection", r.idle(func(i Idle) float64 { return i.RSS }), plain(" KB")},
		{"memory of a connection after load", r.idle(func(i Idle) float64 { return i.AfterLoad }), plain(" KB")},
	}
	for _, c := range r.cells(room) {
		all = append(all, contest{"CPU of a broadcast to a room of " + thousands(int64(c.Room)),
			func(name string) float64 { return r.median(name, c, perRoom) }, plain(" µs")})
	}
	for _, c := range r.cells(r.singleOfMost) {
		all = append(all,
			contest{fmt.Sprintf("time until a call for %s returns", size(c.Size)),
				func(name string) float64 { return r.median(name, c, figureReturns) / 1000 }, plain(" ms")},
			contest{fmt.Sprintf("bytes on the wire for %s of html", size(c.Size)),
				func(name string) float64 { return r.median(name, c, figureBytes) }, plain("")})
	}
	for _, part := range []struct {
		about  string
		figure func(Slow) float64
		unit   string
	}{
		{"p50 beside slow readers", func(s Slow) float64 { return ms(s.With.P50) }, " ms"},
		{"p99 beside slow readers", func(s Slow) float64 { return ms(s.With.P99) }, " ms"},
		{"Go heap beside slow readers", func(s Slow) float64 { return float64(s.Heap) / (1 << 20) }, " MB"},
		{"kernel memory beside slow readers", func(s Slow) float64 { return float64(s.Kernel) / (1 << 20) }, " MB"},
		{"kernel memory after they were dropped", func(s Slow) float64 { return float64(s.KernelAfter) / (1 << 20) }, " MB"},
	} {
		all = append(all, contest{part.about, func(name string) float64 {
			s, _ := r.slowOf(name)
			return max(0, part.figure(s))
		}, plain(part.unit)})
	}
	return all
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// mean returns each contender's mean ratio to the floor for a kind of load.
func (r *Results) mean(what func(Cell) bool) func(string) float64 {
	cells := r.cells(what)
	return func(name string) float64 { return r.meanRatio(name, contender.Floor, cells) }
}

// idle returns each contender's KB per connection.
func (r *Results) idle(figure func(Idle) float64) func(string) float64 {
	return func(name string) float64 {
		for _, i := range r.Idle {
			if i.Contender == name && i.Sockets == r.most() {
				return max(0, figure(i)/(1<<10))
			}
		}
		return 0
	}
}

// libraries returns the contenders except wsx and the floor.
func libraries() (names []string) {
	for _, e := range contender.All {
		if e.Module != "" {
			names = append(names, e.Name)
		}
	}
	return names
}

// unfavorable lists every value for which a library is better than wsx, with all such libraries.
func (r *Results) unfavorable() (lines []string) {
	for _, c := range r.contests() {
		ours := c.value(contender.Wsx)
		if ours == 0 {
			continue
		}
		var better []string
		for _, name := range libraries() {
			// Values that are equal as displayed count as equal: a reader could not see the
			// difference.
			if v := c.value(name); v > 0 && v < ours && c.format(v) != c.format(ours) {
				better = append(better, name+" "+c.format(v))
			}
		}
		if len(better) > 0 {
			lines = append(lines, fmt.Sprintf("- %s: wsx %s; %s", sentence(c.about), c.format(ours), strings.Join(better, ", ")))
		}
	}
	return lines
}

// span returns the lowest and the highest value of the libraries.
func span(value func(string) float64) (least, most float64) {
	var values []float64
	for _, name := range libraries() {
		if v := value(name); v > 0 {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return 0, 0
	}
	return slices.Min(values), slices.Max(values)
}
