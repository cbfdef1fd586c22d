//go:build race

package wsx

// schedules is how many random schedules a test goes through. Under the race detector each takes ten times as long.
var schedules = 1_000
