package wsx

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/limit"
)

// A tape is a nullTransport that records what it is sent.
type tape struct {
	nullTransport
	mu     sync.Mutex
	frames [][]byte // the very bytes, so that one sees who shares them
}

func (t *tape) try(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frames = append(t.frames, p)
	return len(p), nil
}

func (t *tape) write(p []byte) error {
	_, err := t.try(p)
	return err
}

// take returns what was written since the last time.
func (t *tape) take() [][]byte {
	synctest.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	frames := t.frames
	t.frames = nil
	return frames
}

// connectTape adds a connection, in the given room, that records its frames. The greeting is not among them.
func connectTape(t testing.TB, hub *Hub, room string) (*Connection, *tape) {
	require.Equal(t, limit.Admitted, hub.admission.Enter(limit.Slot{}))
	c := hub.newConnection(t.Context(), Identity{Rooms: []string{room}}, "192.0.2.1", limit.Slot{})
	c.open()
	to := &tape{nullTransport: nullTransport{end: make(chan struct{})}}
	c.start(to)
	to.take()
	return c, to
}

// parsed returns what is in a frame.
func parsed(t testing.TB, f []byte) (content map[string]any) {
	require.EqualValues(t, 0x81, f[0])
	skip := map[byte]int{126: 4, 127: 10}[f[1]]
	require.NoError(t, json.Unmarshal(f[max(skip, 2):], &content))
	return content
}

func TestFlushMakesOneFrameForEachAudience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, _ := newNullHub(t, 0)
		var b Batch
		tapes := make([]*tape, 50)
		for i := range tapes {
			var c *Connection
			c, tapes[i] = connectTape(t, hub, "room"+strconv.Itoa(i%5))
			c.hello("")
		}
		for i := range 100 {
			b.Add("#a", template.HTML(strconv.Itoa(i)), Append, Room("room"+strconv.Itoa(i%5)))
		}
		require.NoError(t, hub.Flush(&b))
		made := make(map[*byte]int)
		for i, to := range tapes {
			frames := to.take()
			require.Len(t, frames, 1, "connection %d", i)
			made[&frames[0][0]]++
			updates := parsed(t, frames[0])["updates"].([]any)
			require.Len(t, updates, 20)
			for j, u := range updates {
				assert.Equal(t, strconv.Itoa(5*j+i%5), u.(map[string]any)["html"])
			}
		}
		assert.Len(t, made, 5, "frames, by their bytes")
		for _, receivers := range made {
			assert.Equal(t, 10, receivers)
		}
	})
}

func TestFlushSpeaksBothDialects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, _ := newNullHub(t, 0)
		full, toFull := connectTape(t, hub, "tea")
		full.hello("")
		_, toPlain := connectTape(t, hub, "tea")
		flush := func(fragments ...Fragment) {
			var b Batch
			for _, f := range fragments {
				b.Add(f.Target, f.HTML, f.Swap)
			}
			require.NoError(t, hub.Flush(&b))
		}

		flush(Fragment{"#a", "1", Morph}, Fragment{"#b", "2", "x-confetti"}, Fragment{"#c", "3", TextContent})
		frames := toFull.take()
		require.Len(t, frames, 1)
		assert.JSONEq(t, `{"type":"batch","updates":[{"target":"#a","html":"1","swap":"outerMorph"},
			{"target":"#b","html":"2","swap":"x-confetti"},{"target":"#c","html":"3","swap":"textContent"}]}`, string(frames[0][4:]))
		frames = toPlain.take()
		require.Len(t, frames, 1)
		got := parsed(t, frames[0])
		delete(got, "id")
		assert.Equal(t, map[string]any{"target": "#a", "html": "1", "swap": "outerHTML", "full": "outerMorph",
			"oob": []any{map[string]any{"target": "#c", "html": "3", "swap": "innerHTML"}}}, got)

		flush(Fragment{"#a", "alone", Append})
		one, other := toFull.take(), toPlain.take()
		assert.NotContains(t, parsed(t, one[0]), "type", "one fragment is an update, for everybody the same")
		assert.Same(t, &one[0][0], &other[0][0])

		flush(Fragment{"#a", "", "x-confetti"})
		assert.Len(t, toFull.take(), 1)
		assert.Empty(t, toPlain.take(), "nothing to say in the plain dialect")
		assert.Equal(t, uint64(2), hub.Stats().Dropped["verb"], "each fragment that was left out")
	})
}

// BenchmarkFlush sends 100 fragments for 5 rooms to as many connections as it says.
func BenchmarkFlush(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			hub, all := newNullHub(b, n)
			for i, c := range all {
				require.NoError(b, c.Join(b.Context(), "room"+strconv.Itoa(i%5)))
			}
			rooms := make([]Filter, 5)
			for i := range rooms {
				rooms[i] = Room("room" + strconv.Itoa(i))
			}
			b.ReportAllocs()
			for b.Loop() {
				var batch Batch
				for i := range 100 {
					batch.Add("#a", "<li>hello</li>", Append, rooms[i%5])
				}
				_ = hub.Flush(&batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/receiver")
		})
	}
}

// A batch of many fragments is measured once, not again with each of them.
func BenchmarkFlushOfMany(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			hub, _ := newNullHub(b, 1)
			b.ReportAllocs()
			for b.Loop() {
				var batch Batch
				for range n {
					batch.Add("#a", "<li>hello</li>", Append)
				}
				_ = hub.Flush(&batch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/fragment")
		})
	}
}

func TestABatchThatIsTooMuchForOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, _ := newNullHub(t, 0)
		_, to := connectTape(t, hub, "tea")
		c, other := connectTape(t, hub, "coffee")
		c.SetTag("role", "0")
		html := template.HTML(longText(100 << 10))
		var b Batch
		for i := range 30 { // three of these at most are for one
			b.Add("#a", html, Append, Tag("role", strconv.Itoa(i/3)))
		}
		require.NoError(t, hub.Flush(&b), "what counts is what one connection is to see")
		assert.Empty(t, to.take())
		assert.NotEmpty(t, other.take())
		for range 30 {
			b.Add("#a", html, Append, Room("tea"))
		}
		assert.ErrorIs(t, hub.Flush(&b), ErrTooLarge)
		assert.Empty(t, to.take())
		assert.Equal(t, 2, hub.Count(), "and nobody is closed for it")
	})
}
