package wsx

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/protocol"
)

// publishIn publishes html in a room with history.
func publishIn(t testing.TB, hub *Hub, room string, html template.HTML) {
	t.Helper()
	require.NoError(t, hub.Broadcast("#l", html, Append, Room(room)))
}

func TestTheHistoryCountsWhatAFragmentTakes(t *testing.T) {
	t.Parallel()
	assert.GreaterOrEqual(t, fragmentOverhead, int(unsafe.Sizeof(protocol.Fragment{})))
	assert.GreaterOrEqual(t, keptOverhead, int(unsafe.Sizeof(keptMessage{})+unsafe.Sizeof(protocol.Fragment{})))
}

// keptIn returns the texts in a room's history, and their bytes.
func keptIn(hub *Hub, room string) (texts []string, bytes int64) {
	hub.history.mu.Lock()
	m := hub.history.rooms[room]
	hub.history.mu.Unlock()
	if m == nil {
		return nil, 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.kept.Len() {
		texts = append(texts, string(m.kept.At(i).fragments[0].HTML))
	}
	return texts, m.bytes
}

// accounted asserts that the history's own sum is that of its rooms, and returns it. Nothing is being published.
func accounted(t testing.TB, hub *Hub) (bytes int64) {
	t.Helper()
	h := &hub.history
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.rooms {
		bytes += m.bytes
	}
	assert.Equal(t, bytes, h.bytes)
	return bytes
}

// remembering returns the rooms with a history, sorted. If there are none, nothing else may be left of them.
func remembering(t testing.TB, hub *Hub) []string {
	t.Helper()
	h := &hub.history
	h.mu.Lock()
	defer h.mu.Unlock()
	rooms := slices.Sorted(maps.Keys(h.rooms))
	if len(rooms) == 0 {
		assert.Zero(t, h.bytes)
		assert.Zero(t, h.order.Len())
		assert.Nil(t, h.sweeping, "nor a timer")
	}
	return rooms
}

// inHub runs a test in a bubble, with a hub whose rooms have some options.
func inHub(t *testing.T, name string, o RoomOptions, test func(*testing.T, *Hub)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			hub := New(&Options{Logger: slog.New(slog.DiscardHandler), PingInterval: 20 * time.Second, PongTimeout: -1})
			hub.ConfigureRooms("*", o)
			test(t, hub)
			require.NoError(t, hub.Shutdown(context.Background()))
		})
	})
}

// joinWith connects a page, joins by what a browser says and returns the frames that it is sent.
func joinWith(t *testing.T, hub *Hub, tickets []string, positions map[string]string, clock string) (*Connection, *lane, []seenFrame) {
	t.Helper()
	c, l := connectLane(t, hub)
	c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
	join := map[string]any{"type": "join", "gen": 1, "tickets": tickets, "t": clock}
	if positions != nil {
		join["pos"] = positions
	}
	text, err := json.Marshal(join)
	require.NoError(t, err)
	c.receive(text)
	synctest.Wait()
	return c, l, seenIn(t, l)[1:] // without the hub's hello
}

func leaveLane(c *Connection, l *lane) {
	l.abort()
	c.end(closeReason{code: 1006, mode: closeAbort})
	synctest.Wait()
}

func TestHistoryIsBounded(t *testing.T) {
	inHub(t, "by the number of messages: the newest stay", RoomOptions{History: 3}, func(t *testing.T, hub *Hub) {
		for n := range 10 {
			publishIn(t, hub, "tea", template.HTML(fmt.Sprint(n)))
		}
		texts, _ := keptIn(hub, "tea")
		assert.Equal(t, []string{"7", "8", "9"}, texts)
		accounted(t, hub)
	})
	inHub(t, "by their bytes", RoomOptions{History: 100, HistoryBytes: 5000}, func(t *testing.T, hub *Hub) {
		for range 20 {
			publishIn(t, hub, "tea", template.HTML(longText(1000)))
		}
		texts, bytes := keptIn(hub, "tea")
		assert.Len(t, texts, 4)
		assert.LessOrEqual(t, bytes, int64(5000))
		accounted(t, hub)
	})
	inHub(t, "a message that is larger than that is sent, and not remembered", RoomOptions{History: 100, HistoryBytes: 500}, func(t *testing.T, hub *Hub) {
		ticket, err := hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		_, l, _ := joinWith(t, hub, []string{ticket}, nil, "")
		publishIn(t, hub, "tea", template.HTML(longText(1000)))
		publishIn(t, hub, "tea", "small")
		synctest.Wait()
		assert.Len(t, seenIn(t, l), 2)
		texts, _ := keptIn(hub, "tea")
		assert.Equal(t, []string{"small"}, texts)
		_, _, frames := joinWith(t, hub, []string{ticket}, nil, "")
		assert.Equal(t, "reset", frames[0].Type)
		accounted(t, hub)
	})
}

func TestHistoryIsFreedWhenARoomIsQuiet(t *testing.T) {
	inHub(t, "after its TTL, and the timer with the last room", RoomOptions{History: 10, TTL: time.Minute}, func(t *testing.T, hub *Hub) {
		publishIn(t, hub, "tea", "1")
		time.Sleep(30 * time.Second)
		publishIn(t, hub, "coffee", "1")
		time.Sleep(50 * time.Second)
		assert.Equal(t, []string{"coffee"}, remembering(t, hub))
		accounted(t, hub)
		time.Sleep(2 * time.Minute)
		assert.Empty(t, remembering(t, hub))
	})
	inHub(t, "not while something is said", RoomOptions{History: 10, TTL: time.Minute}, func(t *testing.T, hub *Hub) {
		ticket, err := hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		for range 8 {
			publishIn(t, hub, "tea", "x")
			time.Sleep(50 * time.Second)
		}
		_, _, frames := joinWith(t, hub, []string{ticket}, nil, "")
		assert.Len(t, shownOf(frames, "tea"), 8)
	})
	inHub(t, "a page that followed, and heard pings, resumes without a reset", RoomOptions{History: 10, TTL: time.Minute}, func(t *testing.T, hub *Hub) {
		ticket, err := hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		c, l, first := joinWith(t, hub, []string{ticket}, nil, "")
		pagesOwn := ticket
		ticket = first[0].ticket(t)
		publishIn(t, hub, "tea", "1")
		publishIn(t, hub, "elsewhere", "of another room, and later")
		time.Sleep(3 * time.Minute)
		require.Empty(t, remembering(t, hub))
		position, clock := "", ""
		for _, f := range seenIn(t, l) {
			if f.Room == "tea" {
				position = f.Pos
			}
			if f.Type == "ping" {
				clock = f.T
			}
		}
		leaveLane(c, l)
		c, l, frames := joinWith(t, hub, []string{ticket}, map[string]string{"tea": position}, "")
		assert.Equal(t, "reset", frames[0].Type, "without the clock it may have missed something")
		leaveLane(c, l)
		c, l, frames = joinWith(t, hub, []string{pagesOwn}, map[string]string{"tea": position}, clock)
		assert.Equal(t, "reset", frames[0].Type, "nor with a ticket that says nothing of since when it followed the room")
		leaveLane(c, l)
		c, l, frames = joinWith(t, hub, []string{ticket}, map[string]string{"tea": position}, clock)
		require.Len(t, frames, 1)
		assert.Equal(t, "joined", frames[0].Type)
		publishIn(t, hub, "tea", "2")
		synctest.Wait()
		assert.Equal(t, []string{"2"}, shownOf(seenIn(t, l), "tea"))
		leaveLane(c, l)
		publishIn(t, hub, "tea", "3")
		_, _, frames = joinWith(t, hub, []string{ticket}, map[string]string{"tea": position}, clock)
		assert.Equal(t, []string{"2", "3"}, shownOf(frames, "tea"))
	})
	inHub(t, "one that missed what was freed is told", RoomOptions{History: 10, TTL: time.Minute}, func(t *testing.T, hub *Hub) {
		ticket, err := hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		c, l, _ := joinWith(t, hub, []string{ticket}, nil, "")
		time.Sleep(25 * time.Second)
		clock := hub.history.position(hub.history.next())
		publishIn(t, hub, "tea", "0")
		synctest.Wait()
		seen := seenIn(t, l)
		position := seen[len(seen)-1].Pos
		leaveLane(c, l)
		publishIn(t, hub, "tea", "missed")
		time.Sleep(3 * time.Minute)
		require.Empty(t, remembering(t, hub))
		_, _, frames := joinWith(t, hub, []string{ticket}, map[string]string{"tea": position}, clock)
		assert.Equal(t, "reset", frames[0].Type)
	})
	inHub(t, "a clock is of no use for a room that was not followed", RoomOptions{History: 10, TTL: time.Minute}, func(t *testing.T, hub *Hub) {
		ticket, err := hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		publishIn(t, hub, "tea", "missed")
		time.Sleep(3 * time.Minute)
		clock := hub.history.position(hub.history.next())
		_, _, frames := joinWith(t, hub, []string{ticket}, nil, clock)
		assert.Equal(t, "reset", frames[0].Type)
	})
}

func TestHistoryOfAllRoomsTogether(t *testing.T) {
	inHub(t, "over the limit, the room that has been quiet longest forgets, and only who needs more is reset", RoomOptions{History: 100}, func(t *testing.T, hub *Hub) {
		hub.history.limit = 10_000
		tickets := make(map[string]string)
		for _, room := range []string{"quiet", "busy", "late"} {
			ticket, err := hub.Ticket(t.Context(), "", room)
			require.NoError(t, err)
			tickets[room] = ticket
		}
		publishIn(t, hub, "busy", template.HTML(longText(2000)))
		for range 3 {
			publishIn(t, hub, "quiet", template.HTML(longText(2000)))
		}
		publishIn(t, hub, "busy", template.HTML(longText(2000)))
		since, err := hub.Ticket(t.Context(), "", "quiet")
		require.NoError(t, err)
		publishIn(t, hub, "late", template.HTML(longText(2000)))
		assert.LessOrEqual(t, accounted(t, hub), hub.history.limit)

		_, _, frames := joinWith(t, hub, []string{tickets["quiet"]}, nil, "")
		assert.Equal(t, "reset", frames[0].Type)
		for room, n := range map[string]int{"busy": 2, "late": 1} {
			_, _, frames = joinWith(t, hub, []string{tickets[room]}, nil, "")
			assert.Len(t, shownOf(frames, room), n, room)
		}
		_, l, frames := joinWith(t, hub, []string{since}, nil, "")
		assert.Equal(t, "joined", frames[0].Type, "who has seen what is forgotten misses nothing")
		publishIn(t, hub, "quiet", "again")
		synctest.Wait()
		assert.Equal(t, []string{"again"}, shownOf(seenIn(t, l), "quiet"))
	})
	inHub(t, "one room larger than the limit forgets itself", RoomOptions{History: 100}, func(t *testing.T, hub *Hub) {
		hub.history.limit = 5000
		for range 10 {
			publishIn(t, hub, "tea", template.HTML(longText(1500)))
			assert.LessOrEqual(t, accounted(t, hub), hub.history.limit)
		}
	})
}

func TestRoomsWithoutMessagesTakeNoHistory(t *testing.T) {
	inHub(t, "10,000 that somebody is in", RoomOptions{History: 100}, func(t *testing.T, hub *Hub) {
		var rooms []string
		for n := range 10_000 {
			rooms = append(rooms, fmt.Sprintf("room %d", n))
		}
		for some := range slices.Chunk(rooms, 200) { // of each 200, half by Join and half by a ticket
			ticket, err := hub.Ticket(t.Context(), "", some[:100]...)
			require.NoError(t, err)
			_, _, frames := joinWith(t, hub, []string{ticket}, nil, "")
			assert.Equal(t, "joined", frames[0].Type)
			c, _ := connectLane(t, hub)
			for _, room := range some[100:] {
				require.NoError(t, c.Join(t.Context(), room))
			}
		}
		synctest.Wait() // a timer may still look at a room
		assert.Equal(t, 10_000, hub.Stats().Rooms)
		assert.Empty(t, remembering(t, hub))
	})
}

func TestAMessageThatTheQueueStillHasIsNotMadeAgain(t *testing.T) {
	inHub(t, "it shares its bytes with the live ones", RoomOptions{History: 100}, func(t *testing.T, hub *Hub) {
		ticket, err := hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		c, l, _ := joinWith(t, hub, []string{ticket}, nil, "")
		l.set(func() { l.stalled = true })
		publishIn(t, hub, "tea", "taken by the writer")
		synctest.Wait()
		publishIn(t, hub, "tea", "waits")
		c.mu.Lock()
		waiting := c.out.queue.waiting(0).msg
		c.mu.Unlock()
		hub.withHistory(c, "tea", func(m *roomHistory) bool {
			again := hub.keptMessage(m, 1)
			assert.Same(t, waiting, again)
			return false
		})
		l.set(func() { l.stalled = false })
	})
}

func TestATicketForAnEmptyRoomTakesNoMemory(t *testing.T) {
	hub := New(nil)
	hub.ConfigureRooms("*", RoomOptions{History: 100})
	for range 100 {
		_, err := hub.Ticket(t.Context(), "", "tea", "coffee")
		require.NoError(t, err)
	}
	assert.Empty(t, remembering(t, hub))
}
