//go:build linux

package server

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
)

// Memory is the memory use of a process.
type Memory struct {
	RSS        int64 // bytes
	Heap       int64 // bytes of live objects
	Stacks     int64 // bytes
	Goroutines int
}

// Memory collects garbage, then measures.
func (s *Server) Memory(struct{}) (Memory, error) {
	runtime.GC()
	runtime.GC() // also empties the pools
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m := Memory{Heap: int64(stats.HeapAlloc), Stacks: int64(stats.StackInuse), Goroutines: runtime.NumGoroutine()}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &m.RSS); err == nil {
			m.RSS <<= 10
			return m, nil
		}
	}
	return m, fmt.Errorf("/proc/self/status has no VmRSS")
}

// liveHeap returns the bytes of objects, including dead ones that have not been collected. It is cheap.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// Kernel is the memory use of TCP on this machine, for all processes.
type Kernel struct {
	Orphans int
	Memory  int64 // bytes
}

// readKernel reads /proc/net/sockstat.
func readKernel() (k Kernel, err error) {
	text, err := os.ReadFile("/proc/net/sockstat")
	if err != nil {
		return k, err
	}
	for line := range strings.Lines(string(text)) {
		var inuse, waiting, allocated, pages int64
		if _, err := fmt.Sscanf(line, "TCP: inuse %d orphan %d tw %d alloc %d mem %d",
			&inuse, &k.Orphans, &waiting, &allocated, &pages); err == nil {
			k.Memory = pages * int64(os.Getpagesize())
			return k, nil
		}
	}
	return k, fmt.Errorf("/proc/net/sockstat has no TCP")
}
