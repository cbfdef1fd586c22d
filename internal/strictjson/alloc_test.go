//go:build !race

package strictjson

import "testing"

// The race detector allocates for itself, so this file is left out under it.

func TestObjectAllocatesNothing(t *testing.T) {
	data := []byte(request)
	members := 0
	count := func(key, _ []byte) error {
		switch string(key) {
		case "id", "handler", "target", "trigger", "data", "swap":
			members++
		}
		return nil
	}
	got := testing.AllocsPerRun(100, func() {
		if err := Object(data, 32, count); err != nil {
			t.Fatal(err)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
	if members != 6*101 {
		t.Errorf("%d members were seen, want %d", members, 6*101)
	}
}

func TestStringAllocatesWhatItReturns(t *testing.T) {
	raw := []byte(`"a text that is long enough not to fit into a small buffer"`)
	got := testing.AllocsPerRun(100, func() {
		if _, ok := String(raw); !ok {
			t.Fatal("no string")
		}
	})
	if got > 1 {
		t.Errorf("%v allocations, want one", got)
	}
}
