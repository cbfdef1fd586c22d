package wsxtest

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wsxgo/wsx"
)

// TestBroker checks that brokers keep the contract of [wsx.Broker]. newBroker returns a broker with an
// empty log of its own. Each subtest is named after the sentence that it checks.
//
// Use it in the tests of an implementation:
//
//	func TestBroker(t *testing.T) {
//		wsxtest.TestBroker(t, func() wsx.Broker { return mybroker.New(…) })
//	}
func TestBroker(t *testing.T, newBroker func() wsx.Broker) {
	for _, c := range []struct {
		sentence string
		check    func(t *testing.T, b wsx.Broker)
	}{
		{"an empty log has first = last + 1, and entries are numbered from 1", checkEmpty},
		{"open gets the first and the last entry of the log", checkOpen},
		{"each entry after the number that open returned is delivered once and in order", checkAfter},
		{"entries appended at the same time have one order for all followers", checkOrder},
		{"Append returns when the entry is safe, and it is delivered within 2 seconds", checkSoon},
		{"Append returns false for an id of the last two minutes, and adds nothing", checkID},
		{"an entry may have any bytes, up to Limit", checkBytes},
		{"entry is called by one call at a time", checkOneCall},
		{"Follow returns when ctx ends, and calls nothing afterwards", checkEnd},
		{"Follow may be called again, and by many at a time", checkAgain},
		{"the epoch is up to 16 letters and digits, the same for all followers", checkEpoch},
		{"a note reaches the node that it is for, or all, at most once", checkNotes},
		{"notes of one sender stay in order", checkNoteOrder},
		{"calls return when their context ends", checkContext},
	} {
		t.Run(c.sentence, func(t *testing.T) { c.check(t, newBroker()) })
	}
}

// brokerPatience is how long the kit waits for what a broker owes within 2 seconds.
const brokerPatience = 15 * time.Second

// A watched is a running Follow and what it has brought.
type watched struct {
	t    *testing.T
	stop func() error // ends it and returns its error

	mu      sync.Mutex // guards what follows
	epoch   string
	first   uint64
	last    uint64
	numbers []uint64
	entries []string
	notes   []string
	busy    int
	overlap bool
	changed chan struct{}
}

// watch follows b after a number, or from the first entry if after is negative.
func watch(t *testing.T, b wsx.Broker, node string, after int) *watched {
	t.Helper()
	w := &watched{t: t, changed: make(chan struct{})}
	opened := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	var ending sync.Once
	var end error
	w.stop = func() error {
		ending.Do(func() {
			cancel()
			select {
			case end = <-ended:
			case <-time.After(brokerPatience):
				t.Error("Follow didn't return when its context ended")
			}
		})
		return end
	}
	t.Cleanup(func() { _ = w.stop() })
	go func() {
		ended <- b.Follow(ctx, node,
			func(epoch string, first, last uint64) uint64 {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.epoch, w.first, w.last = epoch, first, last
				close(opened)
				if after < 0 {
					return first - 1
				}
				return uint64(after)
			},
			func(n uint64, data []byte) {
				w.note(func() { w.busy++; w.overlap = w.overlap || w.busy > 1 })
				w.note(func() {
					w.busy--
					w.numbers, w.entries = append(w.numbers, n), append(w.entries, string(data))
				})
			},
			func(data []byte) { w.note(func() { w.notes = append(w.notes, string(data)) }) })
	}()
	select {
	case <-opened:
	case err := <-ended:
		t.Fatalf("Follow returned before it called open: %v", err)
	case <-time.After(brokerPatience):
		t.Fatal("Follow didn't call open")
	}
	return w
}

func (w *watched) note(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	close(w.changed)
	w.changed = make(chan struct{})
}

// until waits for a condition, which is called with mu held.
func (w *watched) until(what string, is func() bool) {
	w.t.Helper()
	deadline := time.After(brokerPatience)
	for {
		w.mu.Lock()
		ok, changed := is(), w.changed
		w.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			w.mu.Lock()
			defer w.mu.Unlock()
			w.t.Fatalf("%s: it brought the entries %d %.20q and the notes %.20q", what, w.numbers, w.entries, w.notes)
		}
	}
}

func (w *watched) expect(first uint64, entries ...string) {
	w.t.Helper()
	w.until("waiting for entries", func() bool { return len(w.entries) >= len(entries) })
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, want := range entries {
		if w.entries[i] != want || w.numbers[i] != first+uint64(i) {
			w.t.Fatalf("entry %d is %d %.40q, want %d %.40q", i, w.numbers[i], w.entries[i], first+uint64(i), want)
		}
	}
	if len(w.entries) > len(entries) {
		w.t.Fatalf("%d entries more than %d: %.20q", len(w.entries)-len(entries), len(entries), w.entries[len(entries):])
	}
}

func add(t *testing.T, b wsx.Broker, id string, entries ...string) {
	t.Helper()
	for _, e := range entries {
		ctx, cancel := context.WithTimeout(context.Background(), brokerPatience)
		added, err := b.Append(ctx, id, []byte(e))
		cancel()
		if err != nil || !added {
			t.Fatalf("Append returned %v, %v", added, err)
		}
	}
}

func checkEmpty(t *testing.T, b wsx.Broker) {
	w := watch(t, b, "a", -1)
	if w.first != w.last+1 {
		t.Fatalf("open got first %d and last %d", w.first, w.last)
	}
	add(t, b, "", "x", "y")
	w.expect(1, "x", "y")
}

func checkOpen(t *testing.T, b wsx.Broker) {
	add(t, b, "", "x", "y", "z")
	w := watch(t, b, "a", -1)
	if w.first != 1 || w.last != 3 {
		t.Fatalf("open got first %d and last %d, want 1 and 3", w.first, w.last)
	}
	w.expect(1, "x", "y", "z")
}

func checkAfter(t *testing.T, b wsx.Broker) {
	add(t, b, "", "1", "2", "3", "4")
	w := watch(t, b, "a", 2)
	add(t, b, "", "5")
	w.expect(3, "3", "4", "5")
	_ = w.stop()
	add(t, b, "", "6")
	watch(t, b, "a", 5).expect(6, "6")
}

func checkOrder(t *testing.T, b wsx.Broker) {
	const writers, each = 20, 25
	live := watch(t, b, "a", -1)
	var running sync.WaitGroup
	for i := range writers {
		running.Go(func() {
			for n := range each {
				if _, err := b.Append(context.Background(), "", fmt.Appendf(nil, "%d %d", i, n)); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
		})
	}
	running.Wait()
	live.until("waiting for all entries", func() bool { return len(live.entries) == writers*each })
	late := watch(t, b, "b", -1)
	late.until("waiting for all entries", func() bool { return len(late.entries) == writers*each })
	next := make(map[int]int)
	for at := range live.entries {
		if live.entries[at] != late.entries[at] || live.numbers[at] != uint64(at+1) {
			t.Fatalf("entry %d is %d %q for one follower and %q for the other", at+1, live.numbers[at], live.entries[at], late.entries[at])
		}
		var i, n int
		if _, err := fmt.Sscanf(live.entries[at], "%d %d", &i, &n); err != nil || n != next[i] {
			t.Fatalf("the entries of one writer are out of order at %q", live.entries[at])
		}
		next[i]++
	}
}

func checkSoon(t *testing.T, b wsx.Broker) {
	w := watch(t, b, "a", -1)
	for n := range 10 {
		add(t, b, "", "x")
		w.until("waiting for an entry", func() bool { return len(w.entries) == n+1 })
	}
}

func checkID(t *testing.T, b wsx.Broker) {
	w := watch(t, b, "a", -1)
	add(t, b, "one", "x")
	if added, err := b.Append(context.Background(), "one", []byte("y")); added || err != nil {
		t.Fatalf("Append of the same id returned %v, %v", added, err)
	}
	add(t, b, "two", "z")
	add(t, b, "", "u", "v")
	w.expect(1, "x", "z", "u", "v")
	var running sync.WaitGroup
	var added atomic.Int32
	for range 20 {
		running.Go(func() {
			if ok, err := b.Append(context.Background(), "many", []byte("m")); err != nil {
				t.Errorf("Append: %v", err)
			} else if ok {
				added.Add(1)
			}
		})
	}
	running.Wait()
	if added.Load() != 1 {
		t.Fatalf("of 20 entries with one id %d were added", added.Load())
	}
}

func checkBytes(t *testing.T, b wsx.Broker) {
	size := 256 << 10
	if limited, ok := b.(interface{ Limit() int }); ok && limited.Limit() > 0 {
		size = min(size, limited.Limit())
	}
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	large := bytes.Repeat(every, size/256)
	w := watch(t, b, "a", -1)
	add(t, b, "", "", string(every), string(large))
	w.expect(1, "", string(every), string(large))
	note := string(every)
	if err := b.Tell(context.Background(), "a", []byte(note)); err != nil {
		t.Fatalf("Tell: %v", err)
	}
	w.until("waiting for a note", func() bool { return len(w.notes) == 1 })
	if w.notes[0] != note {
		t.Fatalf("the note is %q", w.notes[0])
	}
}

func checkOneCall(t *testing.T, b wsx.Broker) {
	w := watch(t, b, "a", -1)
	var running sync.WaitGroup
	for range 10 {
		running.Go(func() {
			for range 10 {
				if _, err := b.Append(context.Background(), "", []byte("x")); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
		})
	}
	running.Wait()
	w.until("waiting for all entries", func() bool { return len(w.entries) == 100 })
	if w.overlap {
		t.Fatal("two calls of entry at a time")
	}
}

func checkEnd(t *testing.T, b wsx.Broker) {
	w := watch(t, b, "a", -1)
	add(t, b, "", "x")
	w.expect(1, "x")
	if err := w.stop(); err == nil {
		t.Fatal("Follow returned nil")
	}
	add(t, b, "", "y")
	_ = b.Tell(context.Background(), "", []byte("note"))
	other := watch(t, b, "b", 1)
	other.expect(2, "y") // so that what is late for the first one would have come
	w.expect(1, "x")
	if len(w.notes) > 0 {
		t.Fatal("note was called after Follow had returned")
	}
}

func checkAgain(t *testing.T, b wsx.Broker) {
	var all []*watched
	for range 5 {
		all = append(all, watch(t, b, "a", -1))
	}
	add(t, b, "", "x")
	for _, w := range all {
		w.expect(1, "x")
		_ = w.stop()
	}
	watch(t, b, "a", 0).expect(1, "x")
}

func checkEpoch(t *testing.T, b wsx.Broker) {
	one := watch(t, b, "a", -1)
	add(t, b, "", "x")
	two := watch(t, b, "b", -1)
	if !regexp.MustCompile(`^[0-9A-Za-z]{1,16}$`).MatchString(one.epoch) {
		t.Fatalf("the epoch is %q", one.epoch)
	}
	if one.epoch != two.epoch {
		t.Fatalf("the epoch is %q for one follower and %q for the other", one.epoch, two.epoch)
	}
}

func checkNotes(t *testing.T, b wsx.Broker) {
	one, two := watch(t, b, "a", -1), watch(t, b, "b", -1)
	tell := func(node, text string) {
		t.Helper()
		if err := b.Tell(context.Background(), node, []byte(text)); err != nil {
			t.Fatalf("Tell: %v", err)
		}
	}
	tell("a", "for a")
	tell("b", "for b")
	tell("nobody", "for nobody")
	tell("", "for all")
	for w, want := range map[*watched][]string{one: {"for a", "for all"}, two: {"for b", "for all"}} {
		w.until("waiting for notes", func() bool { return len(w.notes) >= 2 })
		// The way to one node need not be the way to all, so they may overtake each other.
		got := map[string]int{}
		for _, text := range w.notes {
			got[text]++
		}
		if len(w.notes) != 2 || got[want[0]] != 1 || got[want[1]] != 1 {
			t.Fatalf("the notes are %q, want %q", w.notes, want)
		}
	}
}

func checkNoteOrder(t *testing.T, b wsx.Broker) {
	w := watch(t, b, "a", -1)
	const many = 200
	for n := range many {
		if err := b.Tell(context.Background(), "a", fmt.Append(nil, n)); err != nil {
			t.Fatalf("Tell: %v", err)
		}
	}
	w.until("waiting for notes", func() bool { return len(w.notes) == many })
	for n, text := range w.notes {
		if text != fmt.Sprint(n) {
			t.Fatalf("note %d is %q", n, text)
		}
	}
}

func checkContext(t *testing.T, b wsx.Broker) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if added, err := b.Append(ctx, "", []byte("x")); added || err == nil {
		t.Errorf("Append returned %v, %v", added, err)
	}
	if err := b.Tell(ctx, "", []byte("x")); err == nil {
		t.Error("Tell returned nil")
	}
	err := b.Follow(ctx, "a", func(_ string, first, _ uint64) uint64 { return first - 1 }, func(uint64, []byte) {}, func([]byte) {})
	if err == nil {
		t.Error("Follow returned nil")
	}
}
