package wsx

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEncodesTheGoldenFramesOfRooms(t *testing.T) {
	t.Parallel()
	hub := New(nil)
	hub.node, hub.history.epoch = "n1", "k3v9qhxz2m"
	fragments := []Fragment{{"#messages", `<li id="m1">hi</li>`, Append}, {"#count", "1", Inner}}
	places := []roomPos{{"chat:42", "k3v9qhxz2m.1a"}, {`tea "ü"`, "k3v9qhxz2m.1b"}}
	for name, m := range map[string]*message{
		"down-joined.json": joined{
			gen: 2, positions: places, tickets: []string{"AbC_dEf-123", ""}, each: [][]string{{"chat:42", `tea "ü"`}, {}},
		}.message(),
		"down-joined-server.json": joined{positions: places[:1], tickets: []string{"AbC_dEf-123"}, each: [][]string{{"chat:42"}}, byServer: true}.message(),
		"down-reset-rooms.json":   reset{gen: 2, rooms: []string{"chat:42"}, tickets: []int{0, 2}, after: 60000}.message(),
		"down-reset-ticket.json":  reset{gen: 2, after: 60000}.message(),
		"down-left.json":          leftMessage("chat:42"),
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

func TestDecodesTheGoldenFramesOfRooms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]inbound{
		"up-join.json": {control: "join", join: joinFrame{
			gen: 2, tickets: []string{"AbC_dEf-123", "xyz"}, positions: map[string]string{"chat:42": "k3v9qhxz2m.1a"}, clock: "k3v9qhxz2m.1c",
		}},
		"up-leave.json": {control: "leave", join: joinFrame{gen: 3, rooms: []string{"chat:42"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeInbound([]byte(golden(t, name)))
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

// badJoins are frames that are no join or leave.
var badJoins = map[string]string{
	"a generation that is a text":             `{"type":"join","gen":"1"}`,
	"a generation below zero":                 `{"type":"join","gen":-1}`,
	"a generation that is no integer":         `{"type":"join","gen":1.5}`,
	"a generation beyond what a script knows": `{"type":"join","gen":9007199254740992}`,
	"tickets that are no list":                `{"type":"join","gen":1,"tickets":"a"}`,
	"a ticket that is no text":                `{"type":"join","gen":1,"tickets":[1]}`,
	"4097 tickets":                            `{"type":"join","gen":1,"tickets":["a"` + strings.Repeat(`,"a"`, 4096) + `]}`,
	"positions that are a list":               `{"type":"join","gen":1,"pos":[]}`,
	"a position that is no text":              `{"type":"join","gen":1,"pos":{"tea":1}}`,
	"a position of 65 bytes":                  `{"type":"join","gen":1,"pos":{"tea":"` + strings.Repeat("p", 65) + `"}}`,
	"a position of a room of 256 bytes":       `{"type":"join","gen":1,"pos":{"` + strings.Repeat("r", 4096) + `":"a.1"}}`,
	"two positions of one room":               `{"type":"join","gen":1,"pos":{"tea":"a.1","tea":"a.2"}}`,
	"the tickets twice":                       `{"type":"join","gen":1,"tickets":["a"],"tickets":["b"]}`,
	"the tickets in capitals":                 `{"type":"join","gen":1,"TICKETS":["a"]}`,
	"rooms to leave that are no list":         `{"type":"leave","gen":1,"rooms":"tea"}`,
	"a room to leave of 256 bytes":            `{"type":"leave","gen":1,"rooms":["` + strings.Repeat("r", 4096) + `"]}`,
}

func TestBadJoins(t *testing.T) {
	t.Parallel()
	for what, raw := range badJoins {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := decodeInbound([]byte(raw))
			assert.Error(t, err)
		})
	}
	t.Run("a request may have such keys with anything in them", func(t *testing.T) {
		t.Parallel()
		in, err := decodeInbound([]byte(`{"id":"1","handler":"h","gen":-1,"tickets":1,"pos":[],"rooms":"tea","t":{}}`))
		assert.NoError(t, err)
		assert.Equal(t, "h", in.handler)
	})
	t.Run("4096 tickets are none too many", func(t *testing.T) {
		t.Parallel()
		in, err := decodeInbound([]byte(`{"type":"join","gen":1,"tickets":["a"` + strings.Repeat(`,"a"`, 4095) + `]}`))
		assert.NoError(t, err)
		assert.Len(t, in.join.tickets, 4096)
	})
}

func FuzzJoin(f *testing.F) {
	for _, name := range []string{"up-join.json", "up-leave.json", "up-hello.json", "down-joined.json"} {
		f.Add([]byte(golden(f, filepath.Base(name))))
	}
	for _, raw := range badJoins {
		f.Add([]byte(raw))
	}
	f.Add([]byte(`{"type":"join","g\u0065n":1,"tickets":["\ud800"],"pos":{"\u0074ea":"a.1"},"t":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !utf8.Valid(raw) {
			return // the connection is closed before anybody decodes
		}
		in, err := decodeInbound(raw)
		if err != nil || in.control != "join" && in.control != "leave" {
			return
		}
		var want struct {
			Gen     uint64            `json:"gen"`
			Tickets []string          `json:"tickets"`
			Pos     map[string]string `json:"pos"`
			Rooms   []string          `json:"rooms"`
		}
		require.NoError(t, json.Unmarshal(raw, &want), "what is nothing for encoding/json is none for us")
		require.Equal(t, want.Gen, in.join.gen)
		require.ElementsMatch(t, want.Tickets, in.join.tickets)
		require.ElementsMatch(t, want.Rooms, in.join.rooms)
		require.Len(t, in.join.positions, len(want.Pos))
		for room, position := range in.join.positions {
			require.Equal(t, want.Pos[room], position)
			require.LessOrEqual(t, len(room), maxRoomName)
			require.LessOrEqual(t, len(position), maxPosition)
		}
		require.LessOrEqual(t, len(in.join.tickets), maxTickets)
	})
}
