package protocol

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// golden returns the frame in testdata/frames, which the tests of the browser client read too.
func golden(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "frames", name))
	require.NoError(t, err)
	line, ended := strings.CutSuffix(string(text), "\n")
	require.True(t, ended, "%s ends with a newline", name)
	require.NotContains(t, line, "\n", "%s is one frame", name)
	return line
}

func TestDecodesTheGoldenFrames(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("..", "..", "testdata", "frames", "up-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		name := filepath.Base(name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := golden(t, name)
			in, err := ReadRequest([]byte(raw))
			require.NoError(t, err)
			in.Join = Join{} // of rooms: see TestDecodesTheGoldenFramesOfRooms
			var want struct {
				Type, ID, Handler, Target, Trigger, Swap, Page string
				Data                                           json.RawMessage
			}
			require.NoError(t, json.Unmarshal([]byte(raw), &want))
			assert.Equal(t, Request{
				ID: want.ID, Handler: want.Handler, Target: want.Target, Trigger: want.Trigger, Swap: want.Swap,
				Data: want.Data, Control: want.Type, Page: want.Page,
			}, in)
		})
	}
}

func FuzzRequest(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("..", "..", "testdata", "frames", "*.json"))
	require.NoError(f, err)
	for _, name := range names {
		f.Add([]byte(golden(f, filepath.Base(name))))
	}
	for _, raw := range []string{
		`{"id":"1","handler":"h","data":null,"target":null}`, `{"id":"1","handler":"h","\u0069d":"2"}`, `{"ID":"1","handler":"h"}`,
		`{"type":"hello"}`, `{"type":"hello","page":1}`, `{"type":"","id":"","handler":""}`, `{"type":"x","handler":"h"}`,
		`{"id":"\ud800","handler":"h"}`, `{"id":1}`, `[]`, ``, `{"id":"1","handler":"h","data":[[[{}]]]} x`,
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !utf8.Valid(raw) {
			return // the connection is closed before anybody decodes
		}
		in, err := ReadRequest(raw)
		if err != nil {
			return
		}
		var keys map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(raw, &keys), "what is no JSON for encoding/json is none for us")
		text := func(key string) (s string, there bool) {
			value, there := keys[key]
			if there {
				require.NoError(t, json.Unmarshal(value, &s))
			}
			return s, there
		}
		handler, hasHandler := text("handler")
		if in.Control != "" {
			kind, _ := text("type")
			require.Equal(t, kind, in.Control)
			require.False(t, hasHandler, "a frame with a handler is a request")
			return
		}
		id, hasID := text("id")
		require.True(t, hasID && hasHandler)
		require.Equal(t, id, in.ID)
		require.Equal(t, handler, in.Handler)
		require.LessOrEqual(t, len(in.ID), MaxID)
		require.LessOrEqual(t, len(in.Handler), MaxHandlerName)
		require.LessOrEqual(t, len(in.Target), MaxTarget)
		if data := string(keys["data"]); data == "null" {
			require.Nil(t, in.Data)
		} else {
			require.Equal(t, data, string(in.Data))
		}
	})
}
