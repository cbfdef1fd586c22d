package main

import (
	"fmt"
	"math"
	"time"
)

// figure is a value that is measured every second.
type figure struct {
	ID, Group, Name, About string
	format                 func(float64) string
	scale                  func(highest float64) float64 // the top of the chart's scale
}

var groups = []string{"Machine", "Process", "Hub"}

var figures = []figure{
	{"cpu", "Machine", "CPU", "of all cores", percent, fixed(100)},
	{"load", "Machine", "Load", "1-minute average", decimal, round(1)},
	{"memory", "Machine", "Memory", "in use", percent, fixed(100)},
	{"heap", "Process", "Heap", "objects, live or not yet swept", size, binary(1 << 20)},
	{"goroutines", "Process", "Goroutines", "now", count, round(10)},
	{"gc", "Process", "GC pause", "longest in the last second", duration, round(100e-6)},
	{"connections", "Hub", "Connections", "visitors included", count, round(5)},
	{"frames", "Hub", "Frames", "per second, all connections", count, round(5)},
	{"bytes", "Hub", "Bytes", "per second, all connections", size, binary(1 << 10)},
}

func percent(v float64) string { return fmt.Sprintf("%.0f%%", v) }
func decimal(v float64) string { return fmt.Sprintf("%.2f", v) }
func count(v float64) string   { return fmt.Sprintf("%.0f", v) }

func size(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for ; v >= 1024 && i < len(units)-1; i++ {
		v /= 1024
	}
	return trim(v) + " " + units[i]
}

func duration(v float64) string {
	switch d := time.Duration(v * float64(time.Second)); {
	case d == 0:
		return "0"
	case d < time.Millisecond:
		return trim(v*1e6) + " µs"
	case d < time.Second:
		return trim(v*1e3) + " ms"
	default:
		return trim(v) + " s"
	}
}

// trim formats a number with up to one decimal.
func trim(v float64) string {
	if v >= 10 || v == math.Trunc(v) {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}
