package wsx

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/ticket"
)

func TestARoomThatTheProgramChangesWhileItIsJoined(t *testing.T) {
	hub := quietHub(Options{})
	hub.ConfigureRooms("*", RoomOptions{History: 100})
	tea, coffee := newTicketOf(t, hub, "tea"), newTicketOf(t, hub, "coffee")
	say := func(text template.HTML) { require.NoError(t, hub.Broadcast("#list", text, Append, Room("tea"))) }
	say("1")
	c, l := connectLane(t, hub)
	defer l.abort()
	c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
	mem := hub.history.acquire("coffee", defaultTTL)
	mem.mu.Lock()
	c.receive(fmt.Appendf(nil, `{"type":"join","gen":1,"tickets":[%q,%q]}`, tea, coffee))
	eventually(t, "tea is admitted, coffee waits", func() bool { return len(c.Rooms()) == 1 })
	c.Leave("tea")
	require.NoError(t, c.Join(t.Context(), "tea"))
	say("2")
	mem.mu.Unlock()
	hub.history.release(mem)
	eventually(t, "joined", func() bool { return len(c.Rooms()) == 2 })
	say("3")
	eventually(t, "all has left", func() bool { return idle(c) })
	// As a browser reads it: nothing of a room counts while a join that names it has no answer.
	var shown []string
	answered := false
	for _, f := range framesOf(t, l) {
		t.Logf("%s %s %s %s", f.Type, f.Rooms, f.Room, f.HTML)
		answered = answered || f.Type == "joined" && strings.Contains(string(f.Rooms), "coffee")
		if answered && f.Room == "tea" {
			shown = append(shown, f.HTML)
		}
	}
	if hub.Stats().Resets == 0 {
		assert.Equal(t, []string{"1", "2", "3"}, shown, "neither everything nor a reset")
	}
}

func TestLeaveWhileJoining(t *testing.T) {
	hub := quietHub(Options{})
	hub.ConfigureRooms("*", RoomOptions{History: 100})
	tea, coffee := newTicketOf(t, hub, "tea"), newTicketOf(t, hub, "coffee")
	c, l := connectLane(t, hub)
	defer l.abort()
	c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
	mem := hub.history.acquire("coffee", defaultTTL)
	mem.mu.Lock()
	c.receive(fmt.Appendf(nil, `{"type":"join","gen":1,"tickets":[%q,%q]}`, tea, coffee))
	eventually(t, "tea is admitted, coffee waits", func() bool { return len(c.Rooms()) == 1 })
	c.Leave("tea")
	mem.mu.Unlock()
	hub.history.release(mem)
	eventually(t, "joined", func() bool { return len(c.Rooms()) == 1 && c.Rooms()[0] == "coffee" })
	eventually(t, "all has left", func() bool { return idle(c) })
	in := false
	for _, f := range framesOf(t, l) {
		if strings.Contains(string(f.Rooms), "tea") {
			in = f.Type == "joined"
		}
	}
	assert.False(t, in, "the browser believes that it follows tea")
}

func TestABatchOfARoomWithHistoryKeepsItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := quietHub(Options{})
		hub.ConfigureRooms("tea", RoomOptions{History: 100})
		for _, room := range []string{"tea", "plain"} {
			c, l := connectLane(t, hub)
			c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
			c.SetUser("alice")
			require.NoError(t, c.Join(t.Context(), room))
			b := new(Batch)
			b.Add("#list", "1", Append, Room(room))
			b.Add("#list", "2", Append, Room(room), User("alice"))
			b.Add("#list", "3", Append, Room(room))
			require.NoError(t, hub.Flush(b))
			synctest.Wait()
			var shown []string
			for _, payload := range l.take() {
				var f struct {
					HTML    string
					Updates []struct{ HTML string }
				}
				require.NoError(t, json.Unmarshal(payload, &f))
				if f.HTML != "" {
					shown = append(shown, f.HTML)
				}
				for _, u := range f.Updates {
					shown = append(shown, u.HTML)
				}
			}
			assert.Equal(t, []string{"1", "2", "3"}, shown, room)
			l.abort()
		}
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}

func TestABatchThatIsTooLargeSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := quietHub(Options{QueueBytes: 8 << 10})
		hub.ConfigureRooms("tea", RoomOptions{History: 100})
		c, l := connectLane(t, hub)
		c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
		require.NoError(t, c.Join(t.Context(), "tea"))
		b := new(Batch)
		b.Add("#list", "tea", Append, Room("tea"))
		for range 3 {
			b.Add("#list", template.HTML(longText(3000)), Append)
		}
		require.ErrorIs(t, hub.Flush(b), ErrTooLarge)
		synctest.Wait()
		assert.Empty(t, shownOf(framesOf(t, l), "tea"), "then nobody was sent anything")
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}

func TestARoomOfAShortTTLDoesNotResetTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := quietHub(Options{PingInterval: 20 * time.Second})
		hub.ConfigureRooms("game:*", RoomOptions{History: 10, TTL: time.Second})
		hub.ConfigureRooms("chat:*", RoomOptions{History: 10, TTL: time.Hour})
		// A page of a quiet room, joined three seconds after it was rendered.
		ticket := newTicketOf(t, hub, "chat:1")
		require.NoError(t, hub.Broadcast("#list", "x", Append, Room("game:1")))
		time.Sleep(3 * time.Second)
		_, l, frames := comeBack(t, hub, []string{ticket}, nil, "")
		assert.Equal(t, "joined", frames[0].Type, "a first join")
		// A page of a quiet room, which follows it and is cut for a moment.
		_, l2, frames := comeBack(t, hub, []string{newTicketOf(t, hub, "chat:2")}, nil, "")
		var rooms map[string]string
		require.NoError(t, json.Unmarshal(frames[0].Rooms, &rooms))
		time.Sleep(25 * time.Second)
		frames = framesOf(t, l2)
		clock := frames[len(frames)-1].T
		require.NotEqual(t, byte('-'), clock[0])
		require.NoError(t, hub.Broadcast("#list", "x", Append, Room("game:2")))
		l2.abort()
		time.Sleep(3 * time.Second)
		_, l3, frames := comeBack(t, hub, []string{newTicketOf(t, hub, "chat:3"), ticketAt(t, hub, "chat:2", rooms["chat:2"])}, rooms, clock)
		assert.Equal(t, "joined", frames[0].Type, "a reconnect")
		for _, l := range []*lane{l, l3} {
			l.abort()
		}
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}

func ticketAt(_ *testing.T, hub *Hub, room, position string) string {
	return ticket.Ticket{Expires: time.Now().Add(time.Hour), Places: []ticket.Place{{Room: room, Position: position}}}.Seal(hub.opts.Secrets[0])
}

func TestForgedTicketsDoNotDelayTheResetsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := quietHub(Options{})
		c, l := connectLane(t, hub)
		c.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
		forged := `{"type":"join","gen":1,"tickets":[""` + strings.Repeat(`,""`, 255) + `]}`
		for range 3000 { // what one browser may send in a minute
			c.receive([]byte(forged))
			synctest.Wait()
			l.take()
		}
		t.Log(len(forged), "bytes each; one connection, one minute; resets busy for", hub.resets.busy-hub.now())
		time.Sleep(time.Minute)
		sum := int64(0)
		hub.resets.Lock()
		assert.LessOrEqual(t, hub.resets.busy, hub.now()+maxResetAfter)
		hub.resets.Unlock()
		for range 100 {
			sum += hub.resetAfter(new(int64))
		}
		t.Log("mean after, one minute later or so:", sum/100, "ms")
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}

func TestAPageOfManyRoomsComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := quietHub(Options{MaxRooms: -1})
		hub.ConfigureRooms("*", RoomOptions{History: 10})
		var rooms []string
		pos := map[string]string{}
		for n := range 300 {
			rooms = append(rooms, fmt.Sprint("r", n))
			pos[rooms[n]] = hub.history.position(hub.history.next())
		}
		_, l, frames := comeBack(t, hub, []string{newTicketOf(t, hub, rooms...)}, nil, "")
		require.Equal(t, "joined", frames[0].Type, "the first time")
		l.abort()
		_, l, frames = comeBack(t, hub, []string{newTicketOf(t, hub, rooms...)}, pos, "")
		assert.Contains(t, []string{"joined", "reset"}, frames[0].Type, "the second time")
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
	})
}

func TestATicketOfAnotherNodeIsNoRightToWhatWasBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		secrets := [][]byte{[]byte("the secret of a test, 32 bytes..")}
		hub, other := quietHub(Options{Secrets: secrets}), quietHub(Options{Secrets: secrets})
		hub.ConfigureRooms("*", RoomOptions{History: 5})
		require.NoError(t, hub.Broadcast("#list", "secret", Append, Room("tea")))
		ticket := newTicketOf(t, other, "tea")
		_, l, frames := comeBack(t, hub, []string{ticket}, map[string]string{"tea": hub.history.current().epoch + ".0"}, "")
		assert.Empty(t, shownOf(frames, "tea"))
		l.abort()
		require.NoError(t, hub.Shutdown(context.Background()))
		require.NoError(t, other.Shutdown(context.Background()))
	})
}

func TestWhatARoomKeepsIsCountedWithItsFilters(t *testing.T) {
	hub := quietHub(Options{})
	hub.ConfigureRooms("*", RoomOptions{History: 1000, HistoryBytes: 1 << 20})
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprint("user", i)
	}
	before := heap()
	for range 1000 {
		require.NoError(t, hub.Broadcast("#l", "x", Append, Room("tea"), User(ids...)))
	}
	taken := int64(heap() - before)
	assert.Less(t, taken, int64(2<<20), "the room counts %d", hub.history.bytes)
	frags := make([]Fragment, 2000)
	for i := range frags {
		frags[i] = Fragment{"#l", "x", Append}
	}
	before = heap()
	for range 30 {
		require.NoError(t, hub.Publish(t.Context(), Message{Fragments: frags}, Room("coffee")))
	}
	t.Log("30 messages of 2,000 fragments take", heap()-before, "the room counts", hub.history.rooms["coffee"].bytes)
	runtime.KeepAlive(hub)
	hub.history.stop()
}

func TestWhatARestartedJoinDropsIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlowBrowser(t, Options{}, 100, "tea")
		defer b.leave()
		b.stall(true)
		for range 10 {
			b.say("tea", 10)
		}
		b.conn.receive(fmt.Appendf(nil, `{"type":"join","gen":2,"tickets":[%q]}`, newTicketOf(t, b.hub, "tea")))
		synctest.Wait()
		b.conn.mu.Lock()
		defer b.conn.mu.Unlock()
		assert.NotEmpty(t, b.hub.Stats().Dropped, "9 that waited do not leave")
	})
}
