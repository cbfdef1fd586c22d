//go:build !race

package wsx

// schedules is how many random schedules a test goes through.
const schedules = 10_000
