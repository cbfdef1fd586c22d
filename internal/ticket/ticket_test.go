package ticket

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const lifetime = 12 * time.Hour

var (
	testSecret = []byte("the secret of a test, 32 bytes..")
	testNow    = time.Unix(1_700_000_000, 0)
)

// someTicket names two rooms, one of them not in ASCII, so that lengths are not numbers of
// characters.
func someTicket() Ticket {
	return Ticket{User: "alice", Expires: testNow.Add(lifetime), Places: []Place{{"tea", "epoch.1a", "epoch.3"}, {"ü日", "epoch.2", ""}}}
}

func open(text string, secrets ...[]byte) (Ticket, bool) {
	return Open(text, secrets, testNow)
}

func TestASealedTicketIsOpened(t *testing.T) {
	for what, one := range map[string]Ticket{
		"of a user":           someTicket(),
		"of any user":         {Expires: testNow.Add(time.Second), Places: []Place{{Room: "tea", Position: "e.1"}}},
		"of many rooms":       {User: "u", Expires: testNow.Add(lifetime), Places: slicesOf(300, Place{Room: strings.Repeat("r", 255), Position: "e.zzzzzzzz"})},
		"of a long user name": {User: strings.Repeat("u", 300), Expires: testNow.Add(lifetime), Places: []Place{{Room: "tea", Position: "e.1"}}},
	} {
		t.Run(what, func(t *testing.T) {
			text := one.Seal(testSecret)
			assert.Regexp(t, `^[A-Za-z0-9_-]+$`, text, "it needs no escaping anywhere")
			got, ok := open(text, testSecret)
			require.True(t, ok)
			assert.Equal(t, one, got)
		})
	}
}

func slicesOf[T any](n int, one T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = one
	}
	return all
}

// refused asserts that Open rejects a text and reveals nothing of it.
func refused(t *testing.T, text string, secrets ...[]byte) {
	t.Helper()
	got, ok := open(text, secrets...)
	require.False(t, ok)
	require.Zero(t, got)
}

func TestAForgedTicketIsRefused(t *testing.T) {
	text := someTicket().Seal(testSecret)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(t, err)
	t.Run("with any one bit changed", func(t *testing.T) {
		for i := range 8 * len(raw) {
			forged := []byte(string(raw))
			forged[i/8] ^= 1 << (i % 8)
			refused(t, base64.RawURLEncoding.EncodeToString(forged), testSecret)
		}
	})
	t.Run("with any one character changed", func(t *testing.T) {
		for i := range len(text) {
			for c := range 256 {
				if byte(c) != text[i] {
					refused(t, text[:i]+string([]byte{byte(c)})+text[i+1:], testSecret)
				}
			}
		}
	})
	t.Run("with anything cut off", func(t *testing.T) {
		for i := range len(text) {
			refused(t, text[:i], testSecret)
			refused(t, text[i+1:], testSecret)
		}
		for i := range len(raw) {
			refused(t, base64.RawURLEncoding.EncodeToString(raw[:i]), testSecret)
		}
	})
	t.Run("with anything added", func(t *testing.T) {
		for _, more := range []string{"A", "AA", "AAAA", "=", "==", " ", "\n", "\r\n", "\x00", ".", text} {
			refused(t, text+more, testSecret)
			refused(t, more+text, testSecret)
			refused(t, text[:8]+more+text[8:], testSecret)
		}
	})
	t.Run("in standard base64, or padded", func(t *testing.T) {
		odd := 0
		for n := range 100 { // until the texts differ
			one := someTicket()
			one.Expires = one.Expires.Add(time.Duration(n) * time.Second)
			text := one.Seal(testSecret)
			raw, err := base64.RawURLEncoding.DecodeString(text)
			require.NoError(t, err)
			for _, coding := range []*base64.Encoding{base64.RawStdEncoding, base64.StdEncoding, base64.URLEncoding} {
				if other := coding.EncodeToString(raw); other != text {
					refused(t, other, testSecret)
					odd++
				}
			}
		}
		assert.Greater(t, odd, 100)
	})
	t.Run("with a last character that stands for the same bytes", func(t *testing.T) {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		same := 0
		for _, user := range []string{"", "u", "us"} { // of every length modulo 3
			one := someTicket()
			one.User = user
			text := one.Seal(testSecret)
			raw, err := base64.RawURLEncoding.DecodeString(text)
			require.NoError(t, err)
			for _, last := range alphabet {
				other := text[:len(text)-1] + string(last)
				if got, err := base64.RawURLEncoding.DecodeString(other); err == nil && string(got) == string(raw) && other != text {
					same++
					refused(t, other, testSecret)
				}
			}
		}
		assert.Equal(t, 3+15, same, "two lengths have such twins")
	})
	t.Run("of another key", func(t *testing.T) {
		refused(t, someTicket().Seal([]byte("another secret, as good as ours.")), testSecret)
		refused(t, text)
	})
	t.Run("of another version", func(t *testing.T) {
		body := []byte(string(raw[:len(raw)-32]))
		body[0] = version + 1
		refused(t, coding.EncodeToString(append(body, sign(testSecret, body)...)), testSecret)
	})
	t.Run("signed by us for another purpose", func(t *testing.T) {
		body := append([]byte{version}, keyID(testSecret)...)
		refused(t, coding.EncodeToString(append(body, sign(testSecret, body)...)), testSecret)
	})
}

func TestATicketExpires(t *testing.T) {
	text := someTicket().Seal(testSecret)
	for _, one := range []struct {
		after time.Duration
		valid bool
	}{{0, true}, {lifetime - time.Second, true}, {lifetime, false}, {1000 * lifetime, false}} {
		_, ok := Open(text, [][]byte{testSecret}, testNow.Add(one.after))
		assert.Equal(t, one.valid, ok, "after %s", one.after)
	}
}

func TestTicketKeysRotate(t *testing.T) {
	older, newer := []byte("the older secret of this program"), []byte("the newer secret of this program")
	text := someTicket().Seal(older)
	_, ok := open(text, newer, older)
	assert.True(t, ok, "the older key is still good")
	refused(t, text, newer)
	_, ok = open(someTicket().Seal(newer), newer, older)
	assert.True(t, ok)
	assert.NotEqual(t, keyID(older), keyID(newer))
	assert.NotContains(t, string(older), string(keyID(older)))
}

func FuzzTicket(f *testing.F) {
	raw := func(text string) []byte {
		b, err := coding.DecodeString(text)
		require.NoError(f, err)
		return b
	}
	f.Add("", []byte{})
	f.Add("AAAA", []byte{version})
	f.Add(someTicket().Seal(testSecret), raw(someTicket().Seal(testSecret)))
	f.Add(Ticket{Expires: testNow}.Seal(testSecret), raw(Ticket{Expires: testNow}.Seal(testSecret)))
	huge := append(append([]byte{version}, keyID(testSecret)...), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xff\xff\xff\xff\x7f"...)
	f.Add(strings.Repeat("_", 200), huge)
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		if got, ok := open(text, testSecret); ok {
			require.Equal(t, text, got.Seal(testSecret), "only what was sealed can be opened")
		}
		// Only we sign, but a signed text must not cause a panic either.
		if len(body) >= 1+keyIDSize {
			if got, ok := read(body, testNow); ok {
				again, ok := open(got.Seal(testSecret), testSecret)
				require.True(t, ok)
				require.Equal(t, got, again)
			}
		}
	})
}
