package wsx

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serveTCP starts a hub on a real socket. Both end with the test.
func serveTCP(t testing.TB, opts *Options) (*Hub, string) {
	if opts == nil {
		opts = &Options{}
	}
	opts.Logger = slog.New(slog.DiscardHandler)
	hub := New(opts)
	server := httptest.NewServer(hub)
	t.Cleanup(func() {
		assert.NoError(t, hub.Shutdown(context.Background()))
		server.Close()
	})
	return hub, server.Listener.Addr().String()
}

// A rawClient speaks RFC 6455 byte by byte, so that a test can break every rule of it.
type rawClient struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

type rawFrame struct {
	first   byte // FIN, RSV and the opcode
	payload []byte
}

const handshakeRequest = "GET /ws HTTP/1.1\r\nHost: wsx.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// dialRaw upgrades a connection, with more bytes in the packet of the handshake. The greeting has been read.
func dialRaw(t testing.TB, addr string, more ...byte) *rawClient {
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	c := &rawClient{t, conn, bufio.NewReaderSize(conn, 1<<16)}
	_, err = conn.Write(append([]byte(handshakeRequest), more...))
	require.NoError(t, err)
	status, err := c.r.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, status, " 101 ")
	for line := ""; line != "\r\n"; {
		line, err = c.r.ReadString('\n')
		require.NoError(t, err)
	}
	if len(more) == 0 {
		require.Contains(t, string(c.next().payload), `"type":"hello"`)
	}
	return c
}

// masked returns a frame as a browser sends it.
func masked(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	key := [4]byte{1, 2, 3, 4}
	b = append(b, key[:]...)
	for i, c := range payload {
		b = append(b, c^key[i%4])
	}
	return b
}

func (c *rawClient) send(first byte, payload string) {
	_, err := c.Write(masked(first, []byte(payload)))
	require.NoError(c.t, err)
}

// read returns the next frame of the server, or why there is none.
func (c *rawClient) read() (f rawFrame, err error) {
	if f.first, err = c.r.ReadByte(); err != nil {
		return f, err
	}
	second, err := c.r.ReadByte()
	if err != nil {
		return f, err
	}
	require.Zero(c.t, second&0x80, "a server does not mask")
	n := uint64(second)
	switch second {
	case 126:
		var long [2]byte
		_, err = io.ReadFull(c.r, long[:])
		n = uint64(binary.BigEndian.Uint16(long[:]))
	case 127:
		var long [8]byte
		_, err = io.ReadFull(c.r, long[:])
		n = binary.BigEndian.Uint64(long[:])
	}
	if err != nil {
		return f, err
	}
	f.payload = make([]byte, n)
	_, err = io.ReadFull(c.r, f.payload)
	return f, err
}

// next returns the next frame, but answers pings by itself.
func (c *rawClient) next() rawFrame {
	for {
		f, err := c.read()
		require.NoError(c.t, err)
		if f.first != 0x89 {
			return f
		}
		c.send(0x8a, string(f.payload))
	}
}

// closeCode reads up to the close frame, answers it and returns its code and reason; then the server must hang up.
func (c *rawClient) closeCode() (int, string) {
	for {
		f := c.next()
		if f.first != 0x88 {
			continue
		}
		require.GreaterOrEqual(c.t, len(f.payload), 2)
		// The server may have hung up already, when it was the one that answered.
		_, _ = c.Write(masked(0x88, f.payload))
		rest, err := io.ReadAll(c.r)
		if err == nil {
			assert.Empty(c.t, rest, "nothing follows a close frame")
		}
		return int(binary.BigEndian.Uint16(f.payload)), string(f.payload[2:])
	}
}

// theConnection returns the one connection of hub.
func theConnection(t testing.TB, hub *Hub) *Connection {
	all := hub.GetConnections()
	require.Len(t, all, 1)
	return all[0]
}

// eventually waits for a condition, for as long as a slow machine may need.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 20*time.Second, time.Millisecond, what)
}

func longText(n int) string { return strings.Repeat("x", n) }
