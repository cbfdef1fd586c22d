package wsx

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
