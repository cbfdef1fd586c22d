package main

import (
	"fmt"
	"slices"
)

const (
	morphRounds = 9
	morphWarmup = 4
)

// morphResult contains the contenders' times for one change of one kind of table, in ms.
type morphResult struct {
	Kind, Change string
	Took         map[string][]float64
}

// measureMorphs runs in the page: round trips to the browser would be longer than a morph.
func (b *chromium) measureMorphs() ([]morphResult, error) {
	server := serve(nil)
	defer server.Close()
	page, cancel, err := b.open(server.URL + "/page/morphs.html")
	if err != nil {
		return nil, err
	}
	defer cancel()
	return eval[[]morphResult](page, fmt.Sprintf("morphs(%d, %d)", morphRounds, morphWarmup))
}

// median ignores the few runs that a garbage collection interrupts.
func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
