package wsx

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/frame"
)

// inflate returns the payload of a compressed frame (RFC 7692, section 7.2.2).
func inflate(t testing.TB, compressed []byte) string {
	require.Equal(t, byte(0xc1), compressed[0], "FIN, RSV1, text")
	payload := frame.Payload(compressed)
	// A final empty block, so that the reader sees an end.
	r := flate.NewReader(io.MultiReader(bytes.NewReader(payload), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	plain, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(plain)
}

func someRows(n int) (html template.HTML) {
	for i := range n {
		html += HTMLf("<tr id=\"row-%d\"><td class=\"name\">Name %d</td><td class=\"price\">%d.00</td></tr>\n", i, i, i*7%100)
	}
	return html
}

func TestACompressedMessage(t *testing.T) {
	rows := someRows(20)
	long := updateOf("b_1", []Fragment{{"#a", rows, Append}})
	t.Run("says the same in fewer bytes", func(t *testing.T) {
		assert.Equal(t, string(frame.Payload(long.frame(encodingFull))), inflate(t, long.frame(encodingFull|encodingDeflated)))
		assert.Less(t, len(long.frame(encodingFull|encodingDeflated))*10, len(long.frame(encodingFull))*4)
	})
	t.Run("is made once for all", func(t *testing.T) {
		assert.Same(t, &long.frame(encodingFull | encodingDeflated)[0], &long.frame(encodingFull | encodingDeflated)[0])
		assert.Same(t, &long.frame(encodingPlain | encodingDeflated)[0], &long.frame(encodingFull | encodingDeflated)[0])
	})
	t.Run("is as it was if it is short", func(t *testing.T) {
		short := updateOf("b_1", []Fragment{{"#a", "<p>", Append}})
		assert.Same(t, &short.frame(encodingFull)[0], &short.frame(encodingFull | encodingDeflated)[0])
	})
	t.Run("is no reply", func(t *testing.T) {
		reply := updateOf("req_1", []Fragment{{"#a", rows, Append}})
		reply.reply = true
		assert.Equal(t, byte(0x81), reply.frame(encodingFull | encodingDeflated)[0])
	})
}

func TestCompressionOverTheWire(t *testing.T) {
	hub, addr := serveTCP(t, &Options{Compression: true, Inbound: Limit{PerSecond: -1, BytesPerSecond: -1}})
	hub.On("echo", func(_ context.Context, r *Request) (*Response, error) {
		return r.Reply(Text(strings.Repeat(string(r.Data), 100))), nil
	})
	ctx := t.Context()
	for name, mode := range map[string]websocket.CompressionMode{
		"no takeover":                    websocket.CompressionNoContextTakeover,
		"a browser that offers takeover": websocket.CompressionContextTakeover,
		"none":                           websocket.CompressionDisabled,
	} {
		t.Run(name, func(t *testing.T) {
			page, resp, err := websocket.Dial(ctx, "ws://"+addr, &websocket.DialOptions{CompressionMode: mode})
			require.NoError(t, err)
			defer page.CloseNow()
			page.SetReadLimit(-1)
			agreed := resp.Header.Get("Sec-WebSocket-Extensions")
			if mode == websocket.CompressionDisabled {
				assert.Empty(t, agreed)
			} else {
				assert.Equal(t, "permessage-deflate; client_no_context_takeover; server_no_context_takeover", agreed)
			}
			next := func() (f struct{ Type, HTML string }) {
				_, data, err := page.Read(ctx)
				require.NoError(t, err)
				require.NoError(t, json.Unmarshal(data, &f))
				return f
			}
			assert.Equal(t, "hello", next().Type)
			for i := range 90 { // long and short ones, replies and pongs mixed
				html := someRows(i % 30)
				require.NoError(t, hub.Broadcast("#a", html, Append))
				assert.Equal(t, string(html), next().HTML)
				ask := fmt.Sprintf(`{"id":"r","handler":"echo","target":"#a","data":{"text":"%s"}}`, strings.Repeat("ab", i*10))
				require.NoError(t, page.Write(ctx, websocket.MessageText, []byte(ask)))
				assert.NotEmpty(t, next().HTML)
			}
		})
	}
}

func TestABombIsDefused(t *testing.T) {
	_, addr := serveTCP(t, &Options{Compression: true})
	page, _, err := websocket.Dial(t.Context(), "ws://"+addr, &websocket.DialOptions{CompressionMode: websocket.CompressionNoContextTakeover})
	require.NoError(t, err)
	defer page.CloseNow()
	require.NoError(t, page.Write(t.Context(), websocket.MessageText, bytes.Repeat([]byte(" "), 10<<20)))
	for err == nil {
		_, _, err = page.Read(t.Context())
	}
	assert.Equal(t, websocket.StatusMessageTooBig, websocket.CloseStatus(err))
}
