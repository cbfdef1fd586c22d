package wsx

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/protocol"
)

// golden returns the frame in testdata/frames, which the tests of the browser client read too.
func golden(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "frames", name))
	require.NoError(t, err)
	line, ended := strings.CutSuffix(string(text), "\n")
	require.True(t, ended, "%s ends with a newline", name)
	require.NotContains(t, line, "\n", "%s is one frame", name)
	return line
}

// payload takes one whole text frame apart.
func payload(t testing.TB, f []byte) string {
	t.Helper()
	for header := range frame.MaxHeader + 1 {
		if header <= len(f) && string(frame.Text(f[header:])) == string(f) {
			return string(f[header:])
		}
	}
	require.Fail(t, "not one text frame", "%q", f)
	return ""
}

// checked returns fragments as messages hold them.
func checked(t testing.TB, fragments ...Fragment) []protocol.Fragment {
	t.Helper()
	c, err := checkFragments(fragments)
	require.NoError(t, err)
	return c
}

// updateOf returns the message of fragments that are known to be valid.
func updateOf(id string, fragments []Fragment) *message {
	c, err := checkFragments(fragments)
	if err != nil {
		panic(err)
	}
	return newUpdate(id, c)
}

func TestEncodesTheGoldenFrames(t *testing.T) {
	t.Parallel()
	const broken = "Please write <something>"
	reply := newUpdate("p1-1", checked(t, Fragment{"#messages", "<li>mine</li>", Append}, Fragment{"#count", "1", Inner}))
	update := newUpdate("b-1", checked(t, Fragment{"#messages", `<li id="m1">1 &lt; 2 &amp; "ü"</li>`, Append}))
	redirect, err := New(nil).replyMessage("p1-1", new(Request).Redirect("#paid").Fragments)
	require.NoError(t, err)
	frames := map[string]struct {
		plain, full []byte
	}{
		"down-hello.json":          {nil, frame.Text(protocol.Hello("n1-Zk3v9QhX", "", 25*time.Second, "1700000000000", protocol.DefaultMax))},
		"down-hello-max.json":      {nil, frame.Text(protocol.Hello("n1-Zk3v9QhX", "", 25*time.Second, "1700000000000", 4096))},
		"down-hello-http.json":     {nil, frame.Text(protocol.Hello("n1-Zk3v9QhX", "K5RTQ3W7C2ZJ4YH6MNBXDAFPEV", 25*time.Second, "1700000000000", protocol.DefaultMax))},
		"down-close.json":          {nil, frame.Text(protocol.Close(4403, "The shop is closed"))},
		"down-redirect.json":       {nil, redirect.frame(encodingFull)},
		"down-update.json":         {update.frame(encodingPlain), update.frame(encodingFull)},
		"down-reply-oob.json":      {reply.frame(encodingPlain), reply.frame(encodingFull)},
		"down-ack.json":            {nil, ackMessage("p1-1").frame(encodingFull)},
		"down-error-user.json":     {nil, errorMessage("p1-1", "#errors", protocol.CodeUser, broken).frame(encodingFull)},
		"down-error-internal.json": {nil, errorMessage("p1-1", "#errors", protocol.CodeInternal, broken).frame(encodingFull)},
		"down-plain-error.json":    {errorMessage("req_1", "#errors", protocol.CodeUser, broken).frame(encodingPlain), nil},
	}
	for name, got := range frames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := golden(t, name)
			for _, f := range [][]byte{got.plain, got.full} {
				if f != nil {
					assert.Equal(t, want, payload(t, f))
				}
			}
		})
	}
	t.Run("down-ping.json", func(t *testing.T) {
		t.Parallel()
		ping := pingMessage("1700000025000")
		assert.Equal(t, frame.Ping, ping.frame(encodingPlain), "a script of the original's knows no ping")
		rest, found := strings.CutPrefix(string(ping.frame(encodingFull)), string(frame.Ping))
		require.True(t, found, "the browser itself answers the ping, so that a script need not")
		assert.Equal(t, golden(t, "down-ping.json"), payload(t, []byte(rest)))
	})
}

func TestEncodesTheGoldenFramesOfRooms(t *testing.T) {
	t.Parallel()
	hub := New(nil)
	hub.node = "n1"
	hub.history.eras.Store(&[]era{{epoch: "k3v9qhxz2m"}})
	fragments := checked(t, Fragment{"#messages", `<li id="m1">hi</li>`, Append}, Fragment{"#count", "1", Inner})
	places := []protocol.RoomPosition{{Room: "chat:42", Position: "k3v9qhxz2m.1a"}, {Room: `tea "ü"`, Position: "k3v9qhxz2m.1b"}}
	for name, m := range map[string]*message{
		"down-joined.json": newControl(protocol.Joined{
			Gen: 2, Positions: places, Tickets: []string{"AbC_dEf-123", ""}, Each: [][]string{{"chat:42", `tea "ü"`}, {}},
		}.Payload()),
		"down-joined-starts.json": newControl(protocol.Joined{
			Gen: 3, Positions: places[:1], Tickets: []string{"AbC_dEf-123", "xyz"}, Each: [][]string{{"chat:42"}, {"chat:42"}},
			Starts: [][]string{{"k3v9qhxz2m.1c"}, {"k3v9qhxz2m.1a"}}, Sent: []protocol.RoomPosition{{Room: "chat:42", Position: "k3v9qhxz2m.1d"}},
		}.Payload()),
		"down-reset-limit.json":   newControl(protocol.Reset{Gen: 2, Rooms: []string{"chat:42"}, Tickets: []int{0}, Limit: 128}.Payload()),
		"down-joined-server.json": newControl(protocol.Joined{Positions: places[:1], Tickets: []string{"AbC_dEf-123"}, Each: [][]string{{"chat:42"}}, ByServer: true}.Payload()),
		"down-reset-rooms.json":   newControl(protocol.Reset{Gen: 2, Rooms: []string{"chat:42"}, Tickets: []int{0, 2}, After: 60000}.Payload()),
		"down-reset-ticket.json":  newControl(protocol.Reset{Gen: 2, After: 60000}.Payload()),
		"down-left.json":          newControl(protocol.Left("chat:42")),
		"down-pos.json":           positionMessage("chat:42", 48, "k3v9qhxz2m.1c"),
		"down-update-room.json":   hub.roomMessage(fragments, false, "chat:42", 46),
		"down-batch-room.json":    hub.roomMessage(fragments, true, "chat:42", 46),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, golden(t, name), payload(t, m.frame(encodingFull)))
			if plain := m.frame(encodingPlain); m.control {
				assert.Empty(t, plain, "an original client is told nothing of rooms")
			} else {
				assert.NotContains(t, payload(t, plain), "room")
				assert.NotContains(t, payload(t, plain), "pos")
			}
		})
	}
}
