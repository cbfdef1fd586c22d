package wsx

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// comeBack opens another connection of the page and joins, and returns what it is sent after the hello.
func comeBack(t *testing.T, hub *Hub, tickets []string, pos map[string]string, clock string) (*Connection, *lane, []seenFrame) {
	t.Helper()
	c, l := connectLane(t, hub)
	c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
	join := map[string]any{"type": "join", "gen": 2, "tickets": tickets}
	if pos != nil {
		join["pos"] = pos
	}
	if clock != "" {
		join["t"] = clock
	}
	text, err := json.Marshal(join)
	require.NoError(t, err)
	c.receive(text)
	synctest.Wait()
	return c, l, framesOf(t, l)[1:]
}

func framesOf(t *testing.T, l *lane) (frames []seenFrame) {
	t.Helper()
	for _, payload := range l.take() {
		var f seenFrame
		require.NoError(t, json.Unmarshal(payload, &f), "%s", payload)
		f.HTML = strings.TrimRight(f.HTML, ".")
		frames = append(frames, f)
	}
	return frames
}

func quietHub(opts Options) *Hub {
	opts.Logger, opts.PongTimeout, opts.WriteTimeout = slog.New(slog.DiscardHandler), -1, time.Hour
	if opts.PingInterval == 0 {
		opts.PingInterval = -1
	}
	return New(&opts)
}

func newTicketOf(t *testing.T, hub *Hub, rooms ...string) string {
	ticket, err := hub.Ticket(t.Context(), "", rooms...)
	require.NoError(t, err)
	return ticket
}

func TestAPingThatMakesARoomFallBehindConfirmsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlowBrowser(t, Options{QueueFrames: 8, PingInterval: 20 * time.Second}, 8, "tea")
		defer b.leave()
		ticket, err := b.hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		b.stall(true)
		for range 9 { // one that is being written, and as many as may wait
			b.say("tea", 10)
		}
		require.Zero(t, b.hub.Stats().Dropped["behind"])
		time.Sleep(25 * time.Second) // the ping is one too many
		synctest.Wait()
		require.Positive(t, b.hub.Stats().Dropped["behind"])
		b.stall(false)
		position, clock := "", ""
		for _, f := range b.frames() { // cut right behind the ping
			if f.Room == "tea" {
				position = f.Pos
				t.Log("applied", f.HTML)
			}
			if f.Type == "ping" {
				clock = f.T
				break
			}
		}
		t.Log("ping", clock)
		b.lane.abort()
		b.say("tea", 10)
		_, l, frames := comeBack(t, b.hub, []string{ticket}, map[string]string{"tea": position}, clock)
		defer l.abort()
		t.Log(frames)
		if b.hub.Stats().Resets == 0 {
			assert.Equal(t, b.said["tea"][1:], shownOf(frames, "tea"), "neither everything nor a reset")
		}
	})
}

func TestAClockSaysNothingOfARoomThatWasJoinedAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := New(&Options{Logger: slog.New(slog.DiscardHandler), PingInterval: 20 * time.Second, PongTimeout: -1})
		hub.ConfigureRooms("*", RoomOptions{History: 2})
		say := func(text template.HTML) { require.NoError(t, hub.Broadcast("#list", text, Append, Room("coffee"))) }
		tea, err := hub.Ticket(t.Context(), "", "tea")
		require.NoError(t, err)
		coffee, err := hub.Ticket(t.Context(), "", "coffee") // of a region that comes into the page later
		require.NoError(t, err)
		say("1")
		c, l := connectLane(t, hub)
		c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
		c.receive(fmt.Appendf(nil, `{"type":"join","gen":1,"tickets":[%q]}`, tea))
		time.Sleep(25 * time.Second)
		synctest.Wait()
		clock, teaAt := "", ""
		for _, f := range framesOf(t, l) {
			switch f.Type {
			case "ping":
				clock = f.T
			case "joined":
				var rooms map[string]string
				require.NoError(t, json.Unmarshal(f.Rooms, &rooms))
				teaAt = rooms["tea"]
			}
		}
		require.NotEqual(t, byte('-'), clock[0])
		c.receive(fmt.Appendf(nil, `{"type":"join","gen":2,"tickets":[%q]}`, coffee))
		synctest.Wait()
		frames := framesOf(t, l)
		require.Equal(t, "joined", frames[0].Type)
		require.Equal(t, []string{"1"}, shownOf(frames, "coffee"))
		var rooms map[string]string
		require.NoError(t, json.Unmarshal(frames[0].Rooms, &rooms))
		// The connection is cut between joined and what follows.
		l.abort()
		synctest.Wait()
		say("2")
		say("3")
		_, l, frames = comeBack(t, hub, []string{tea, coffee}, map[string]string{"tea": teaAt, "coffee": rooms["coffee"]}, clock)
		if hub.Stats().Resets == 0 {
			assert.Equal(t, []string{"1", "2", "3"}, shownOf(frames, "coffee"), "neither everything nor a reset")
		}
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}

// A message has its number before it is queued for all members. No ping in between may confirm that number.
func TestAPingDoesNotConfirmWhatIsStillBeingQueued(t *testing.T) {
	hub := quietHub(Options{})
	earlier, later := hub.history.begin(), hub.history.begin()
	assert.Less(t, hub.history.queued(), earlier)
	hub.history.done(later)
	assert.Less(t, hub.history.queued(), earlier, "the later one was quicker")
	hub.history.done(earlier)
	assert.Greater(t, hub.history.queued(), later)
}

func TestWhatWasSaidWhileItWasNoMemberDoesNotComeAfterAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlowBrowser(t, Options{QueueBytes: 8 << 10}, 1000, "tea")
		defer b.leave()
		b.stall(true)
		b.say("tea", 10)
		b.say("tea", 10)
		b.conn.Leave("tea")
		require.NoError(t, b.hub.Broadcast("#list", "while it was out", Append, Room("tea")))
		require.NoError(t, b.conn.Join(t.Context(), "tea"))
		for range 30 {
			b.say("tea", 500)
		}
		require.Positive(t, b.hub.Stats().Dropped["behind"])
		b.stall(false)
		frames := b.frames()
		for _, f := range frames {
			t.Log(f.Type, string(f.Rooms), f.HTML)
		}
		assert.NotContains(t, shownOf(frames, "tea"), "while it was out")
	})
}

func TestARoomOfTheProgramsCanBeFollowedAgainAfterAReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := quietHub(Options{QueueBytes: 8 << 10})
		hub.ConfigureRooms("*", RoomOptions{History: 5})
		c, l := connectLane(t, hub)
		c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
		require.NoError(t, c.Join(t.Context(), "tea"))
		synctest.Wait()
		var f struct{ Tickets []string }
		for _, payload := range l.take() {
			require.NoError(t, json.Unmarshal(payload, &f))
		}
		ticket := f.Tickets[0]
		l.set(func() { l.stalled = true })
		for range 30 {
			require.NoError(t, hub.Broadcast("#list", template.HTML(longText(500)), Append, Room("tea")))
			synctest.Wait()
		}
		l.set(func() { l.stalled = false })
		synctest.Wait()
		frames := framesOf(t, l)
		require.Equal(t, "reset", frames[len(frames)-1].Type)
		require.NotEqual(t, ticket, frames[len(frames)-1].Fresh[0])
		ticket = frames[len(frames)-1].Fresh[0]
		// The browser fetches its page, and joins with the ticket that came with the reset.
		c.receive(fmt.Appendf(nil, `{"type":"join","gen":1,"tickets":[%q]}`, ticket))
		synctest.Wait()
		frames = framesOf(t, l)
		assert.Equal(t, "joined", frames[0].Type, "by ticket")
		// Or a handler joins it again.
		require.NoError(t, c.Join(t.Context(), "tea"))
		require.NoError(t, hub.Broadcast("#list", "after Join", Append, Room("tea")))
		synctest.Wait()
		assert.Equal(t, []string{"after Join"}, shownOf(framesOf(t, l), "tea"), "Join returns once a broadcast to the room reaches c")
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}

func TestWhatIsForOnePageAloneIsReplayedToIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := quietHub(Options{})
		hub.ConfigureRooms("*", RoomOptions{History: 5})
		ticket := newTicketOf(t, hub, "tea")
		c, l, _ := comeBack(t, hub, []string{ticket}, nil, "")
		l.set(func() { l.stalled = true })
		require.NoError(t, hub.Broadcast("#list", "for you alone", Append, Room("tea"), Not(Except(c))))
		l.abort()
		synctest.Wait()
		_, l, frames := comeBack(t, hub, []string{ticket}, nil, "")
		assert.Equal(t, []string{"for you alone"}, shownOf(frames, "tea"))
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}
