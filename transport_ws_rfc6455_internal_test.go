package wsx

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a server must do with frames that RFC 6455 forbids. Sections in the names are those of the RFC.
func TestForbiddenFrames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		send []byte
		code int
	}{
		"5.1 unmasked":                         {[]byte{0x81, 2, '{', '}'}, 1002},
		"5.2 RSV1 without an extension":        {masked(0xc1, []byte("{}")), 1002},
		"5.2 RSV2":                             {masked(0xa1, []byte("{}")), 1002},
		"5.2 RSV3":                             {masked(0x91, []byte("{}")), 1002},
		"5.2 reserved data opcode":             {masked(0x83, nil), 1002},
		"5.2 reserved control opcode":          {masked(0x8b, nil), 1002},
		"5.4 continuation of nothing":          {masked(0x80, []byte("{}")), 1002},
		"5.4 text inside a text":               {append(masked(0x01, []byte("{")), masked(0x81, []byte("}"))...), 1002},
		"5.5 fragmented ping":                  {masked(0x09, nil), 1002},
		"5.5 ping of 126 bytes":                {masked(0x89, make([]byte, 126)), 1002},
		"5.5.1 close of one byte":              {masked(0x88, []byte{3}), 1002},
		"7.4 close code 999":                   {masked(0x88, []byte{0x03, 0xe7}), 1002},
		"7.4 close code 1005":                  {masked(0x88, []byte{0x03, 0xed}), 1002},
		"7.4 close code 1006":                  {masked(0x88, []byte{0x03, 0xee}), 1002},
		"8.1 invalid UTF-8":                    {masked(0x81, []byte("\"\xff\"")), 1007},
		"8.1 invalid UTF-8 across fragments":   {append(masked(0x01, []byte("\xe2\x82")), masked(0x80, []byte("x"))...), 1007},
		"10.4 a message over the limit":        {masked(0x81, make([]byte, 64<<10+1)), 1009},
		"10.4 a length of 2^63-1":              {append([]byte{0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4}, make([]byte, 64<<10+1)...), 1009},
		"10.4 a message of small pieces":       {pieces(64<<10+1, 512), 1009},
		"7.1.5 the browser's code is answered": {masked(0x88, []byte{0x0f, 0xa0, 'b', 'y', 'e'}), 4000},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hub, addr := serveTCP(t, nil)
			client, other := dialRaw(t, addr), dialRaw(t, addr)
			_, err := client.Write(test.send)
			assert.NoError(t, err)
			code, _ := client.closeCode()
			assert.Equal(t, test.code, code)
			eventually(t, "the connection is gone", func() bool { return hub.Count() == 1 })
			other.send(0x89, "ping")
			assert.Equal(t, "ping", string(other.next().payload), "the others notice nothing")
		})
	}
}

func TestAMessageThatIsCutOffIsNotHandled(t *testing.T) {
	ask := []byte(`{"id":"1","handler":"save"}`)
	for name, sent := range map[string][]byte{
		"before its first byte":          masked(0x81, ask)[:6],
		"within a frame":                 masked(0x81, append(ask, make([]byte, 600)...))[:8+len(ask)],
		"behind a read":                  masked(0x81, append(ask, longText(600)...))[:8+512],
		"between two fragments":          masked(0x01, ask),
		"before the last fragment":       append(masked(0x01, ask[:5]), masked(0x00, ask[5:])...),
		"in the last fragment":           append(masked(0x01, ask), masked(0x80, []byte("   "))[:6]...),
		"after a ping between fragments": append(masked(0x01, ask), masked(0x89, nil)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hub, addr := serveTCP(t, nil)
			hub.On("save", func(context.Context, *Request) (*Response, error) { t.Error("it was handled"); return nil, nil })
			causes := endingsOf(hub)
			client := dialRaw(t, addr)
			_, err := client.Write(sent)
			require.NoError(t, err)
			require.NoError(t, client.Conn.(*net.TCPConn).CloseWrite())
			eventually(t, "the connection has ended", func() bool { return len(causes.all()) == 1 })
			assert.NoError(t, causes.all()[0], "the browser was lost")
			assert.Equal(t, map[string]uint64{"1006": 1}, hub.Stats().Closed)
		})
	}
}

// pieces returns a text message of n bytes in fragments of size.
func pieces(n, size int) []byte {
	b := masked(0x01, make([]byte, size))
	for n -= size; n > size; n -= size {
		b = append(b, masked(0x00, make([]byte, size))...)
	}
	return append(b, masked(0x80, make([]byte, n))...)
}

func TestAllowedFrames(t *testing.T) {
	_, addr := serveTCP(t, nil)
	client := dialRaw(t, addr)
	ask := `{"id":"1","handler":"nobody","target":"#a"}`
	want := `{"id":"1","target":"#a","html":"<div class=\"error\">Something went wrong. Please try again.</div>","swap":"innerHTML"}`
	t.Run("5.4 fragments with a ping between", func(t *testing.T) {
		client.send(0x01, ask[:5])
		client.send(0x89, "between")
		assert.Equal(t, rawFrame{0x8a, []byte("between")}, client.next())
		client.send(0x00, "")
		client.send(0x80, ask[5:])
		assert.Equal(t, want, string(client.next().payload))
	})
	t.Run("5.5.3 a pong that nobody asked for", func(t *testing.T) {
		client.send(0x8a, "hello")
		client.send(0x81, ask)
		assert.Equal(t, want, string(client.next().payload))
	})
	t.Run("a message of exactly the limit", func(t *testing.T) {
		client.send(0x81, ask+longText(64<<10-len(ask)-1)) // trailing data: nothing is answered
		client.send(0x81, ask)
		assert.Equal(t, want, string(client.next().payload))
	})
}
