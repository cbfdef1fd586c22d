package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

const (
	hello     = `{"type":"hello","v":1,"page":"p"}`
	goodFrame = `{"id":"good","handler":"echo"}`
	goodReply = `{"id":"good","target":"#echo","html":"echo","swap":"innerHTML"}`
)

// newEchoSite returns a site whose handler "echo" answers goodFrame with goodReply, and a bystander on it: when the test
// ends, it must have noticed nothing.
func newEchoSite(t *testing.T) *site {
	s := newSite(t, wsx.Options{PingInterval: -1}, false) // on a slow machine a ping would come between
	s.hub.On("echo", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.ReplyTo("#echo", "echo", wsx.Inner), nil
	})
	bystander := s.dial(t)
	t.Cleanup(func() {
		assert.NoError(t, s.hub.SendToConnection(bystander.id, "#end", "", wsx.Inner))
		assert.Contains(t, bystander.next(), `"target":"#end"`, "a bystander notices nothing")
		bystander.send(goodFrame)
		assert.Equal(t, goodReply, bystander.next())
	})
	return s
}

func repeated(what string, n int) string { return strings.Repeat(what, n) }

// badFrames are frames that cannot be decoded, with the id that could be read before the mistake.
var badFrames = []struct{ what, frame, id string }{
	{"nothing", ``, ``},
	{"no JSON", `hi`, ``},
	{"an array", `[{"id":"1","handler":"echo"}]`, ``},
	{"a string", `"id"`, ``},
	{"null", `null`, ``},
	{"no end", `{"id":"1","handler":"echo"`, `1`},
	{"a trailing comma", `{"id":"1","handler":"echo",}`, `1`},
	{"single quotes", `{'id':'1','handler':'echo'}`, ``},
	{"NaN", `{"id":"1","handler":"echo","data":NaN}`, `1`},
	{"a raw line break in a string", "{\"id\":\"1\",\"handler\":\"ec\nho\"}", `1`},
	{"a byte order mark", "\ufeff" + goodFrame, ``},
	{"trailing text", `{"id":"1","handler":"echo"} x`, `1`},
	{"a second object", `{"id":"1","handler":"echo"}{"id":"2","handler":"echo"}`, `1`},
	{"a key twice", `{"id":"1","handler":"echo","handler":"admin"}`, `1`},
	{"an unknown key twice", `{"id":"1","x":1,"handler":"echo","x":2}`, `1`},
	{"the id twice", `{"id":"1","id":"2","handler":"echo"}`, `1`},
	{"the id twice, once escaped", `{"id":"1","\u0069d":"2","handler":"echo"}`, `1`},
	{"the id in capitals", `{"ID":"1","handler":"echo"}`, ``},
	{"the handler with a capital", `{"id":"1","Handler":"echo"}`, `1`},
	{"the target with a capital, beside the right one", `{"id":"1","handler":"echo","target":"#a","Target":"#b"}`, `1`},
	{"the data in capitals, escaped", `{"id":"1","handler":"echo","\u0044ATA":{}}`, `1`},
	{"the swap in capitals", `{"id":"1","handler":"echo","SWAP":"delete"}`, `1`},
	{"the trigger in capitals", `{"id":"1","handler":"echo","TRIGGER":"a"}`, `1`},
	{"the type in capitals", `{"id":"1","handler":"echo","TYPE":"hello"}`, `1`},
	{"33 deep", `{"id":"1","handler":"echo","data":` + repeated("[", 32) + repeated("]", 32) + `}`, `1`},
	{"33 deep, where nobody looks", `{"id":"1","handler":"echo","x":` + repeated(`{"a":`, 32) + `1` + repeated("}", 32) + `}`, `1`},
	{"an id of 129 bytes", `{"id":"` + repeated("i", 129) + `","handler":"echo"}`, ``},
	{"a handler of 256 bytes", `{"id":"1","handler":"` + repeated("h", 256) + `"}`, `1`},
	{"a target of 1,025 bytes", `{"id":"1","handler":"echo","target":"` + repeated("t", 1025) + `"}`, `1`},
	{"no id", `{"handler":"echo"}`, ``},
	{"no handler", `{"id":"1","target":"#a"}`, `1`},
	{"nothing in it", `{}`, ``},
	{"a number as id", `{"id":1,"handler":"echo"}`, ``},
	{"null as id", `{"id":null,"handler":"echo"}`, ``},
	{"an object as id", `{"id":{},"handler":"echo"}`, ``},
	{"a list as handler", `{"id":"1","handler":["echo"]}`, `1`},
	{"a number as target", `{"id":"1","handler":"echo","target":1}`, `1`},
	{"a bool as swap", `{"id":"1","handler":"echo","swap":true}`, `1`},
	{"a number as trigger", `{"id":"1","handler":"echo","trigger":1}`, `1`},
	{"a number as type", `{"type":1}`, ``},
	{"a type that is empty", `{"type":""}`, ``},
	{"a hello with a number as page", `{"type":"hello","v":1,"page":1}`, ``},
	{"a hello with a page of 65 bytes", `{"type":"hello","v":1,"page":"` + repeated("p", 65) + `"}`, ``},
	{"a hello with a page in capitals", `{"type":"hello","v":1,"PAGE":"p"}`, ``},
}

func TestBadFrames(t *testing.T) {
	t.Parallel()
	s := newEchoSite(t)
	full, plain := s.dial(t), s.dial(t)
	full.send(hello)
	for _, one := range badFrames {
		t.Run(one.what, func(t *testing.T) {
			full.send(one.frame, goodFrame)
			assert.Equal(t, fmt.Sprintf(`{"type":"error","id":%q,"code":"bad_request"}`, one.id), full.next())
			assert.Equal(t, goodReply, full.next(), "the connection stays")
			plain.send(one.frame, goodFrame)
			assert.Equal(t, goodReply, plain.next(), "an original client is told nothing")
		})
	}
	t.Run("binary", func(t *testing.T) {
		for _, c := range []*socket{full, plain} {
			require.NoError(t, c.ws.Write(t.Context(), websocket.MessageBinary, []byte(goodFrame)))
			c.send(goodFrame)
		}
		assert.Equal(t, `{"type":"error","id":"","code":"bad_request"}`, full.next())
		assert.Equal(t, goodReply, full.next())
		assert.Equal(t, goodReply, plain.next())
	})
}

// TestOddFrames are those that look strange and are right.
func TestOddFrames(t *testing.T) {
	t.Parallel()
	s := newEchoSite(t)
	requests := make(chan *wsx.Request, 1)
	s.hub.On("", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		requests <- r
		return nil, nil
	})
	full := s.dial(t)
	full.send(hello)
	deep := repeated("[", 31) + repeated("]", 31)
	for _, one := range []struct {
		what, frame string
		want        wsx.Request
	}{
		{"an escaped key", `{"\u0069d":"1","h\u0061ndler":"h"}`, wsx.Request{ID: "1", Handler: "h"}},
		{"white space", " \t\r\n{ \"id\" : \"1\" ,\n\"handler\" : \"h\" } ", wsx.Request{ID: "1", Handler: "h"}},
		{"nulls", `{"id":"1","handler":"h","target":null,"trigger":null,"swap":null,"data":null}`, wsx.Request{ID: "1", Handler: "h"}},
		{"unknown keys", `{"id":"1","v":1,"handler":"h","page":5,"iD2":{},"":[]}`, wsx.Request{ID: "1", Handler: "h"}},
		{"a type beside a handler", `{"type":"hello","id":"1","handler":"h"}`, wsx.Request{ID: "1", Handler: "h"}},
		{"an empty id", `{"id":"","handler":"h"}`, wsx.Request{Handler: "h"}},
		{"an empty handler", `{"id":"1","handler":""}`, wsx.Request{ID: "1"}},
		{"a strange id", `{"id":"\"<\\\u0001é\ud83d\ude00>","handler":"h"}`, wsx.Request{ID: "\"<\\\x01é😀>", Handler: "h"}},
		{"half a surrogate pair", `{"id":"1","handler":"h","trigger":"\ud83d!"}`, wsx.Request{ID: "1", Handler: "h", Trigger: "\ufffd!"}},
		{"an id of 128 bytes", `{"id":"` + repeated("i", 128) + `","handler":"h"}`, wsx.Request{ID: repeated("i", 128), Handler: "h"}},
		{"a handler of 255 bytes", `{"id":"1","handler":"` + repeated("h", 255) + `"}`, wsx.Request{ID: "1", Handler: repeated("h", 255)}},
		{"a target of 1,024 bytes", `{"id":"1","handler":"h","target":"` + repeated("t", 1024) + `"}`, wsx.Request{ID: "1", Handler: "h", Target: repeated("t", 1024)}},
		{"32 deep", `{"id":"1","handler":"h","data":` + deep + `}`, wsx.Request{ID: "1", Handler: "h", Data: json.RawMessage(deep)}},
		{"keys twice in the data, which is the program's", `{"id":"1","handler":"h","data":{"a":1,"a":2}}`, wsx.Request{ID: "1", Handler: "h", Data: json.RawMessage(`{"a":1,"a":2}`)}},
		{"a swap that nobody knows", `{"id":"1","handler":"h","swap":"explode"}`, wsx.Request{ID: "1", Handler: "h"}},
		{"a swap with modifiers", `{"id":"1","handler":"h","swap":"beforeend scroll:bottom"}`, wsx.Request{ID: "1", Handler: "h", Swap: "beforeend scroll:bottom"}},
	} {
		t.Run(one.what, func(t *testing.T) {
			full.send(one.frame)
			var ack struct{ Type, ID, Code string }
			require.NoError(t, json.Unmarshal([]byte(full.next()), &ack))
			require.Equal(t, struct{ Type, ID, Code string }{"ack", one.want.ID, ""}, ack)
			got := <-requests
			if one.want.Swap == "" {
				one.want.Swap = wsx.Inner
			}
			assert.Equal(t, one.want, wsx.Request{
				ID: got.ID, Handler: got.Handler, Trigger: got.Trigger, Target: got.Target, Swap: got.Swap, Data: got.Data,
			})
			assert.Equal(t, full.id, got.Conn.ID())
		})
	}
	t.Run("control of the future is ignored", func(t *testing.T) {
		full.send(`{"type":"dance","page":5,"rooms":[]}`, goodFrame)
		assert.Equal(t, goodReply, full.next())
	})
}

func TestManyBadFrames(t *testing.T) {
	t.Parallel()
	const bad = `{"id":"bad"}`
	t.Run("ten in a row close the connection", func(t *testing.T) {
		t.Parallel()
		s := newEchoSite(t)
		full, plain := s.dial(t), s.dial(t)
		full.send(hello)
		for _, c := range []*socket{full, plain} {
			for range 10 {
				c.send(bad)
			}
		}
		frames, end := full.closed()
		assert.Len(t, frames, 10, "each is answered")
		assert.EqualValues(t, 1008, end.Code)
		frames, end = plain.closed()
		assert.Empty(t, frames)
		assert.EqualValues(t, 1008, end.Code)
		waitUntil(t, "both are counted", func() bool { return s.hub.Stats().Closed["1008"] == 2 })
	})
	for what, good := range map[string]string{"a request": goodFrame, "control": hello, "control of the future": `{"type":"dance"}`} {
		t.Run("nine, "+what+" and nine do not", func(t *testing.T) {
			t.Parallel()
			s := newEchoSite(t)
			c := s.dial(t)
			c.send(hello)
			for range 3 {
				for range 9 {
					c.send(bad)
				}
				c.send(good)
			}
			c.send(`{"id":"last","handler":"echo"}`)
			for frame := ""; !strings.Contains(frame, `"id":"last"`); {
				frame = c.next()
			}
		})
	}
}

func TestMessagesThatEndTheConnection(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		what, message string
		code          int
	}{
		{"200 KB", `{"id":"1","handler":"echo","data":"` + repeated("x", 200<<10) + `"}`, 1009},
		{"one byte over 64 KiB", `{"id":"1","handler":"echo","data":"` + repeated("x", 64<<10-36) + `"}`, 1009},
		{"invalid UTF-8 in a string", "{\"id\":\"1\",\"handler\":\"echo\",\"data\":\"\xff\"}", 1007},
		{"half a character", "{\"id\":\"1\",\"handler\":\"echo\",\"data\":\"\xc3\"}", 1007},
		{"a surrogate as UTF-8", "{\"id\":\"1\",\"handler\":\"echo\",\"data\":\"\xed\xa0\x80\"}", 1007},
		{"invalid UTF-8 beyond the JSON", "{}\xff", 1007},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			s := newEchoSite(t)
			full, plain := s.dial(t), s.dial(t)
			full.send(hello)
			for _, c := range []*socket{full, plain} {
				c.send(one.message)
				frames, end := c.closed()
				assert.Empty(t, frames, "it is not answered")
				assert.EqualValues(t, one.code, end.Code)
			}
			waitUntil(t, "both are counted", func() bool { return s.hub.Stats().Closed[fmt.Sprint(one.code)] == 2 })
			assert.Equal(t, 1, s.hub.Count(), "the bystander is left")
		})
	}
	t.Run("64 KiB do not", func(t *testing.T) {
		t.Parallel()
		s := newEchoSite(t)
		c := s.dial(t)
		message := `{"id":"good","handler":"echo","data":"` + repeated("x", 64<<10-40) + `"}`
		require.Len(t, message, 64<<10)
		c.send(message)
		assert.Equal(t, goodReply, c.next())
	})
}

// TestClosingABrowserThatSends: the goodbye reads what the reader reads too.
func TestClosingABrowserThatSends(t *testing.T) {
	t.Parallel()
	s := newEchoSite(t)
	for range 50 {
		c := s.dial(t)
		conn := c.conn(s.hub)
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for range 50 {
				if c.ws.Write(context.Background(), websocket.MessageText, []byte(goodFrame)) != nil {
					return // it is closed
				}
			}
		}()
		require.Equal(t, goodReply, c.next())
		conn.Close(wsx.UserErrorf("enough"))
		frames, end := c.closed()
		for _, f := range frames {
			assert.Equal(t, goodReply, f)
		}
		assert.Equal(t, websocket.CloseError{Code: 4403, Reason: "enough"}, end)
		<-sent
	}
}
