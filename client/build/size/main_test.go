package main

import (
	"os"
	"strings"
	"testing"
)

// Go's test cache does not see changes outside this module, so scripts run these tests with -count=1.
func TestGuideHasTheSizesOfTheClient(t *testing.T) {
	page, err := os.ReadFile("../../../" + guide)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _, err := split(string(page))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ownRows("../../dist")
	if err != nil || ours == "" {
		t.Fatalf("no rows: %q, %v", ours, err)
	}
	if !strings.HasPrefix(section, "\n"+head+ours) {
		t.Errorf(guide+" does not begin its table of sizes with these rows; run 'go run ./client/build/size -own':\n%s", ours)
	}
}

func TestTheRowsOfOthersOutliveOurs(t *testing.T) {
	others := "| other 1 | 1 | 1 |\n\nText.\n"
	if got := foreignPart("\n" + head + ownRow + " `wsx.js` | 2 | 2 |\n" + others); got != others {
		t.Errorf("%q is left of the section, not %q", got, others)
	}
}
