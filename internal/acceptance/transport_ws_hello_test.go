package acceptance

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// newMemorySite is newEchoSite without a network, for a bubble.
func newMemorySite(t *testing.T) *wsx.Hub {
	hub := newHub(t, nil)
	hub.On("echo", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.ReplyTo("#echo", "echo", wsx.Inner), nil
	})
	return hub
}

// swapOf returns the swap of the next frame, which tells the dialect of a Morph.
func swapOf(t *testing.T, c *socket) string {
	t.Helper()
	var got update
	frame := c.next()
	require.NoError(t, json.Unmarshal([]byte(frame), &got))
	require.NotEmpty(t, got.Swap, frame)
	return got.Swap
}

func TestHello(t *testing.T) {
	inBubble(t, "is a point in the queue: what waits before it stays plain", func(t *testing.T) {
		hub := newMemorySite(t)
		c := dialPipe(t, hub)
		// The client does not read, so all of this is queued when the hello comes.
		for range 3 {
			require.NoError(t, hub.Broadcast("#a", "1", wsx.Morph))
		}
		c.send(hello)
		synctest.Wait()
		for range 3 {
			require.NoError(t, hub.Broadcast("#a", "1", wsx.Morph))
		}
		var swaps []string
		for range 6 {
			swaps = append(swaps, swapOf(t, c))
		}
		assert.Equal(t, []string{"outerHTML", "outerHTML", "outerHTML", "outerMorph", "outerMorph", "outerMorph"}, swaps)
	})
	inBubble(t, "may come after requests", func(t *testing.T) {
		c := dialPipe(t, newMemorySite(t))
		c.send(goodFrame, `{"id":"1","handler":"nobody","target":"#a"}`, hello, `{"id":"2","handler":"nobody","target":"#a"}`)
		assert.Equal(t, goodReply, c.next())
		// The answer of the first may be queued before or after the hello; that of the second is after it for sure.
		if first := c.next(); first[:8] != `{"type":` {
			assert.Contains(t, first, `"id":"1","target":"#a"`)
		}
		assert.Equal(t, `{"type":"error","id":"2","code":"unknown"}`, c.next())
	})
	inBubble(t, "is not answered", func(t *testing.T) {
		c := dialPipe(t, newMemorySite(t))
		c.send(hello, goodFrame)
		assert.Equal(t, goodReply, c.next())
	})
	for what, second := range map[string]string{
		"the same": hello, "another page": `{"type":"hello","v":1,"page":"other"}`, "another version": `{"type":"hello","v":2}`,
	} {
		inBubble(t, "twice does nothing: "+what, func(t *testing.T) {
			hub := newMemorySite(t)
			c := dialPipe(t, hub)
			c.send(hello, second, second, goodFrame)
			assert.Equal(t, goodReply, c.next())
			require.NoError(t, hub.Broadcast("#a", "1", wsx.Morph))
			assert.Equal(t, "outerMorph", swapOf(t, c))
			assert.Equal(t, 1, hub.Count())
		})
	}
}

func TestWhatIsAHello(t *testing.T) {
	for what, one := range map[string]struct {
		frame string
		swap  string
	}{
		"a page of 64 bytes":   {`{"type":"hello","v":1,"page":"` + repeated("p", 64) + `"}`, "outerMorph"},
		"no page":              {`{"type":"hello","v":1}`, "outerMorph"},
		"null for a page":      {`{"type":"hello","v":1,"page":null}`, "outerMorph"},
		"keys of the future":   {`{"type":"hello","v":1,"page":"p","can":["dance"]}`, "outerMorph"},
		"an id":                {`{"type":"hello","id":"1","v":1,"page":"p"}`, "outerMorph"},
		"a page of 65 bytes":   {`{"type":"hello","v":1,"page":"` + repeated("p", 65) + `"}`, "outerHTML"},
		"a number for a page":  {`{"type":"hello","v":1,"page":7}`, "outerHTML"},
		"its type in capitals": {`{"TYPE":"hello","v":1,"page":"p"}`, "outerHTML"},
		"another type":         {`{"type":"hullo","v":1,"page":"p"}`, "outerHTML"},
		"a handler beside it":  {`{"type":"hello","v":1,"page":"p","id":"1","handler":"quiet"}`, "outerHTML"},
	} {
		inBubble(t, "with "+what, func(t *testing.T) {
			hub := newMemorySite(t)
			hub.On("quiet", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
			c := dialPipe(t, hub)
			c.send(one.frame, goodFrame)
			assert.Equal(t, goodReply, c.next())
			require.NoError(t, hub.Broadcast("#a", "1", wsx.Morph))
			assert.Equal(t, one.swap, swapOf(t, c))
		})
	}
}

func TestPings(t *testing.T) {
	const last = `"target":"#last"`
	for what, one := range map[string]struct {
		frames []string // to send
		want   []string // to get until 26 s have passed
	}{
		"our client is sent a frame, which its script can see": {[]string{hello}, []string{`{"type":"ping","t":"`, last}},
		"an original client is not":                            {nil, []string{last}},
	} {
		inBubble(t, what, func(t *testing.T) {
			hub := newMemorySite(t)
			c := dialPipe(t, hub)
			c.send(one.frames...)
			synctest.Wait()
			start := time.Now()
			time.AfterFunc(26*time.Second, func() { assert.NoError(t, hub.Broadcast("#last", "", wsx.Inner)) })
			for _, want := range one.want {
				assert.Contains(t, c.next(), want)
			}
			assert.Equal(t, 26*time.Second, time.Since(start))
			assert.Equal(t, 1, hub.Count())
		})
	}
}
