package acceptance

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
)

func TestConfigureRoomsPanicsWithItsNameAndThePattern(t *testing.T) {
	t.Parallel()
	hub := newHub(t, nil)
	hub.ConfigureRooms("tea*", wsx.RoomOptions{})
	for pattern, want := range map[string]string{
		"t*a":  `wsx: ConfigureRooms("t*a"): a pattern is a name, or a prefix followed by *`,
		"":     `wsx: ConfigureRooms(""): a pattern is a name, or a prefix followed by *`,
		"tea*": `wsx: ConfigureRooms("tea*"): the pattern is already set`,
	} {
		assert.PanicsWithValue(t, want, func() { hub.ConfigureRooms(pattern, wsx.RoomOptions{}) })
	}
	assert.PanicsWithValue(t, `wsx: ConfigureRooms("coffee"): History, HistoryBytes and TTL must not be negative`, func() {
		hub.ConfigureRooms("coffee", wsx.RoomOptions{History: -1})
	})
}
