package wsx

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A slowBrowser is a connection that follows rooms with history, over a network that a test can stop.
type slowBrowser struct {
	t    *testing.T
	hub  *Hub
	conn *Connection
	lane *lane
	said map[string][]string // by room
}

// A seenFrame is what such a browser reads of a frame.
type seenFrame struct {
	Type, Room, Pos, HTML, T string
	Rooms                    json.RawMessage
	Tickets                  json.RawMessage // of a joined: texts
	Fresh                    []string        // of a reset
}

// ticket returns the first ticket of a joined.
func (f seenFrame) ticket(t *testing.T) string {
	t.Helper()
	var tickets []string
	require.NoError(t, json.Unmarshal(f.Tickets, &tickets))
	require.NotEmpty(t, tickets)
	return tickets[0]
}

// newSlowBrowser connects one that has joined the rooms by tickets. Stopping the hub is the caller's business.
func newSlowBrowser(t *testing.T, opts Options, history int, rooms ...string) *slowBrowser {
	opts.Logger, opts.WriteTimeout, opts.PongTimeout = slog.New(slog.DiscardHandler), time.Hour, -1
	b := &slowBrowser{t: t, hub: New(&opts), said: make(map[string][]string)}
	b.hub.ConfigureRooms("*", RoomOptions{History: history})
	var tickets []string
	for _, room := range rooms {
		ticket, err := b.hub.Ticket(t.Context(), "", room)
		require.NoError(t, err)
		tickets = append(tickets, ticket)
	}
	b.conn, b.lane = connectLane(t, b.hub)
	synctest.Wait() // a queue of a single frame is full until the hub's hello has left
	b.conn.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
	join, err := json.Marshal(map[string]any{"type": "join", "gen": 1, "tickets": tickets})
	require.NoError(t, err)
	b.conn.receive(join)
	synctest.Wait()
	frames := b.frames()
	require.Equal(t, "joined", frames[len(frames)-1].Type)
	return b
}

// say publishes in a room; the texts grow with size.
func (b *slowBrowser) say(room string, size int, filters ...Filter) {
	text := fmt.Sprintf("%s-%d", room, len(b.said[room]))
	b.said[room] = append(b.said[room], text)
	html := template.HTML(text + strings.Repeat(".", size))
	require.NoError(b.t, b.hub.Broadcast("#list", html, Append, append(filters, Room(room))...))
	synctest.Wait()
}

func (b *slowBrowser) stall(stalled bool) {
	b.lane.set(func() { b.lane.stalled = stalled })
	synctest.Wait()
}

// frames returns what has arrived since the last time.
func (b *slowBrowser) frames() []seenFrame { return seenIn(b.t, b.lane) }

// seenIn returns what has arrived on a lane since the last time, without the padding of say.
func seenIn(t *testing.T, l *lane) (frames []seenFrame) {
	t.Helper()
	for _, payload := range l.take() {
		var f seenFrame
		require.NoError(t, json.Unmarshal(payload, &f), "%s", payload)
		f.HTML = strings.TrimRight(f.HTML, ".")
		frames = append(frames, f)
	}
	return frames
}

// shownOf returns the texts of a room among frames.
func shownOf(frames []seenFrame, room string) (texts []string) {
	for _, f := range frames {
		if f.Room == room {
			texts = append(texts, f.HTML)
		}
	}
	return texts
}

func (b *slowBrowser) leave() {
	b.lane.abort()
	require.NoError(b.t, b.hub.Shutdown(context.Background()))
}

func slowly(t *testing.T, name string, opts Options, history int, test func(*testing.T, *slowBrowser)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newSlowBrowser(t, opts, history, "tea", "coffee")
			defer b.leave()
			test(t, b)
		})
	})
}

func TestASlowBrowserOfTwoRooms(t *testing.T) {
	small := Options{QueueBytes: 8 << 10}
	slowly(t, "the room of which most waits gives way, the other flows, and everything arrives in order", small, 100, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 20 {
			b.say("tea", 500)
			b.say("coffee", 10)
		}
		behind := b.hub.Stats().Dropped["behind"]
		assert.Positive(t, behind)
		b.stall(false)
		frames := b.frames()
		assert.Equal(t, b.said["tea"], shownOf(frames, "tea"))
		assert.Equal(t, b.said["coffee"], shownOf(frames, "coffee"))
		lastCoffee := slices.IndexFunc(frames, func(f seenFrame) bool { return f.HTML == "coffee-19" })
		lastTea := slices.IndexFunc(frames, func(f seenFrame) bool { return f.HTML == "tea-19" })
		assert.Less(t, lastCoffee, lastTea, "coffee did not wait for tea")
		assert.Equal(t, map[string]uint64{"behind": behind}, b.hub.Stats().Dropped, "nothing else is counted")
		assert.Equal(t, 1, b.hub.Count(), "it is not closed")
		assert.Zero(t, b.hub.Stats().Resets)
	})
	slowly(t, "it follows again as before, once it has caught up", small, 100, func(t *testing.T, b *slowBrowser) {
		for range 3 {
			b.stall(true)
			for range 30 {
				b.say("tea", 500)
			}
			b.stall(false)
		}
		b.say("tea", 1)
		assert.Equal(t, b.said["tea"], shownOf(b.frames(), "tea"))
	})
	slowly(t, "what is said while it catches up comes in its turn", small, 1000, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 40 {
			b.say("tea", 500)
		}
		var frames []seenFrame
		for range 20 {
			b.lane.set(func() { b.lane.stalled = false })
			b.say("tea", 500) // and synctest.Wait, while it is brought up
			b.lane.set(func() { b.lane.stalled = true })
			b.say("tea", 500)
			frames = append(frames, b.frames()...)
		}
		b.stall(false)
		assert.Equal(t, b.said["tea"], shownOf(append(frames, b.frames()...), "tea"))
	})
	slowly(t, "what the room remembers no more ends in one reset, and the other room flows", small, 5, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 30 {
			b.say("tea", 500)
		}
		b.say("coffee", 10)
		b.stall(false)
		b.say("tea", 10)
		b.say("coffee", 10)
		frames := b.frames()
		assert.Equal(t, b.said["coffee"], shownOf(frames, "coffee"))
		shown := shownOf(frames, "tea")
		assert.Equal(t, b.said["tea"][:len(shown)], shown, "no hole: what came before the reset is the beginning")
		assert.Less(t, len(shown), 30)
		assert.Equal(t, uint64(1), b.hub.Stats().Resets)
	})
	slowly(t, "replies and broadcasts to all are never given up for later", small, 100, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 20 {
			b.say("tea", 500)
		}
		require.NoError(t, b.conn.Send("#other", template.HTML(longText(3000)), Append))
		b.say("tea", 500)
		b.stall(false)
		frames := b.frames()
		assert.True(t, slices.ContainsFunc(frames, func(f seenFrame) bool { return len(f.HTML) == 3000 }))
		assert.Equal(t, b.said["tea"], shownOf(frames, "tea"))
	})
	slowly(t, "a key replaces what waits of its own room only", Options{}, 100, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		b.say("tea", 0) // the writer takes it
		for n := range 3 {
			for _, room := range []string{"tea", "coffee"} {
				message := Message{Key: "score", Fragments: []Fragment{{"#score", template.HTML(fmt.Sprint(n)), Inner}}}
				require.NoError(t, b.hub.Publish(t.Context(), message, Room(room)))
			}
		}
		b.stall(false)
		frames := b.frames()
		assert.Equal(t, []string{"tea-0", "2"}, shownOf(frames, "tea"))
		assert.Equal(t, []string{"2"}, shownOf(frames, "coffee"))
		assert.Equal(t, map[string]uint64{"conflated": 4}, b.hub.Stats().Dropped)
	})
	slowly(t, "what waits of a room that begins again is not sent twice", Options{}, 100, func(t *testing.T, b *slowBrowser) {
		ticket, err := b.hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		b.stall(true)
		b.say("tea", 0) // the writer takes it
		for range 5 {
			b.say("tea", 0)
		}
		b.say("coffee", 0)
		b.conn.receive([]byte(`{"type":"join","gen":2,"tickets":["` + ticket + `"]}`))
		synctest.Wait()
		b.stall(false)
		frames := b.frames()
		assert.Equal(t, append([]string{"tea-0"}, b.said["tea"]...), shownOf(frames, "tea"))
		assert.Equal(t, b.said["coffee"], shownOf(frames, "coffee"))
	})
	for _, stage := range []struct {
		name string
		opts Options
	}{{"that waits", Options{}}, {"that was given up for later", small}} {
		slowly(t, "a newer ticket for a room skips nothing "+stage.name, stage.opts, 1000, func(t *testing.T, b *slowBrowser) {
			b.stall(true)
			for range 60 {
				b.say("tea", 100)
			}
			b.conn.receive(fmt.Appendf(nil, `{"type":"join","gen":2,"tickets":[%q]}`, newTicketOf(t, b.hub, "tea")))
			synctest.Wait()
			b.say("tea", 100)
			b.stall(false)
			assert.Equal(t, b.said["tea"], shownOf(b.frames(), "tea"), "another region of the page shows the room, too")
		})
	}
	slowly(t, "a queue of a single frame is enough", Options{QueueFrames: 1}, 100, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 10 {
			b.say("tea", 10)
		}
		b.stall(false)
		b.say("tea", 10)
		assert.Equal(t, b.said["tea"], shownOf(b.frames(), "tea"))
		assert.Equal(t, 1, b.hub.Count())
	})
}

// Wherever the connection is cut, what the browser has been sent by then must be true: it resumes from that.
func TestASlowBrowserIsToldNothingThatIsNotTrueYet(t *testing.T) {
	opts := Options{QueueBytes: 8 << 10, PingInterval: 20 * time.Second}
	// overtaken fails if a position or a settled ping comes before a message that was said before it.
	overtaken := func(t *testing.T, b *slowBrowser, frames []seenFrame, saidBefore int) {
		arrived := 0
		for _, f := range frames {
			switch {
			case f.Room == "tea":
				arrived++
			case f.Type == "ping" && f.T[0] != '-':
				assert.GreaterOrEqual(t, arrived, saidBefore, "a ping says that all is there")
			case f.Type == "pos":
				assert.GreaterOrEqual(t, arrived, saidBefore, "a position says that all is there")
			}
		}
		assert.Equal(t, b.said["tea"], shownOf(frames, "tea"))
	}
	slowly(t, "a ping does not overtake what has been dropped for later", opts, 100, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 5 {
			b.say("tea", 500)
		}
		time.Sleep(25 * time.Second) // of the bubble: a ping is queued behind them
		for range 20 {
			b.say("tea", 500)
		}
		require.Positive(t, b.hub.Stats().Dropped["behind"])
		b.stall(false)
		overtaken(t, b, b.frames(), 5)
	})
	slowly(t, "nor does a position that a filter passed over", opts, 100, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 5 {
			b.say("tea", 500)
		}
		require.NoError(t, b.hub.Broadcast("#list", "not for you", Append, Room("tea"), User("somebody")))
		require.NoError(t, b.hub.Broadcast("#list", "not for you", Append, Room("tea"), Tag("role")))
		time.Sleep(25 * time.Second)
		for range 20 {
			b.say("tea", 500)
		}
		require.Positive(t, b.hub.Stats().Dropped["behind"])
		b.stall(false)
		overtaken(t, b, b.frames(), 5)
	})
	slowly(t, "a ping confirms nothing while a room is broken off", opts, 5, func(t *testing.T, b *slowBrowser) {
		b.stall(true)
		for range 30 {
			b.say("tea", 500)
		}
		b.stall(false)
		require.Equal(t, uint64(1), b.hub.Stats().Resets)
		b.frames()
		time.Sleep(25 * time.Second)
		pings := b.frames()
		require.Equal(t, "ping", pings[0].Type)
		assert.Equal(t, byte('-'), pings[0].T[0])
		b.conn.receive([]byte(`{"type":"leave","gen":2,"rooms":["tea"]}`))
		time.Sleep(20 * time.Second)
		pings = b.frames()
		require.Equal(t, "ping", pings[0].Type)
		assert.NotEqual(t, byte('-'), pings[0].T[0], "when it has left, the other room is followed")
	})
}

func TestWhatWaitsFromBeforeTheHelloIsNotGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := New(&Options{Logger: slog.New(slog.DiscardHandler), QueueBytes: 8 << 10, WriteTimeout: time.Hour, PongTimeout: -1})
		b := &slowBrowser{t: t, hub: hub, said: make(map[string][]string)}
		hub.ConfigureRooms("tea", RoomOptions{History: 100})
		b.conn, b.lane = connectLane(t, hub)
		require.NoError(t, b.conn.Join(t.Context(), "tea"))
		b.stall(true)
		for range 8 {
			b.say("tea", 500)
		}
		b.conn.receive([]byte(`{"type":"hello","v":1,"page":"page"}`)) // it is told the position of now,
		for range 20 {
			b.say("tea", 500)
		}
		require.Positive(t, hub.Stats().Dropped["behind"])
		b.stall(false)
		var plain []string
		for _, f := range b.frames() {
			if f.Type == "joined" {
				break
			}
			plain = append(plain, f.HTML)
		}
		assert.Equal(t, b.said["tea"][:8], plain[1:], "so all before it comes first")
		b.leave()
	})
}

func TestAPlainClientThatIsSlowIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := New(&Options{Logger: slog.New(slog.DiscardHandler), QueueBytes: 8 << 10, WriteTimeout: time.Hour, PongTimeout: -1})
		hub.ConfigureRooms("tea", RoomOptions{History: 100})
		c, l := connectLane(t, hub)
		require.NoError(t, c.Join(t.Context(), "tea"))
		synctest.Wait()
		l.set(func() { l.stalled = true })
		for range 30 {
			require.NoError(t, hub.Broadcast("#list", template.HTML(longText(500)), Append, Room("tea")))
			synctest.Wait()
		}
		assert.ErrorIs(t, context.Cause(c.Context()), ErrSlow)
		assert.Equal(t, map[string]uint64{"4008": 1}, hub.Stats().Closed)
		assert.Zero(t, hub.Stats().Dropped["behind"], "it could not be told which are missing")
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}
