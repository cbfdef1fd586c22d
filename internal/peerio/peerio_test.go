package peerio

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A slowPeer takes a while for each write, and fails one that outlasts its deadline.
type slowPeer struct {
	pace     time.Duration
	deadline time.Time
	writes   []string
}

var errLate = errors.New("late")

func (p *slowPeer) SetWriteDeadline(at time.Time) error {
	p.deadline = at
	return nil
}

func (p *slowPeer) Write(b []byte) (int, error) {
	time.Sleep(p.pace)
	if time.Now().After(p.deadline) {
		return 0, errLate
	}
	p.writes = append(p.writes, string(b))
	return len(b), nil
}

// A budget is a peerio.Budget of two functions.
type budget struct {
	before func(p []byte) ([]byte, error)
	after  func(n int)
}

func (b budget) Before(p []byte) ([]byte, error) { return b.before(p) }
func (b budget) After(n int)                     { b.after(n) }

func TestWriteChunks(t *testing.T) {
	t.Parallel()
	inBubble := func(name string, do func(*testing.T)) {
		t.Run(name, func(t *testing.T) { synctest.Test(t, do) })
	}
	inBubble("each chunk has a deadline of its own", func(t *testing.T) {
		p := &slowPeer{pace: 900 * time.Millisecond}
		require.NoError(t, WriteChunks(p, []byte("aabbc"), 2, time.Second))
		assert.Equal(t, []string{"aa", "bb", "c"}, p.writes)
	})
	inBubble("a late chunk is the last", func(t *testing.T) {
		p := &slowPeer{pace: 1100 * time.Millisecond}
		require.ErrorIs(t, WriteChunks(p, []byte("aabb"), 2, time.Second), errLate)
		assert.Empty(t, p.writes)
	})
	inBubble("nothing is one empty write", func(t *testing.T) {
		p := &slowPeer{}
		require.NoError(t, WriteChunks(p, nil, 2, time.Second))
		assert.Equal(t, []string{""}, p.writes)
	})
	inBubble("a full last chunk is not followed by an empty one", func(t *testing.T) {
		p := &slowPeer{}
		require.NoError(t, WriteChunks(p, []byte("aabb"), 2, time.Second))
		assert.Equal(t, []string{"aa", "bb"}, p.writes)
	})
}

func TestBudget(t *testing.T) {
	t.Parallel()
	read := func(wait time.Duration, refusal error) (got string, counted, renewed int, err error) {
		b := budget{before: func(p []byte) ([]byte, error) {
			time.Sleep(wait)
			return p[:3], refusal
		},
			after: func(n int) { counted += n },
		}
		p := make([]byte, 10)
		n, err := Read(b, strings.NewReader("abcdef"), p, func() { renewed++ })
		return string(p[:n]), counted, renewed, err
	}
	t.Run("bounds and counts a read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			got, counted, renewed, err := read(time.Second, nil)
			require.NoError(t, err)
			assert.Equal(t, "abc", got)
			assert.Equal(t, 3, counted)
			assert.Zero(t, renewed)
		})
	})
	t.Run("extends the time of a peer that it makes wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, renewed, err := read(time.Second+1, nil)
			require.NoError(t, err)
			assert.Equal(t, 1, renewed)
		})
	})
	t.Run("reads nothing after an error of Before", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			got, counted, renewed, err := read(2*time.Second, io.ErrClosedPipe)
			require.ErrorIs(t, err, io.ErrClosedPipe)
			assert.Empty(t, got)
			assert.Zero(t, counted)
			assert.Zero(t, renewed)
		})
	})
}
