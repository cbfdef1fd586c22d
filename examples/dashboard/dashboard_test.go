package main

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// open connects a browser with a login cookie for that role.
func open(t *testing.T, b *board, role string) *wsxtest.Browser {
	t.Helper()
	w := httptest.NewRecorder()
	id := wsx.Identity{User: role, Tags: map[string]string{"role": role}}
	require.NoError(t, b.sessions.Login(w, httptest.NewRequest("GET", "/", nil), id))
	return wsxtest.Open(t, b.hub, http.Header{"Cookie": {w.Header().Get("Set-Cookie")}})
}

func newTestBoard(t *testing.T) *board {
	t.Helper()
	b := newBoard()
	t.Cleanup(func() { b.hub.Shutdown(t.Context()) })
	return b
}

func TestNothingIsDrawnWithoutReaders(t *testing.T) {
	b := newTestBoard(t)
	second := func() (drawn, skipped int) {
		b.tick(time.Now())
		return b.drawn, b.skipped
	}
	expect := func(drawn, skipped int) {
		t.Helper()
		d, s := second()
		assert.Equal(t, []int{drawn, skipped}, []int{d, s})
	}
	expect(0, 1)
	open(t, b, "visitor")
	expect(0, 2)
	ann := open(t, b, admin)
	expect(1, 2)
	open(t, b, admin)
	expect(2, 2) // once for both
	b.hub.Disconnect(nil, wsx.Except(ann.Conn()))
	assert.Empty(t, ann.Ask("pause", nil), "the response contains no charts")
	expect(2, 3)
	ann.Ask("resume", nil)
	expect(3, 3)
	assert.Len(t, b.series[0].values, 7, "measures every second")
}

func TestVisitorsGetNothing(t *testing.T) {
	b := newTestBoard(t)
	open(t, b, admin)
	visitor := open(t, b, "visitor")
	b.tick(time.Now())
	require.NoError(t, visitor.Conn().Send("#end", "", wsx.Inner))
	assert.Equal(t, "#end", visitor.Next().Target, "nothing came before")
	assert.ErrorContains(t, mayWatch(visitor.Conn()), "administrators")

	w := httptest.NewRecorder()
	b.routes().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, "/login", w.Header().Get("Location"))
}

func TestPath(t *testing.T) {
	s := &series{figure: figure{format: count, scale: fixed(10)}}
	assert.False(t, s.Known())
	for _, value := range []float64{math.NaN(), 0, 10, 5, math.NaN(), 5} {
		s.add(value)
	}
	assert.True(t, s.Known())
	assert.Equal(t, "M115 120V98l1 -92 1 46 1 0 1 0h9V120z", s.Path())
	assert.Equal(t, []string{"5", "10", "10"}, []string{s.Now(), s.Peak(), s.Top()})

	for i := range 2 * span {
		s.add(float64(i % 7))
	}
	assert.Len(t, s.values, span)
	assert.True(t, strings.HasPrefix(s.Path(), "M0 120V"))
	s.add(math.NaN())
	assert.Equal(t, "–", s.Now())
}

func TestScales(t *testing.T) {
	for highest, want := range map[float64]float64{0: 1, 0.3: 1, 1: 1, 1.1: 2, 2: 2, 4: 5, 5.01: 10, 10: 10, 101: 200, 3e6: 5e6} {
		assert.InEpsilon(t, want, round(1)(highest), 1e-9, "%v", highest)
	}
	assert.InEpsilon(t, 1.0, round(1)(math.NaN()), 1e-9)
	assert.InEpsilon(t, 2e-4, round(1e-4)(1.3e-4), 1e-9)
	assert.Equal(t, []float64{1024, 1024, 2048, 4096}, []float64{binary(1024)(0), binary(1024)(1024), binary(1024)(1025), binary(1024)(4096)})
	assert.Equal(t, []float64{100, 104}, []float64{fixed(100)(7), fixed(100)(104)})
}

func TestWords(t *testing.T) {
	assert.Equal(t, []string{"0 B", "1023 B", "1.5 KiB", "12 MiB", "2 GiB"},
		[]string{size(0), size(1023), size(1536), size(12.4 * (1 << 20)), size(2 << 30)})
	assert.Equal(t, []string{"0", "90 µs", "1.2 ms", "2 s"}, []string{duration(0), duration(90e-6), duration(1.2e-3), duration(2)})
}

func TestProc(t *testing.T) {
	busy, total, ok := cpuTime([]byte("cpu  10 1 5 80 4 0 0 0 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n"))
	assert.Equal(t, []any{16.0, 100.0, true}, []any{busy, total, ok})
	share, ok := memoryUsed([]byte("MemTotal:  8000 kB\nMemFree:  10 kB\nMemAvailable:  6000 kB\n"))
	assert.Equal(t, []any{0.25, true}, []any{share, ok})
	for _, bad := range []string{"", "cpu", "cpu x", "intr 1 2 3 4 5 6 7", "MemTotal: 0 kB"} {
		_, _, ok := cpuTime([]byte(bad))
		assert.False(t, ok, bad)
		_, ok = memoryUsed([]byte(bad))
		assert.False(t, ok, bad)
	}
	assert.Zero(t, longest([]uint64{1, 2}, []uint64{1, 2}, []float64{0, 1, 2}))
	assert.InDelta(t, 1.0, longest([]uint64{1, 2}, []uint64{3, 2}, []float64{0, 1, 2}), 0)
	assert.InDelta(t, 1.0, longest([]uint64{1, 2}, []uint64{3, 3}, []float64{0, 1, math.Inf(1)}), 0)
}
