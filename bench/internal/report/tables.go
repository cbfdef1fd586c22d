package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/wsxgo/wsx/bench/internal/contender"
)

// The kinds of load.
func single(c Cell) bool { return c.Burst == 1 && c.Room == 0 }
func burst(c Cell) bool  { return c.Burst > 1 }
func room(c Cell) bool   { return c.Room > 0 }

// names returns the contenders in a table for a kind of load, in the order of the report.
func (r *Results) names(what func(Cell) bool) (names []string) {
	for _, e := range contender.All {
		for _, name := range []string{e.Name, contender.FloorJoined} {
			joined := name == contender.FloorJoined
			if joined && e.Name != contender.Floor || name == contender.WsxDeflate {
				continue
			}
			if len(r.find(name, what)) > 0 {
				names = append(names, name)
			}
		}
	}
	return names
}

// cpuTable has a row per contender: the mean ratio to the floor, then µs and ratio for each cell.
func (r *Results) cpuTable(what func(Cell) bool) table {
	cells := r.cells(what)
	t := table{head: []string{"", "mean of ratios"}}
	for _, c := range cells {
		t.head = append(t.head, fmt.Sprintf("%s × %s", thousands(int64(c.Sockets)), size(c.Size)))
	}
	for _, name := range r.names(what) {
		row := []string{emphasis(name), number(r.meanRatio(name, contender.Floor, cells))}
		for _, c := range cells {
			row = append(row, fmt.Sprintf("%s (%s)", number(r.median(name, c, figureCPU)), number(r.ratio(name, contender.Floor, c))))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// figureTable has a row per contender and a column per cell.
func (r *Results) figureTable(what func(Cell) bool, column func(Cell) string, figure func(Sample) float64) table {
	t := table{head: []string{""}}
	for _, c := range r.cells(what) {
		t.head = append(t.head, column(c))
	}
	for _, name := range r.names(what) {
		row := []string{emphasis(name)}
		for _, c := range r.cells(what) {
			row = append(row, number(r.median(name, c, figure)))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// roomTable shows the cost of one broadcast to a room.
func (r *Results) roomTable() table {
	return r.figureTable(room, func(c Cell) string { return "room of " + thousands(int64(c.Room)) }, perRoom)
}

// perRoom returns the µs of one broadcast to a room.
func perRoom(s Sample) float64 { return s.CPU * float64(s.Room) }

// singleOfMost selects single broadcasts to the largest number of sockets.
func (r *Results) singleOfMost(c Cell) bool { return single(c) && c.Sockets == r.most() }

func sizeOf(c Cell) string { return size(c.Size) }

// returnsTable shows the duration of a call.
func (r *Results) returnsTable() table {
	return r.figureTable(r.singleOfMost, sizeOf, func(s Sample) float64 { return s.Returns / 1000 })
}

// bytesTable shows the bytes on the wire.
func (r *Results) bytesTable() table { return r.figureTable(r.singleOfMost, sizeOf, figureBytes) }

func (r *Results) idleTable() table {
	t := table{head: []string{"", "RSS, KB", "of it heap", "stacks", "goroutines", "RSS after load"}}
	for _, e := range contender.All {
		for _, i := range r.Idle {
			if i.Contender == e.Name && i.Sockets == r.most() {
				t.rows = append(t.rows, []string{
					emphasis(e.Name), kilobytes(i.RSS), kilobytes(i.Heap), kilobytes(i.Stacks),
					fmt.Sprintf("%.0f", i.Goroutines), kilobytes(i.AfterLoad),
				})
			}
		}
	}
	return t
}

// slowOf returns a contender's results beside slow readers: medians, or the worst for failures. The boolean reports whether it
// was measured.
func (r *Results) slowOf(name string) (Slow, bool) {
	var all []Slow
	for _, s := range r.Slow {
		if s.Contender == name {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return Slow{}, false
	}
	s := Slow{
		Contender:   name,
		Alone:       Delay{of(all, func(s Slow) time.Duration { return s.Alone.P50 }), of(all, func(s Slow) time.Duration { return s.Alone.P99 })},
		With:        Delay{of(all, func(s Slow) time.Duration { return s.With.P50 }), of(all, func(s Slow) time.Duration { return s.With.P99 })},
		Dropped:     of(all, func(s Slow) time.Duration { return s.Dropped }),
		Heap:        of(all, func(s Slow) int64 { return s.Heap }),
		Kernel:      of(all, func(s Slow) int64 { return s.Kernel }),
		KernelAfter: of(all, func(s Slow) int64 { return s.KernelAfter }),
	}
	for _, one := range all { // the worst of all rounds
		s.Orphans, s.Lost, s.Cut = max(s.Orphans, one.Orphans), max(s.Lost, one.Lost), max(s.Cut, one.Cut)
		if one.Dropped == 0 {
			s.Dropped = 0
		}
	}
	return s, true
}

// of returns the median of one value.
func of[T Number](all []Slow, figure func(Slow) T) T {
	var values []T
	for _, s := range all {
		values = append(values, figure(s))
	}
	return Median(values)
}

func (r *Results) slowTable() table {
	t := table{head: []string{
		"", "p50 alone", "with them", "p99 alone", "with them", "dropped after", "Go heap", "kernel", "kernel after", "orphans", "lost", "cut",
	}}
	for _, e := range contender.All {
		s, ok := r.slowOf(e.Name)
		if !ok {
			continue
		}
		dropped := "never"
		if s.Dropped > 0 {
			dropped = fmt.Sprintf("%.1f s", s.Dropped.Seconds())
		}
		t.rows = append(t.rows, []string{
			emphasis(s.Contender), millis(s.Alone.P50), millis(s.With.P50), millis(s.Alone.P99), millis(s.With.P99), dropped,
			megabytes(s.Heap), megabytes(s.Kernel), megabytes(s.KernelAfter), fmt.Sprint(s.Orphans), thousands(int64(s.Lost)), fmt.Sprint(s.Cut),
		})
	}
	return t
}

// compressed returns the cells with compression.
func (r *Results) compressed() []Cell {
	return r.cells(func(c Cell) bool { return len(r.find(contender.WsxDeflate, c.is)) > 0 })
}

// compressionTable compares wsx with and without compression. It has no rows if there is nothing to compare.
func (r *Results) compressionTable() table {
	t := table{head: []string{"", "µs", "compressed", "bytes", "compressed"}}
	for _, c := range r.compressed() {
		name := "single, " + size(c.Size)
		if burst(c) {
			name = fmt.Sprintf("bursts of %d, %s", c.Burst, size(c.Size))
		}
		t.rows = append(t.rows, []string{
			name,
			number(r.median(contender.Wsx, c, figureCPU)), number(r.median(contender.WsxDeflate, c, figureCPU)),
			number(r.median(contender.Wsx, c, figureBytes)), number(r.median(contender.WsxDeflate, c, figureBytes)),
		})
	}
	return t
}

// emphasis highlights the rows of wsx.
func emphasis(name string) string {
	if name == contender.Wsx {
		return "**" + name + "**"
	}
	return name
}

// Tables returns all tables as text.
func (r *Results) Tables() string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		table table
	}{
		{"Server CPU per delivery of single broadcasts, µs (times the floor)", r.cpuTable(single)},
		{"Server CPU per delivery in bursts, µs (times the floor)", r.cpuTable(burst)},
		{"Memory per idle connection", r.idleTable()},
		{"Server CPU of one broadcast to a room, µs", r.roomTable()},
		{"Milliseconds until the call returns", r.returnsTable()},
		{"Slow readers: ms, MB", r.slowTable()},
		{"Bytes on the wire for one message", r.bytesTable()},
		{"Compression of wsx", r.compressionTable()},
	} {
		if len(part.table.rows) > 0 {
			fmt.Fprintf(&b, "\n%s\n\n%s", part.title, part.table)
		}
	}
	for _, text := range r.Failed {
		fmt.Fprintf(&b, "\nFAILED: %s\n", text)
	}
	return b.String()
}
