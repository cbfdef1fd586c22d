package textcut_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/textcut"
)

func TestTruncate(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		what, in string
		limit    int
		want     string
	}{
		{"a text that fits", "short", 5, "short"},
		{"one byte too many", "short", 4, "shor"},
		{"never within a rune", "aü", 2, "a"},
		{"a rune that just fits", "aü", 3, "aü"},
		{"a first rune that does not fit", "😀", 3, ""},
		{"no room at all", "a", 0, ""},
		{"an invalid byte", "\xff", 3, "\ufffd"},
		{"an invalid byte for whose replacement there is no room", "a\xff", 3, "a"},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, one.want, textcut.Truncate(one.in, one.limit))
		})
	}
}

func FuzzTruncate(f *testing.F) {
	f.Add("short", 3)
	f.Add("aü😀\xff", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 0 {
			return
		}
		got := textcut.Truncate(s, limit)
		require.LessOrEqual(t, len(got), limit)
		require.True(t, utf8.ValidString(got))
		require.True(t, strings.HasPrefix(strings.ToValidUTF8(s, "\ufffd"), got))
	})
}
