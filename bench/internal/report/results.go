// Package report renders results as text and charts.
package report

import (
	"math"
	"slices"
	"time"
)

// Results are the results of one run.
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

// Machine describes the machine.
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

// A Cell is one kind of load: messages of Size to all Sockets or to the members of a Room, in bursts of Burst.
type Cell struct {
	Sockets, Size, Burst, Room int
}

// A Sample is one contender's cost for one cell in one round.
type Sample struct {
	Contender string
	Round     int
	Cell
	CPU     float64 // µs of server CPU per delivery
	Returns float64 // µs, median duration of a call
	Bytes   float64 // frame size per delivery
}

// Idle is one contender's memory per idle connection.
type Idle struct {
	Contender  string
	Sockets    int
	RSS        float64 // bytes
	Heap       float64
	Stacks     float64
	Goroutines float64
	AfterLoad  float64 // RSS after all measurements; 0 means not measured
}

// Slow is one contender's result beside browsers that don't read.
type Slow struct {
	Contender   string
	Round       int
	Alone, With Delay
	Dropped     time.Duration // until the stalled connections were dropped; 0 means never
	Heap        int64         // maximum growth of the Go heap in bytes
	Kernel      int64         // maximum growth of the kernel's TCP memory in bytes
	KernelAfter int64         // some time after the drop, or at the end
	Orphans     int           // orphaned sockets in the kernel at that time
	Lost        int           // messages that healthy browsers did not get
	Cut         int           // healthy browsers that were disconnected
}

// Delay is how long messages took to arrive.
type Delay struct{ P50, P99 time.Duration }

// SlowPlan describes the measurement of slow readers.
type SlowPlan struct {
	Healthy, Stalled, Size int
	Gap, Longest           time.Duration
	SendBuffer             int
}

// Number is the type of values that have a median.
type Number interface {
	~int | ~int64 | ~float64
}

// Median returns the middle value, or the mean of the middle two, or 0 without values.
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

// GeometricMean returns the geometric mean of ratios, or 0 without ratios.
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

// find returns the samples of a contender that satisfy what.
func (r *Results) find(contender string, what func(Cell) bool) (found []Sample) {
	for _, s := range r.Samples {
		if s.Contender == contender && what(s.Cell) {
			found = append(found, s)
		}
	}
	return found
}

// median returns the median of one value of a contender's samples of a cell, or 0 without samples.
func (r *Results) median(contender string, cell Cell, figure func(Sample) float64) float64 {
	var values []float64
	for _, s := range r.find(contender, cell.is) {
		values = append(values, figure(s))
	}
	return Median(values)
}

func (c Cell) is(other Cell) bool { return c == other }

// ratio returns the median over the rounds of the contender's CPU divided by the floor's, or 0 without samples.
func (r *Results) ratio(contender, floor string, cell Cell) float64 {
	// Each round is compared with the floor of the same round, so that a busy moment of the machine
	// cancels out.
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

// meanRatio returns the geometric mean of the ratios over cells, or 0 unless every cell has a ratio.
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

// cells returns the distinct cells that satisfy what, in the order of measurement.
func (r *Results) cells(what func(Cell) bool) (cells []Cell) {
	for _, s := range r.Samples {
		if what(s.Cell) && !slices.Contains(cells, s.Cell) {
			cells = append(cells, s.Cell)
		}
	}
	return cells
}

// rounds returns the number of rounds of a kind of load with this number of sockets.
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
