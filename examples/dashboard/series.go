package main

import (
	"math"
	"strconv"
)

const (
	span   = 120 // values in a chart: two minutes
	bottom = 98  // y of zero; the chart is 100 high, and the line must not be cut off
	top    = 6   // y of the end of the scale
)

// series is a figure with its last values, newest last. The template "chart" calls its methods.
type series struct {
	figure
	values []float64 // NaN is unknown
}

// add moves the values in place, so that a full series allocates nothing.
func (s *series) add(value float64) {
	if len(s.values) == span {
		copy(s.values, s.values[1:])
		s.values = s.values[:span-1]
	}
	s.values = append(s.values, value)
}

// Known reports whether the series has any value. Some systems don't provide all figures.
func (s *series) Known() bool { return !math.IsNaN(s.max()) }

// Now returns the newest value as text, or a dash if it is unknown.
func (s *series) Now() string {
	if now := s.values[len(s.values)-1]; !math.IsNaN(now) {
		return s.format(now)
	}
	return "–"
}

func (s *series) Peak() string { return s.format(s.max()) }
func (s *series) Top() string  { return s.format(s.scale(s.max())) }

// Path returns the chart as an SVG path. It is closed below the visible area, so that one path draws both the line and the area.
// An unknown value repeats the one before. The steps are relative, which is short: the path is sent every second.
func (s *series) Path() string {
	scale := s.scale(s.max())
	values := s.values
	for len(values) > 0 && math.IsNaN(values[0]) {
		values = values[1:]
	}
	left := span - len(values)
	path := make([]byte, 0, 6*span)
	path = append(path, 'M')
	path = strconv.AppendInt(path, int64(left), 10)
	path = append(path, " 120V"...)
	last := bottom
	for i, value := range values {
		y := last
		if !math.IsNaN(value) {
			y = bottom - int(math.Round(value/scale*(bottom-top)))
		}
		switch i {
		case 0:
			path = strconv.AppendInt(path, int64(y), 10)
		case 1:
			path = append(path, "l1 "...)
			path = strconv.AppendInt(path, int64(y-last), 10)
		default:
			path = append(path, " 1 "...)
			path = strconv.AppendInt(path, int64(y-last), 10)
		}
		last = y
	}
	return string(append(path, "h9V120z"...)) // the right edge is outside the visible area
}

// max returns the highest known value, or NaN.
func (s *series) max() float64 {
	highest := math.NaN()
	for _, value := range s.values {
		if !(value <= highest) && !math.IsNaN(value) {
			highest = value
		}
	}
	return highest
}

// round returns a scale that ends at 1, 2 or 5 times a power of ten, but not below least.
func round(least float64) func(float64) float64 {
	return func(highest float64) float64 {
		if !(highest > least) {
			return least
		}
		power := math.Pow(10, math.Floor(math.Log10(highest)))
		for _, step := range []float64{1, 2, 5} {
			if highest <= step*power*(1+1e-9) {
				return step * power
			}
		}
		return 10 * power
	}
}

// binary returns a scale that ends at a power of two, but not below least.
func binary(least float64) func(float64) float64 {
	return func(highest float64) float64 {
		if !(highest > least) {
			return least
		}
		return math.Exp2(math.Ceil(math.Log2(highest)))
	}
}

// fixed returns a scale with a fixed end, extended if the value is higher.
func fixed(end float64) func(float64) float64 {
	return func(highest float64) float64 {
		if highest > end {
			return highest
		}
		return end
	}
}
