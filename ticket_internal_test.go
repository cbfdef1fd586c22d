package wsx

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/protocol"
)

var (
	ticketSecret = []byte("the secret of a test, 32 bytes..")
	ticketNow    = time.Unix(1_700_000_000, 0)
)

// someTicket names two rooms, one of them not in ASCII, so that lengths are not numbers of characters.
func someTicket() ticket {
	return ticket{user: "alice", expires: ticketNow.Add(ticketTime), places: []ticketPlace{{protocol.RoomPosition{Room: "tea", Position: "epoch.1a"}, "epoch.3"}, {protocol.RoomPosition{Room: "ü日", Position: "epoch.2"}, ""}}}
}

func open(text string, secrets ...[]byte) (ticket, error) {
	return openTicket(text, secrets, ticketNow)
}

func TestASealedTicketIsOpened(t *testing.T) {
	for what, one := range map[string]ticket{
		"of a user":           someTicket(),
		"of anybody":          {expires: ticketNow.Add(time.Second), places: []ticketPlace{{RoomPosition: protocol.RoomPosition{Room: "tea", Position: "e.1"}}}},
		"of many rooms":       {user: "u", expires: ticketNow.Add(ticketTime), places: slicesOf(300, ticketPlace{RoomPosition: protocol.RoomPosition{Room: strings.Repeat("r", 255), Position: "e.zzzzzzzz"}})},
		"of a long user name": {user: strings.Repeat("u", 300), expires: ticketNow.Add(ticketTime), places: []ticketPlace{{RoomPosition: protocol.RoomPosition{Room: "tea", Position: "e.1"}}}},
	} {
		t.Run(what, func(t *testing.T) {
			text := one.seal(ticketSecret)
			assert.Regexp(t, `^[A-Za-z0-9_-]+$`, text, "it needs no escaping anywhere")
			got, err := open(text, ticketSecret)
			require.NoError(t, err)
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

// refused asserts that a text is no ticket, and that nothing of it gets out.
func refused(t *testing.T, text string, secrets ...[]byte) {
	t.Helper()
	got, err := open(text, secrets...)
	require.ErrorIs(t, err, ErrTicket)
	require.Equal(t, ErrTicket.Error(), err.Error(), "no word of why")
	require.Zero(t, got)
}

func TestAForgedTicketIsRefused(t *testing.T) {
	text := someTicket().seal(ticketSecret)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(t, err)
	t.Run("with any one bit changed", func(t *testing.T) {
		for i := range 8 * len(raw) {
			forged := []byte(string(raw))
			forged[i/8] ^= 1 << (i % 8)
			refused(t, base64.RawURLEncoding.EncodeToString(forged), ticketSecret)
		}
	})
	t.Run("with any one character changed", func(t *testing.T) {
		for i := range len(text) {
			for c := range 256 {
				if byte(c) != text[i] {
					refused(t, text[:i]+string([]byte{byte(c)})+text[i+1:], ticketSecret)
				}
			}
		}
	})
	t.Run("with anything cut off", func(t *testing.T) {
		for i := range len(text) {
			refused(t, text[:i], ticketSecret)
			refused(t, text[i+1:], ticketSecret)
		}
		for i := range len(raw) {
			refused(t, base64.RawURLEncoding.EncodeToString(raw[:i]), ticketSecret)
		}
	})
	t.Run("with anything added", func(t *testing.T) {
		for _, more := range []string{"A", "AA", "AAAA", "=", "==", " ", "\n", "\r\n", "\x00", ".", text} {
			refused(t, text+more, ticketSecret)
			refused(t, more+text, ticketSecret)
			refused(t, text[:8]+more+text[8:], ticketSecret)
		}
	})
	t.Run("in standard base64, or padded", func(t *testing.T) {
		odd := 0
		for n := range 100 { // until the texts differ
			one := someTicket()
			one.expires = one.expires.Add(time.Duration(n) * time.Second)
			text := one.seal(ticketSecret)
			raw, err := base64.RawURLEncoding.DecodeString(text)
			require.NoError(t, err)
			for _, coding := range []*base64.Encoding{base64.RawStdEncoding, base64.StdEncoding, base64.URLEncoding} {
				if other := coding.EncodeToString(raw); other != text {
					refused(t, other, ticketSecret)
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
			one.user = user
			text := one.seal(ticketSecret)
			raw, err := base64.RawURLEncoding.DecodeString(text)
			require.NoError(t, err)
			for _, last := range alphabet {
				other := text[:len(text)-1] + string(last)
				if got, err := base64.RawURLEncoding.DecodeString(other); err == nil && string(got) == string(raw) && other != text {
					same++
					refused(t, other, ticketSecret)
				}
			}
		}
		assert.Equal(t, 3+15, same, "two lengths have such twins")
	})
	t.Run("of another key", func(t *testing.T) {
		refused(t, someTicket().seal([]byte("another secret, as good as ours.")), ticketSecret)
		refused(t, text)
	})
	t.Run("of another version", func(t *testing.T) {
		body := []byte(string(raw[:len(raw)-32]))
		body[0] = ticketVersion + 1
		refused(t, ticketCoding.EncodeToString(append(body, ticketMAC(ticketSecret, body)...)), ticketSecret)
	})
	t.Run("signed by us for another purpose", func(t *testing.T) {
		body := append([]byte{ticketVersion}, keyID(ticketSecret)...)
		refused(t, ticketCoding.EncodeToString(append(body, ticketMAC(ticketSecret, body)...)), ticketSecret)
	})
}

func TestATicketExpires(t *testing.T) {
	text := someTicket().seal(ticketSecret)
	for _, one := range []struct {
		after time.Duration
		good  bool
	}{{0, true}, {ticketTime - time.Second, true}, {ticketTime, false}, {1000 * ticketTime, false}} {
		_, err := openTicket(text, [][]byte{ticketSecret}, ticketNow.Add(one.after))
		assert.Equal(t, one.good, err == nil, "after %s", one.after)
	}
}

func TestTicketKeysRotate(t *testing.T) {
	older, newer := []byte("the older secret of this program"), []byte("the newer secret of this program")
	text := someTicket().seal(older)
	_, err := open(text, newer, older)
	assert.NoError(t, err, "the older key is still good")
	refused(t, text, newer)
	_, err = open(someTicket().seal(newer), newer, older)
	assert.NoError(t, err)
	assert.NotEqual(t, keyID(older), keyID(newer))
	assert.NotContains(t, string(older), string(keyID(older)))
}

func TestATicketForAnEmptyRoomTakesNoMemory(t *testing.T) {
	hub := New(nil)
	hub.ConfigureRooms("*", RoomOptions{History: 100})
	for range 100 {
		_, err := hub.Ticket(t.Context(), "", "tea", "coffee")
		require.NoError(t, err)
	}
	assert.Empty(t, remembering(t, hub))
}

func FuzzTicket(f *testing.F) {
	raw := func(text string) []byte {
		b, err := ticketCoding.DecodeString(text)
		require.NoError(f, err)
		return b
	}
	f.Add("", []byte{})
	f.Add("AAAA", []byte{ticketVersion})
	f.Add(someTicket().seal(ticketSecret), raw(someTicket().seal(ticketSecret)))
	f.Add(ticket{expires: ticketNow}.seal(ticketSecret), raw(ticket{expires: ticketNow}.seal(ticketSecret)))
	huge := append(append([]byte{ticketVersion}, keyID(ticketSecret)...), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xff\xff\xff\xff\x7f"...)
	f.Add(strings.Repeat("_", 200), huge)
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		if got, err := open(text, ticketSecret); err == nil {
			require.Equal(t, text, got.seal(ticketSecret), "only what was sealed can be opened")
		}
		// What is signed is ours, but nothing that is signed may panic either.
		if len(body) >= 1+keyIDSize {
			if got, err := readTicket(body, ticketNow); err == nil {
				again, err := open(got.seal(ticketSecret), ticketSecret)
				require.NoError(t, err)
				require.Equal(t, got, again)
			}
		}
	})
}

func FuzzPosition(f *testing.F) {
	var line sequence
	line.init(time.Now())
	line.epoch = "epoch"
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
	line.init(time.Now())
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
	other.init(line.started)
	other.last.Store(last)
	_, ok := other.parse(line.position(last))
	assert.False(t, ok, "another process has another epoch")
	_, ok = line.parse(line.position(last + 1))
	assert.False(t, ok, "nobody has come to the future")
	_, ok = line.parse("-" + line.position(last))
	assert.False(t, ok, "the clock of a hello proves nothing")
}
