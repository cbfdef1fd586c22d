package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/wsxgo/wsx"
)

// sampler measures the figures. It keeps the previous counters to compute rates.
type sampler struct {
	hub  *wsx.Hub
	host string // a short description of the machine

	at            time.Time
	busy, total   float64 // of all cores
	frames, bytes uint64
	metrics       []metrics.Sample
	pauses        []uint64
}

func newSampler(hub *wsx.Hub) *sampler {
	name, _ := os.Hostname()
	return &sampler{
		hub:  hub,
		host: fmt.Sprintf("%s · %s/%s · %d CPU · %s", name, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
		metrics: []metrics.Sample{
			{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/sched/goroutines:goroutines"}, {Name: "/sched/pauses/total/gc:seconds"},
		},
	}
}

// read returns the current values by figure id. It omits values that the system doesn't provide, and on the first call also
// those that need a previous sample.
func (s *sampler) read(now time.Time) map[string]float64 {
	values := make(map[string]float64, len(figures))
	s.readMachine(values)
	s.readProcess(values)

	stats := s.hub.Stats()
	values["connections"] = float64(stats.Connections)
	if seconds := now.Sub(s.at).Seconds(); !s.at.IsZero() && seconds > 0 {
		values["frames"] = math.Round(float64(stats.Frames-s.frames) / seconds)
		values["bytes"] = float64(stats.Bytes-s.bytes) / seconds
	}
	s.at, s.frames, s.bytes = now, stats.Frames, stats.Bytes
	return values
}

// readMachine reads /proc, which only exists on Linux.
func (s *sampler) readMachine(values map[string]float64) {
	if busy, total, ok := cpuTime(readFile("/proc/stat")); ok {
		if s.total > 0 && total > s.total {
			values["cpu"] = max(0, busy-s.busy) / (total - s.total) * 100
		}
		s.busy, s.total = busy, total
	}
	var load float64
	if n, _ := fmt.Sscan(string(readFile("/proc/loadavg")), &load); n == 1 {
		values["load"] = load
	}
	if used, ok := memoryUsed(readFile("/proc/meminfo")); ok {
		values["memory"] = used * 100
	}
}

// readProcess checks the kinds of metrics, because a later version of Go may not provide all of
// them.
func (s *sampler) readProcess(values map[string]float64) {
	metrics.Read(s.metrics)
	for i, id := range []string{"heap", "goroutines"} {
		if v := s.metrics[i].Value; v.Kind() == metrics.KindUint64 {
			values[id] = float64(v.Uint64())
		}
	}
	if v := s.metrics[2].Value; v.Kind() == metrics.KindFloat64Histogram {
		h := v.Float64Histogram()
		if len(s.pauses) == len(h.Counts) {
			values["gc"] = longest(s.pauses, h.Counts, h.Buckets)
		}
		s.pauses = append(s.pauses[:0], h.Counts...)
	}
}

// longest returns the upper bound of the highest bucket that has grown, or 0.
func longest(before, now []uint64, buckets []float64) float64 {
	for i := len(now) - 1; i >= 0; i-- {
		if now[i] > before[i] {
			if end := buckets[i+1]; !math.IsInf(end, 0) {
				return end
			}
			return buckets[i]
		}
	}
	return 0
}

// readFile returns nil if the file can't be read.
func readFile(path string) []byte {
	data, _ := os.ReadFile(path)
	return data
}

// cpuTime reads the first line of /proc/stat: "cpu user nice system idle iowait irq softirq steal guest guest_nice". user
// already includes the guest times.
func cpuTime(stat []byte) (busy, total float64, ok bool) {
	line, _, _ := bytes.Cut(stat, []byte("\n"))
	var label string
	var t [8]float64
	n, _ := fmt.Sscan(string(line), &label, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7])
	if n < 5 || label != "cpu" {
		return 0, 0, false
	}
	for _, v := range t {
		total += v
	}
	return total - t[3] - t[4], total, true
}

// memoryUsed reads /proc/meminfo and returns the share of the memory that is not available.
func memoryUsed(meminfo []byte) (share float64, ok bool) {
	var total, available float64
	for lines := bufio.NewScanner(bytes.NewReader(meminfo)); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		switch name {
		case "MemTotal":
			fmt.Sscan(rest, &total)
		case "MemAvailable":
			fmt.Sscan(rest, &available)
		}
	}
	if total <= 0 || available <= 0 {
		return 0, false
	}
	return 1 - available/total, true
}
