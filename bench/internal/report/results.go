// Package report turns measurements into text and pictures.
package report

import (
	"math"
	"slices"
	"time"
)

// Results are everything that one run of the program has found out.
type Results struct {
	Machine Machine
	Date    time.Time
	Took    time.Duration
	Entries []Entry

	Samples []Sample
	Idle    []Idle
	Slow    []Slow
	Failed  []string // what could not be measured, and why

	SlowPlan SlowPlan
}

// Machine is what was measured on.
type Machine struct {
	CPU    string
	Cores  int
	Memory string
	Kernel string
	Go     string
}

// Entry is one contender.
type Entry struct {
	Name, Version, How string
}

// A Cell is one kind of load: messages of Size to all of Sockets, or to a Room of them, Burst at once.
type Cell struct {
	Sockets, Size, Burst, Room int
}

// A Sample is what one contender needed for one cell in one round.
type Sample struct {
	Contender string
	Round     int
	Cell
	CPU     float64 // µs of the server for one delivery
	Returns float64 // µs until the median call returned
	Bytes   float64 // of the frame, for one delivery
}

// Idle is what one contender holds for one connection that does nothing.
type Idle struct {
	Contender  string
	Sockets    int
	RSS        float64 // bytes
	Heap       float64
	Stacks     float64
	Goroutines float64
	AfterLoad  float64 // RSS after everything had been measured; 0: it was not
}

// Slow is what one contender did beside browsers that read nothing.
type Slow struct {
	Contender   string
	Round       int
	Alone, With Delay
	Dropped     time.Duration // until the stalled had been dropped; 0: they were not
	Heap        int64         // bytes that the Go heap grew at most
	Kernel      int64         // bytes that the kernel's TCP memory grew at most
	KernelAfter int64         // and some time after the drop, or at the end
	Orphans     int           // sockets that the kernel still had for nobody then
	Lost        int           // messages that healthy browsers did not get
	Cut         int           // healthy browsers whose connections were ended
}

// Delay is how long messages took to arrive.
type Delay struct{ P50, P99 time.Duration }

// SlowPlan says how slow readers were measured.
type SlowPlan struct {
	Healthy, Stalled, Size int
	Gap, Longest           time.Duration
	SendBuffer             int
}

// Number is what medians can be taken of.
type Number interface {
	~int | ~int64 | ~float64
}

// Median returns the middle of values, or the mean of the middle two; 0 for none.
func Median[T Number](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// GeometricMean returns the mean of ratios; 0 for none.
func GeometricMean(ratios []float64) float64 {
	if len(ratios) == 0 {
		return 0
	}
	sum := 0.0
	for _, r := range ratios {
		sum += math.Log(r)
	}
	return math.Exp(sum / float64(len(ratios)))
}

// find returns the samples of a contender that agree with what.
func (r *Results) find(contender string, what func(Cell) bool) (found []Sample) {
	for _, s := range r.Samples {
		if s.Contender == contender && what(s.Cell) {
			found = append(found, s)
		}
	}
	return found
}

// median returns the median of one figure of a contender's samples of a cell; 0: there are none.
func (r *Results) median(contender string, cell Cell, figure func(Sample) float64) float64 {
	var values []float64
	for _, s := range r.find(contender, cell.is) {
		values = append(values, figure(s))
	}
	return Median(values)
}

func (c Cell) is(other Cell) bool { return c == other }

// ratio returns the median, over the rounds, of a contender's CPU to the floor's in the same round; 0: there is none.
func (r *Results) ratio(contender, floor string, cell Cell) float64 {
	under := make(map[int]float64)
	for _, s := range r.find(floor, cell.is) {
		under[s.Round] = s.CPU
	}
	var ratios []float64
	for _, s := range r.find(contender, cell.is) {
		if base := under[s.Round]; base > 0 {
			ratios = append(ratios, s.CPU/base)
		}
	}
	return Median(ratios)
}

// meanRatio returns the geometric mean of the ratios over cells; 0 unless there is one for each.
func (r *Results) meanRatio(contender, floor string, cells []Cell) float64 {
	var ratios []float64
	for _, cell := range cells {
		ratio := r.ratio(contender, floor, cell)
		if ratio == 0 {
			return 0
		}
		ratios = append(ratios, ratio)
	}
	return GeometricMean(ratios)
}

// cells returns the different cells that agree with what, in the order of measurement.
func (r *Results) cells(what func(Cell) bool) (cells []Cell) {
	for _, s := range r.Samples {
		if what(s.Cell) && !slices.Contains(cells, s.Cell) {
			cells = append(cells, s.Cell)
		}
	}
	return cells
}

// rounds returns how often a kind of load was measured with so many sockets.
func (r *Results) rounds(what func(Cell) bool, sockets int) (rounds int) {
	for _, s := range r.Samples {
		if what(s.Cell) && s.Sockets == sockets {
			rounds = max(rounds, s.Round+1)
		}
	}
	return rounds
}

// most returns the largest number of sockets.
func (r *Results) most() (sockets int) {
	for _, s := range r.Samples {
		sockets = max(sockets, s.Sockets)
	}
	return sockets
}

func figureCPU(s Sample) float64     { return s.CPU }
func figureReturns(s Sample) float64 { return s.Returns }
func figureBytes(s Sample) float64   { return s.Bytes }
