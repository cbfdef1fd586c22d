package wsx

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func FuzzPosition(f *testing.F) {
	var line sequence
	line.init(time.Now(), false)
	line.eras.Store(&[]era{{epoch: "epoch"}})
	line.last.Store(1 << 40)
	for _, n := range []uint64{0, 1, 35, 36, 1 << 40} {
		f.Add(line.position(n))
	}
	for _, text := range []string{
		"", ".", "epoch", "epoch.", "epoch.-1", "epoch.+1", "epoch.01", "epoch.A", "epoch.1.1", "epoch. 1", "epoch.1_0", "Epoch.1", "-epoch.1", "other.1",
		line.position(1<<40 + 1), line.position(rand.Uint64() | 1<<63), "epoch.3w5e11264sgsg", "epoch.\u0661",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := line.parse(text); ok {
			require.Equal(t, line.position(n), text, "only what position printed")
			require.LessOrEqual(t, n, uint64(1<<40), "and not of the future")
		}
	})
}

func TestPositionsAreNumbersOfThisProcess(t *testing.T) {
	var line sequence
	line.init(time.Now(), false)
	last := uint64(0)
	for range 1000 {
		n := line.next()
		require.Greater(t, n, last)
		last = n
		got, ok := line.parse(line.position(n))
		require.True(t, ok)
		require.Equal(t, n, got)
	}
	var other sequence
	other.init(line.started, false)
	other.last.Store(last)
	_, ok := other.parse(line.position(last))
	assert.False(t, ok, "another process has another epoch")
	_, ok = line.parse(line.position(last + 1))
	assert.False(t, ok, "a number of the future")
	_, ok = line.parse("-" + line.position(last))
	assert.False(t, ok, "the clock of a hello proves nothing")
}
