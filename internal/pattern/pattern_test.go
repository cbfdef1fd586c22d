package pattern_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/pattern"
)

func TestFind(t *testing.T) {
	t.Parallel()
	var m pattern.Map[int]
	for i, p := range []string{"*", "chat:*", "chat:4*", "chat:42", "tea"} {
		require.NoError(t, m.Add(p, i+1))
	}
	for _, one := range []struct {
		what, name string
		want       int
	}{
		{"a name comes before every prefix", "chat:42", 4},
		{"the longest prefix counts", "chat:421", 3},
		{"a shorter one counts for the rest", "chat:7", 2},
		{"a prefix matches itself", "chat:", 2},
		{"a name is no prefix", "tea:1", 1},
		{"a star matches everything", "coffee", 1},
		{"and the empty name", "", 1},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			got, ok := m.Find(one.name)
			assert.True(t, ok)
			assert.Equal(t, one.want, got)
		})
	}
}

func TestFindNothing(t *testing.T) {
	t.Parallel()
	var m pattern.Map[int]
	assert.True(t, m.IsEmpty())
	_, ok := m.Find("tea")
	assert.False(t, ok)
	require.NoError(t, m.Add("tea", 1))
	require.NoError(t, m.Add("chat:*", 2))
	assert.False(t, m.IsEmpty())
	for _, name := range []string{"te", "teas", "chat", "Tea", "achat:1"} {
		got, ok := m.Find(name)
		assert.False(t, ok, name)
		assert.Zero(t, got, name)
	}
}

func TestAddErrors(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"", "*tea", "t*a", "tea**", "**"} {
		t.Run(strconv.Quote(p), func(t *testing.T) {
			t.Parallel()
			var m pattern.Map[int]
			assert.ErrorIs(t, m.Add(p, 1), pattern.ErrSyntax)
			assert.True(t, m.IsEmpty())
		})
	}
	for _, p := range []string{"tea", "tea*", "*"} {
		t.Run(p+" twice", func(t *testing.T) {
			t.Parallel()
			var m pattern.Map[int]
			require.NoError(t, m.Add(p, 1))
			assert.ErrorIs(t, m.Add(p, 2), pattern.ErrDuplicate)
			got, ok := m.Find("tea")
			assert.True(t, ok)
			assert.Equal(t, 1, got, "the first one stays")
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var m pattern.Map[int]
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 100 {
				name := strconv.Itoa(100*i + n)
				assert.NoError(t, m.Add(name+":*", n))
				got, ok := m.Find(name + ":1")
				assert.True(t, ok)
				assert.Equal(t, n, got)
			}
		})
	}
	all.Wait()
}

func TestFindDoesNotAllocate(t *testing.T) {
	var m pattern.Map[int]
	require.NoError(t, m.Add("chat:*", 1))
	require.NoError(t, m.Add("chat:42", 2))
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.Find("chat:42") }))
}
