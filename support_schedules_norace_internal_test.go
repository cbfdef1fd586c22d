//go:build !race

package wsx

// schedules is how many random schedules a test goes through.
var schedules = 10_000
