package report

import (
	"fmt"
	"html"
	"strings"

	"github.com/wsxgo/wsx/bench/internal/contender"
)

// A chart is a set of horizontal bars with their values.
type chart struct {
	title, unit string
	bars        []bar
}

type bar struct {
	name  string
	value float64
}

// The dimensions of a chart in pixels.
const (
	chartWidth = 720
	barsFrom   = 160
	barsWidth  = 460
	barsTop    = 62
	barHeight  = 18
	barStep    = 27
)

// chartStyle has the colors, for light and dark pages. The card is part of the picture, so that it is readable on any page.
const chartStyle = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.faint { fill: #59636e }
.card { fill: #ffffff; stroke: #d1d9e0 }
.floor { fill: #d1d9e0 }
.library { fill: #818b98 }
.wsx { fill: #0969da }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.faint { fill: #9198a1 }
.card { fill: #0d1117; stroke: #3d444d }
.floor { fill: #3d444d }
.library { fill: #656c76 }
.wsx { fill: #4493f8 }
}
</style>
`

// svg draws the chart without a library, so that the pictures depend only on the figures and a
// repeated rendering changes nothing.
func (c chart) svg() string {
	height := barsTop + barStep*len(c.bars) + 8
	longest := 0.0
	for _, b := range c.bars {
		longest = max(longest, b.value)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n",
		chartWidth, height, chartWidth, height)
	fmt.Fprintf(&s, "<title>%s, %s</title>\n%s", html.EscapeString(c.title), html.EscapeString(c.unit), chartStyle)
	fmt.Fprintf(&s, `<rect class="card" x="0.5" y="0.5" width="%d" height="%d" rx="6"/>`+"\n", chartWidth-1, height-1)
	fmt.Fprintf(&s, `<text class="title" x="20" y="28">%s</text>`+"\n", html.EscapeString(c.title))
	fmt.Fprintf(&s, `<text class="faint" x="20" y="48">%s</text>`+"\n", html.EscapeString(c.unit))
	for i, b := range c.bars {
		y := barsTop + i*barStep
		length := 0.0
		if longest > 0 {
			// Even the smallest value stays visible.
			length = max(1, b.value/longest*barsWidth)
		}
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text>`, barsFrom-10, y+barHeight-5, html.EscapeString(b.name))
		fmt.Fprintf(&s, `<rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>`, barClass(b.name), barsFrom, y, length, barHeight)
		fmt.Fprintf(&s, `<text class="faint" x="%.1f" y="%d">%s</text>`+"\n", barsFrom+length+8, y+barHeight-5, number(b.value))
	}
	s.WriteString("</svg>\n")
	return s.String()
}

func barClass(name string) string {
	switch name {
	case contender.Wsx:
		return "wsx"
	case contender.Floor, contender.FloorJoined:
		return "floor"
	}
	return "library"
}

// charts returns the charts of the report by name.
func (r *Results) charts() map[string]chart {
	charts := map[string]chart{
		"singles.svg": {"Server CPU per delivery, single broadcasts",
			"times the floor of one write for each, mean of all numbers of sockets and sizes; less is better", r.bars(single, r.mean(single))},
		"bursts.svg": {"Server CPU per delivery, bursts",
			"times the floor of one write for each, mean of all numbers of sockets and sizes; less is better", r.bars(burst, r.mean(burst))},
		"memory.svg": {"Memory per idle connection", "KB of the server process; less is better",
			r.bars(single, r.idle(func(i Idle) float64 { return i.RSS }))},
	}
	if rooms := r.cells(room); len(rooms) > 0 {
		charts["rooms.svg"] = chart{
			fmt.Sprintf("Server CPU of one broadcast to a room of %d among %s connections", rooms[0].Room, thousands(int64(rooms[0].Sockets))),
			"µs; less is better", r.bars(room, func(name string) float64 { return r.median(name, rooms[0], perRoom) }),
		}
	}
	return charts
}

func (r *Results) bars(what func(Cell) bool, value func(string) float64) (bars []bar) {
	for _, name := range r.names(what) {
		if v := value(name); v > 0 {
			bars = append(bars, bar{name, v})
		}
	}
	return bars
}

// Pictures returns the charts as SVG, by file name.
func (r *Results) Pictures() map[string]string {
	pictures := make(map[string]string)
	for name, c := range r.charts() {
		pictures[name] = c.svg()
	}
	return pictures
}
