package protocol

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{
		"", "plain", `<a href="/?a=1&b=2">'\`, "\x00\x01\x1f\x7f\b\f\n\r\t", "\u2028\u2029", "ü日😀", "\xff", "a\xc3", "\xed\xa0\x80b",
		"\xf0\x9f\x98", "\ufffd\xff\ufffd", strings.Repeat("\xf0", 5),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		encoded := AppendString([]byte("before"), s)
		text, ok := strings.CutPrefix(string(encoded), "before")
		require.True(t, ok, "it appends")
		require.True(t, utf8.ValidString(text), "%q", text)
		var decoded string
		require.NoError(t, json.Unmarshal([]byte(text), &decoded), "%q", text)
		require.Equal(t, string([]rune(s)), decoded, "every byte that is no UTF-8 is U+FFFD")
		for _, c := range "<>&" {
			require.Equal(t, strings.Count(s, string(c)), strings.Count(text, string(c)), "%q stays as it is", c)
		}
	})
}
