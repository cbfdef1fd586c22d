package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx/bench/internal/contender"
)

// someResults has two rounds, the second on a machine half as fast. wsx costs 1.1 times the floor, gws 1.3 times.
func someResults() *Results {
	r := &Results{
		Machine: Machine{CPU: "a CPU", Cores: 2, Memory: "4 GiB", Kernel: "Linux", Go: "1.26"},
		Date:    time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Took: 11*time.Minute + 40*time.Second,
		SlowPlan: SlowPlan{Healthy: 1000, Stalled: 300, Size: 8192, Gap: time.Millisecond, Longest: time.Second, SendBuffer: 1 << 18},
	}
	costs := map[string]float64{contender.Floor: 1, contender.Wsx: 1.1, "gws": 1.3}
	for name, cost := range costs {
		r.Entries = append(r.Entries, Entry{name, "v1", "something"})
		for round, slowness := range []float64{8, 16} {
			for _, c := range []Cell{{1000, 200, 1, 0}, {10_000, 4096, 1, 0}, {10_000, 4096, 100, 0}, {10_000, 1024, 1, 10}} {
				r.Samples = append(r.Samples, Sample{name, round, c, cost * slowness, 500, 210})
			}
		}
		r.Idle = append(r.Idle, Idle{Contender: name, Sockets: 10_000, RSS: 9 << 10 / cost, AfterLoad: 9 << 10})
		if name != contender.Floor {
			r.Slow = append(r.Slow, Slow{Contender: name, Kernel: 1 << 20, Orphans: 2}, Slow{Contender: name, Dropped: time.Second})
		}
	}
	return r
}

func TestFiguresAreMediansOfRounds(t *testing.T) {
	t.Parallel()
	r := someResults()
	cell := Cell{1000, 200, 1, 0}
	assert.InDelta(t, 13.2, r.median(contender.Wsx, cell, figureCPU), 1e-9)
	assert.InDelta(t, 1.1, r.ratio(contender.Wsx, contender.Floor, cell), 1e-9, "a slow machine is slow for all")
	assert.InDelta(t, 1.3, r.meanRatio("gws", contender.Floor, r.cells(single)), 1e-9)
	assert.Zero(t, r.meanRatio("melody", contender.Floor, r.cells(single)), "it was not measured")
	assert.InDelta(t, 2, Median([]float64{9, 1, 2}), 1e-9)
	assert.InDelta(t, 2, GeometricMean([]float64{1, 4}), 1e-9)

	s, ok := r.slowOf(contender.Wsx)
	assert.True(t, ok)
	assert.Equal(t, 2, s.Orphans, "the worst round")
	assert.Zero(t, s.Dropped, "once they were not")
}

func TestReportTellsWhatIsUnfavorable(t *testing.T) {
	t.Parallel()
	r := someResults()
	lines := strings.Join(r.unfavorable(), "\n")
	assert.Equal(t, "- Memory of an idle connection: wsx 8.18 KB; gws 6.92 KB", lines)
	assert.Contains(t, r.Markdown(), lines)
}

func TestReportIsMarkdown(t *testing.T) {
	t.Parallel()
	r := someResults()
	r.Failed = []string{"melody: gone"}
	text := r.Markdown()
	assert.Contains(t, text, "2 January 2026, in 12 minutes")
	assert.Contains(t, text, "melody: gone")
	assert.NotContains(t, text, "%!", "a format without its arguments")
	for picture := range r.Pictures() {
		assert.Contains(t, text, "(performance/"+picture+")")
	}
	for line := range strings.Lines(text) {
		if line[0] != '|' && line[0] != '!' {
			assert.LessOrEqual(t, len(line), 130, line)
		}
	}
}

func TestPicturesAreXML(t *testing.T) {
	t.Parallel()
	for name, picture := range someResults().Pictures() {
		decoder := xml.NewDecoder(strings.NewReader(picture))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if !assert.NoError(t, err, name) {
				break
			}
		}
		assert.Contains(t, picture, "prefers-color-scheme: dark")
		assert.Contains(t, picture, `class="wsx"`)
	}
}

func TestTablesAreAligned(t *testing.T) {
	t.Parallel()
	assert.Equal(t, ""+
		"|     |   µs |\n"+
		"|-----|-----:|\n"+
		"| wsx | 1.10 |\n", table{[]string{"", "µs"}, [][]string{{"wsx", "1.10"}}, false}.String())
}

func TestNumbersSayThreeDigits(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]float64{missing: 0, "0.012": 0.0123, "0.12": 0.123, "1.23": 1.234, "12.3": 12.34, "123": 123.4, "12,345": 12345} {
		assert.Equal(t, want, number(v))
	}
}
