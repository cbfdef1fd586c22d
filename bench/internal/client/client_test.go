//go:build linux

package client

import (
	"bytes"
	"compress/flate"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/bench/internal/load"
)

// serverFrame returns a server's frame with a short payload.
func serverFrame(first byte, payload []byte) []byte {
	return append([]byte{first, 126, byte(len(payload) >> 8), byte(len(payload))}, payload...)
}

func TestFramesAreFoundWhole(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 125} {
		whole := append([]byte{0x81, byte(length)}, make([]byte, length)...)
		for cut := range whole {
			_, size := parseFrame(whole[:cut])
			assert.Zero(t, size, "%d of %d bytes", cut, len(whole))
		}
		f, size := parseFrame(append(whole, 0x81))
		assert.Equal(t, len(whole), size)
		assert.Len(t, f.payload, length)
	}
	f, size := parseFrame(serverFrame(0xc2, make([]byte, 300)))
	assert.Equal(t, 304, size)
	assert.True(t, f.final && f.deflated)
	assert.Equal(t, byte(2), f.opcode)
	_, size = parseFrame([]byte{0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	assert.Zero(t, size, "more than there can be")
}

// The client must notice lost and repeated messages. Otherwise all other results are worthless.
func TestClientNoticesWhatIsWrong(t *testing.T) {
	t.Parallel()
	message := func(number uint32) []byte { return []byte(load.NewMaker(200).Make(number, time.Now())) }
	takes := func(room, number int, frames ...[]byte) (Seen, int) {
		var acks bytes.Buffer
		c := &Client{ack: &acks}
		c.expect = Expect{Room: room, Sockets: 100, Step: 2}
		s := &conn{number: number}
		for _, raw := range frames {
			f, size := parseFrame(raw)
			require.NoError(t, c.take(s, f, size, time.Now()))
		}
		return c.seen, acks.Len()
	}
	seen, acks := takes(0, 0, serverFrame(0x81, message(1)), serverFrame(0x81, message(2)), serverFrame(0x81, message(3)))
	assert.Equal(t, Seen{Messages: 3, Bytes: 3 * 204}, seen)
	assert.Equal(t, 1, acks, "one for two")

	seen, _ = takes(0, 0, serverFrame(0x81, message(1)), serverFrame(0x81, message(1)))
	assert.Equal(t, 1, seen.Wrong, "twice")
	seen, _ = takes(0, 0, serverFrame(0x81, message(2)), serverFrame(0x81, message(1)))
	assert.Equal(t, 1, seen.Wrong, "out of order")
	seen, _ = takes(10, 1, serverFrame(0x81, message(1)))
	assert.Equal(t, 1, seen.Wrong, "in no room")
	seen, _ = takes(10, 20, serverFrame(0x81, message(1)))
	assert.Zero(t, seen.Wrong, "in the room")

	both := append(message(1), message(2)...)
	seen, acks = takes(0, 0, serverFrame(0x01, both[:100]), serverFrame(0x80, both[100:]), serverFrame(0x81, []byte("{}")))
	assert.Equal(t, 2, seen.Messages, "in two frames, and one that is none")
	assert.Equal(t, 1, acks)
}

func TestCompressedMessagesAreRead(t *testing.T) {
	t.Parallel()
	html := []byte(load.NewMaker(1024).Make(1, time.Now()))
	var deflated bytes.Buffer
	w, err := flate.NewWriter(&deflated, flate.BestSpeed)
	require.NoError(t, err)
	_, err = w.Write(html)
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	message := bytes.TrimSuffix(deflated.Bytes(), []byte("\x00\x00\xff\xff"))

	var i inflater
	for range 2 {
		got, err := i.inflate(message)
		require.NoError(t, err)
		assert.Equal(t, html, got)
	}
}
