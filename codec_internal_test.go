package wsx

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/frame"
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

func TestEncodesTheGoldenFrames(t *testing.T) {
	t.Parallel()
	const broken = "Please write <something>"
	reply := newUpdate("p1-1", []Fragment{{"#messages", "<li>mine</li>", Append}, {"#count", "1", Inner}})
	update := newUpdate("b-1", []Fragment{{"#messages", `<li id="m1">1 &lt; 2 &amp; "ü"</li>`, Append}})
	redirect, err := New(nil).replyMessage("p1-1", new(Request).Redirect("#paid").Fragments)
	require.NoError(t, err)
	verbs, err := New(nil).replyMessage("p1-1", []Fragment{
		SetText("#text", "1 < 2"), Remove("#gone"), SetValue("#field", `"Ada"`), SetAttr("#field", "placeholder", "Who?"), RemoveAttr("#field", "disabled"),
		AddClass("#text", "a", "b"), RemoveClass("#text", "b", "c"), ToggleClass("#text", "d", "e"), Focus("#field"), ScrollTo("#text"),
		Dispatch("#text", "moved", map[string]int{"x": 1}), SetTitle("2 new"), PushURL("?pushed"), ReplaceURL("?replaced"), Navigate("#there"), Announce("Ann has come"),
	})
	require.NoError(t, err)
	reload, err := New(nil).replyMessage("p1-1", []Fragment{Reload()})
	require.NoError(t, err)
	frames := map[string]struct {
		plain, full []byte
	}{
		// The next two lead away, so they are not among those that the browser's tests read one after another.
		"verbs.json":               {nil, verbs.frame(encodingFull)},
		"reload.json":              {nil, reload.frame(encodingFull)},
		"down-hello.json":          {nil, helloMessage("n1-Zk3v9QhX", "", 25000, "1700000000000").frame(encodingFull)},
		"down-hello-http.json":     {nil, helloMessage("n1-Zk3v9QhX", "K5RTQ3W7C2ZJ4YH6MNBXDAFPEV", 25000, "1700000000000").frame(encodingFull)},
		"down-close.json":          {nil, frame.Text(closePayload(4403, "The shop is closed"))},
		"down-redirect.json":       {nil, redirect.frame(encodingFull)},
		"down-update.json":         {update.frame(encodingPlain), update.frame(encodingFull)},
		"down-reply-oob.json":      {reply.frame(encodingPlain), reply.frame(encodingFull)},
		"down-ack.json":            {nil, ackMessage("p1-1").frame(encodingFull)},
		"down-error-user.json":     {nil, errorMessage("p1-1", "#errors", codeUser, broken).frame(encodingFull)},
		"down-error-internal.json": {nil, errorMessage("p1-1", "#errors", codeInternal, broken).frame(encodingFull)},
		"down-plain-error.json":    {errorMessage("req_1", "#errors", codeUser, broken).frame(encodingPlain), nil},
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

// TestGoldenFramesHaveTheirKnownShape holds the frames that no encoder of ours makes yet to the words of WIRE.md.
func TestGoldenFramesHaveTheirKnownShape(t *testing.T) {
	t.Parallel()
	type update struct{ Target, HTML, Swap string }
	strict := func(t *testing.T, name string, into any) {
		d := json.NewDecoder(strings.NewReader(golden(t, name)))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(into))
	}
	t.Run("down-batch.json", func(t *testing.T) {
		t.Parallel()
		var f struct {
			Type    string
			Updates []update
		}
		strict(t, "down-batch.json", &f)
		assert.Equal(t, "batch", f.Type)
		require.NotEmpty(t, f.Updates)
		for _, u := range f.Updates {
			assert.NotEmpty(t, u.Target)
			assert.True(t, Swap(u.Swap).known())
		}
	})
	t.Run("down-reconnect.json", func(t *testing.T) {
		t.Parallel()
		var f struct {
			Type  string
			After int
		}
		strict(t, "down-reconnect.json", &f)
		assert.Equal(t, "reconnect", f.Type)
		assert.Positive(t, f.After)
	})
}

func TestDecodesTheGoldenFrames(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("testdata", "frames", "up-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		name := filepath.Base(name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := golden(t, name)
			in, err := decodeInbound([]byte(raw))
			require.NoError(t, err)
			in.join = joinFrame{} // of rooms: see TestDecodesTheGoldenFramesOfRooms
			var want struct {
				Type, ID, Handler, Target, Trigger, Swap, Page string
				Data                                           json.RawMessage
			}
			require.NoError(t, json.Unmarshal([]byte(raw), &want))
			assert.Equal(t, inbound{
				id: want.ID, handler: want.Handler, target: want.Target, trigger: want.Trigger, swap: want.Swap,
				data: want.Data, control: want.Type, page: want.Page,
			}, in)
		})
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{
		"", "plain", `<a href="/?a=1&b=2">'\`, "\x00\x01\x1f\x7f\b\f\n\r\t", "\u2028\u2029", "ü日😀", "\xff", "a\xc3", "\xed\xa0\x80b",
		"\xf0\x9f\x98", "\ufffd\xff\ufffd", strings.Repeat("\xf0", 5),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		encoded := appendString([]byte("before"), s)
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

func FuzzInbound(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "frames", "*.json"))
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
		in, err := decodeInbound(raw)
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
		if in.control != "" {
			kind, _ := text("type")
			require.Equal(t, kind, in.control)
			require.False(t, hasHandler, "a frame with a handler is a request")
			return
		}
		id, hasID := text("id")
		require.True(t, hasID && hasHandler)
		require.Equal(t, id, in.id)
		require.Equal(t, handler, in.handler)
		require.LessOrEqual(t, len(in.id), maxID)
		require.LessOrEqual(t, len(in.handler), maxHandlerName)
		require.LessOrEqual(t, len(in.target), maxTarget)
		if data := string(keys["data"]); data == "null" {
			require.Nil(t, in.data)
		} else {
			require.Equal(t, data, string(in.data))
		}
	})
}
