//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/report"
)

// thisMachine describes this machine.
func thisMachine() report.Machine {
	return report.Machine{
		CPU:    field("/proc/cpuinfo", "model name"),
		Cores:  runtime.NumCPU(),
		Memory: gigabytes(field("/proc/meminfo", "MemTotal")),
		Kernel: strings.TrimSpace("Linux " + read("/proc/sys/kernel/osrelease")),
		Go:     strings.TrimPrefix(runtime.Version(), "go"),
	}
}

// read returns a text for the report even if the file is missing: the name of a CPU is not worth a
// failed run.
func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "of an unknown kind"
	}
	return string(text)
}

// field returns the value of the first line "name : value" of a file.
func field(path, name string) string {
	for line := range strings.Lines(read(path)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "of an unknown kind"
}

// gigabytes converts a value of /proc/meminfo, which is in kB.
func gigabytes(meminfo string) string {
	var kilobytes float64
	if _, err := fmt.Sscanf(meminfo, "%f kB", &kilobytes); err != nil {
		return meminfo
	}
	return fmt.Sprintf("%.0f GiB", kilobytes/(1<<20))
}

// entries lists the contenders with their versions in this build.
func entries() (list []report.Entry) {
	versions := make(map[string]string)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			versions[module.Path] = module.Version
		}
	}
	for _, e := range contender.All {
		version := versions[e.Module]
		switch e.Name {
		// It is wsx with another option and has a section of its own.
		case contender.WsxDeflate:
			continue
		// The library is built from this working copy, so it has no version in the build.
		case contender.Wsx:
			version = commit()
		}
		list = append(list, report.Entry{Name: e.Name, Version: version, How: e.How})
	}
	return list
}

// commit returns the commit of wsx.
func commit() string {
	hash, err := exec.Command("git", "rev-parse", "--short=10", "HEAD").Output()
	if err != nil {
		return "this working copy"
	}
	return "commit " + strings.TrimSpace(string(hash))
}
