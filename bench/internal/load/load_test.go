package load

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMessagesAreFoundAgain(t *testing.T) {
	t.Parallel()
	now := time.Unix(1234, 5678)
	for _, size := range []int{MinSize, 200, 4096} {
		html := NewMaker(size).Make(7, now)
		assert.Len(t, html, size)
		number, sent, rest, ok := Find([]byte(`{"html":"` + html + `"}` + html))
		assert.True(t, ok)
		assert.Equal(t, uint32(7), number)
		assert.True(t, sent.Equal(now))
		_, _, rest, ok = Find(rest)
		assert.True(t, ok, "the second")
		_, _, _, ok = Find(rest)
		assert.False(t, ok, "there are two")
	}
}

func TestRoomsHaveTheirSizes(t *testing.T) {
	t.Parallel()
	for _, sockets := range []int{200, 1000, 10_000} {
		members := map[int]int{}
		for i := range sockets + 300 { // the last ones are stalled readers, which are in no room
			for _, room := range RoomsOf(i, sockets) {
				members[room]++
			}
		}
		for _, room := range Rooms {
			if room <= sockets {
				assert.Equal(t, room, members[room])
			}
		}
	}
}
