package protocol

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodesTheGoldenFramesOfRooms(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Request{
		"up-join.json": {Control: "join", Join: Join{
			Gen: 2, Tickets: []string{"AbC_dEf-123", "xyz"}, Positions: map[string]string{"chat:42": "k3v9qhxz2m.1a"}, Clock: "k3v9qhxz2m.1c",
		}},
		"up-leave.json": {Control: "leave", Join: Join{Gen: 3, Rooms: []string{"chat:42"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadRequest([]byte(golden(t, name)))
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
			_, err := ReadRequest([]byte(raw))
			assert.Error(t, err)
		})
	}
	t.Run("a request may have such keys with anything in them", func(t *testing.T) {
		t.Parallel()
		in, err := ReadRequest([]byte(`{"id":"1","handler":"h","gen":-1,"tickets":1,"pos":[],"rooms":"tea","t":{}}`))
		assert.NoError(t, err)
		assert.Equal(t, "h", in.Handler)
	})
	t.Run("4096 tickets are none too many", func(t *testing.T) {
		t.Parallel()
		in, err := ReadRequest([]byte(`{"type":"join","gen":1,"tickets":["a"` + strings.Repeat(`,"a"`, 4095) + `]}`))
		assert.NoError(t, err)
		assert.Len(t, in.Join.Tickets, 4096)
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
		in, err := ReadRequest(raw)
		if err != nil || in.Control != "join" && in.Control != "leave" {
			return
		}
		var want struct {
			Gen     uint64            `json:"gen"`
			Tickets []string          `json:"tickets"`
			Pos     map[string]string `json:"pos"`
			Rooms   []string          `json:"rooms"`
		}
		require.NoError(t, json.Unmarshal(raw, &want), "what is nothing for encoding/json is none for us")
		require.Equal(t, want.Gen, in.Join.Gen)
		require.ElementsMatch(t, want.Tickets, in.Join.Tickets)
		require.ElementsMatch(t, want.Rooms, in.Join.Rooms)
		require.Len(t, in.Join.Positions, len(want.Pos))
		for room, position := range in.Join.Positions {
			require.Equal(t, want.Pos[room], position)
			require.LessOrEqual(t, len(room), MaxRoomName)
			require.LessOrEqual(t, len(position), MaxPosition)
		}
		require.LessOrEqual(t, len(in.Join.Tickets), MaxTickets)
	})
}
