package acceptance

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// byServer asserts that a frame tells of one room that the program joined, and returns its ticket.
func (s *socket) byServer(gen int, room string) (ticket string) {
	s.t.Helper()
	got := s.joined()
	require.Equal(s.t, fmt.Sprintf(`{"type":"joined","gen":%d,"rooms":{%q:%q},"tickets":[%q],"each":[[%q]],"server":true}`,
		gen, room, got.positions[room], got.tickets[0], room), got.raw)
	return got.tickets[0]
}

func TestLeave(t *testing.T) {
	t.Parallel()
	s := newRoomSite(t, wsx.Options{})
	t.Run("by the browser", func(t *testing.T) {
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "a", "b", "plain")}})
		c.joined()
		c.send(`{"type":"leave","gen":2,"rooms":["a","plain","never there"]}`, goodFrame)
		assert.Equal(t, goodReply, c.next(), "it is not answered")
		assert.Equal(t, []string{"b"}, c.conn(s.hub).Rooms())
		say(t, s.hub, "a", "1")
		say(t, s.hub, "plain", "2")
		say(t, s.hub, "b", "3")
		c.shows("3")
	})
	t.Run("by the program: the browser is told", func(t *testing.T) {
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "left", "plain left")}})
		c.joined()
		for _, room := range []string{"left", "plain left"} {
			c.conn(s.hub).Leave(room)
			assert.Equal(t, fmt.Sprintf(`{"type":"left","rooms":[%q]}`, room), c.next())
			say(t, s.hub, room, "x")
		}
		c.conn(s.hub).Leave("left")
		c.nothingElse(s.hub)
	})
	t.Run("and back, where it left", func(t *testing.T) {
		c := s.dialPage(t)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "back")}})
		ticket := c.joined().tickets[0]
		say(t, s.hub, "back", "1")
		at := c.shows("1").Pos
		c.send(`{"type":"leave","gen":2,"rooms":["back"]}`, goodFrame)
		assert.Equal(t, goodReply, c.next())
		say(t, s.hub, "back", "2")
		c.join(join{Gen: 3, Tickets: []string{ticket}, Pos: map[string]string{"back": at}})
		c.joined()
		c.shows("2")
	})
}

func TestWhoCannotJoin(t *testing.T) {
	t.Parallel()
	s := newRoomSite(t, wsx.Options{})
	t.Run("a page that has not said hello", func(t *testing.T) {
		c := s.dial(t)
		c.join(join{Gen: 1, Tickets: []string{newTicket(t, s.hub, "", "tea")}})
		c.send(goodFrame)
		assert.Equal(t, goodReply, c.next())
		assert.Empty(t, c.conn(s.hub).Rooms())
	})
	t.Run("a frame that cannot be decoded is answered, and ten of them close", func(t *testing.T) {
		c := s.dialPage(t)
		for range 10 {
			c.send(`{"type":"join","gen":1,"tickets":"a"}`)
		}
		frames, end := c.closed()
		assert.Equal(t, slices.Repeat([]string{`{"type":"error","id":"","code":"bad_request"}`}, 10), frames)
		assert.EqualValues(t, 1008, end.Code)
	})
	t.Run("a good join ends the row", func(t *testing.T) {
		c := s.dialPage(t)
		for range 3 {
			for range 9 {
				c.send(`{"type":"leave","gen":1,"rooms":[1]}`)
				c.next()
			}
			c.join(join{Gen: 1, Tickets: []string{}})
			c.joined()
		}
	})
}

func TestAPlainClientInARoomWithHistory(t *testing.T) {
	t.Parallel()
	s := newRoomSite(t, wsx.Options{})
	c := s.dial(t)
	require.NoError(t, c.conn(s.hub).Join(t.Context(), "tea"))
	require.NoError(t, s.hub.Publish(t.Context(), wsx.Message{Fragments: []wsx.Fragment{{Target: "#a", HTML: "1"}, {Target: "#b", HTML: "2"}}}, wsx.Room("tea")))
	f := c.frame()
	assert.Equal(t, fmt.Sprintf(`{"id":%q,"target":"#a","html":"1","swap":"innerHTML","oob":[{"target":"#b","html":"2","swap":"innerHTML"}]}`, f.ID), f.raw)
	c.conn(s.hub).Leave("tea")
	c.nothingElse(s.hub)
}

func TestRoomsThatTheProgramJoins(t *testing.T) {
	t.Parallel()
	t.Run("in a handler: the room, then the reply, then what was said meanwhile", func(t *testing.T) {
		t.Parallel()
		s := newRoomSite(t, wsx.Options{})
		s.hub.On("enter", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			if err := r.Conn.Join(ctx, "tea"); err != nil {
				return nil, err
			}
			say(t, s.hub, "tea", "1")
			say(t, s.hub, "tea", "2")
			return r.ReplyTo("#list", "what was there", wsx.Inner), nil
		})
		say(t, s.hub, "tea", "before")
		c := s.dialPage(t)
		c.send(`{"type":"leave","gen":5,"rooms":[]}`, `{"id":"e","handler":"enter"}`)
		ticket := c.byServer(5, "tea")
		assert.Equal(t, "e", c.shows("what was there").ID)
		at := c.shows("1", "2").Pos
		say(t, s.hub, "tea", "3")
		c.shows("3")
		c.send(`{"id":"e","handler":"enter"}`)
		c.shows("what was there", "1", "2") // it was in the room already
		c.nothingElse(s.hub)

		again := s.dialPage(t)
		again.join(join{Gen: 6, Tickets: []string{ticket}, Pos: map[string]string{"tea": at}})
		again.joined()
		again.shows("3", "1", "2")
	})
	t.Run("in a handler that fails: it is in the room all the same", func(t *testing.T) {
		t.Parallel()
		s := newRoomSite(t, wsx.Options{})
		s.hub.On("enter", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			require.NoError(t, r.Conn.Join(ctx, "tea"))
			say(t, s.hub, "tea", "1")
			panic("no")
		})
		c := s.dialPage(t)
		c.send(`{"id":"e","handler":"enter"}`)
		c.byServer(0, "tea")
		assert.Equal(t, `{"type":"error","id":"e","code":"internal"}`, c.next())
		c.shows("1")
	})
	t.Run("in a handler that leaves again: nothing of it is told", func(t *testing.T) {
		t.Parallel()
		s := newRoomSite(t, wsx.Options{})
		s.hub.On("enter", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			require.NoError(t, r.Conn.Join(ctx, "tea"))
			say(t, s.hub, "tea", "1")
			r.Conn.Leave("tea")
			return nil, nil
		})
		c := s.dialPage(t)
		c.send(`{"id":"e","handler":"enter"}`)
		assert.Equal(t, `{"type":"ack","id":"e"}`, c.next())
		c.nothingElse(s.hub)
	})
	t.Run("in OnConnect: what is said meanwhile waits until it has returned", func(t *testing.T) {
		t.Parallel()
		hub := newHub(t, &wsx.Options{PingInterval: -1})
		configureRooms(hub)
		hub.OnConnect(func(ctx context.Context, c *wsx.Connection) error {
			require.NoError(t, c.Join(ctx, "tea"))
			say(t, hub, "tea", "1")
			return c.Send("#list", "what was there", wsx.Inner)
		})
		c := dialPipe(t, hub)
		c.send(hello)
		seen := []string{}
		for range 3 { // the hello comes before, in or after OnConnect
			f := c.frame()
			seen = append(seen, f.Type+f.HTML)
		}
		assert.Less(t, slices.Index(seen, "what was there"), slices.Index(seen, "1"))
		assert.Contains(t, seen, "joined")
	})
	t.Run("at the upgrade: it is told after the hello", func(t *testing.T) {
		t.Parallel()
		s := newRoomSite(t, wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) {
			return wsx.Identity{Rooms: []string{"plain", "tea", "coffee"}}, nil
		}})
		c := s.dial(t)
		say(t, s.hub, "tea", "plain as yet")
		f := c.shows("plain as yet")
		assert.Empty(t, f.Pos)
		c.send(hello)
		ticket := c.byServer(0, "tea")
		c.byServer(0, "coffee")
		say(t, s.hub, "tea", "1")
		assert.NotEmpty(t, c.shows("1").Pos)

		again := s.dialPage(t)
		again.byServer(0, "tea")
		again.byServer(0, "coffee")
		again.join(join{Gen: 1, Tickets: []string{ticket}, Pos: map[string]string{"tea": f.Pos}})
		got := again.joined()
		assert.False(t, got.Server)
		again.shows("1")
		again.nothingElse(s.hub)
		assert.Equal(t, []string{"plain", "tea", "coffee"}, again.conn(s.hub).Rooms())
	})
	inBubble(t, "in a handler that is late: the room flows from the timeout on", func(t *testing.T) {
		hub := newHub(t, &wsx.Options{PingInterval: -1})
		configureRooms(hub)
		finish := make(chan struct{})
		hub.On("enter", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			require.NoError(t, r.Conn.Join(ctx, "tea"))
			say(t, hub, "tea", "1")
			<-finish
			return nil, nil
		})
		c := dialPipe(t, hub)
		c.send(hello, `{"id":"e","handler":"enter"}`)
		c.byServer(0, "tea")
		assert.Equal(t, `{"type":"error","id":"e","code":"timeout"}`, c.next())
		c.shows("1")
		close(finish)
		synctest.Wait()
	})
}

// A talker commits and publishes in two rooms without pause, except while a page has much to read already.
type talker struct {
	t    *testing.T
	hub  *wsx.Hub
	done atomic.Bool

	count, seen atomic.Int64 // of all messages: those that were published, and that the page need not read any more
	switching   atomic.Bool  // a handler changes rooms, so that it may be further ahead

	mu   sync.Mutex
	said map[string]int // guarded by mu: the database
}

func (p *talker) run() {
	for n := 0; !p.done.Load(); n++ {
		for p.farAhead() && !p.done.Load() {
			time.Sleep(50 * time.Microsecond) // leaves the processor to the page that reads
		}
		room := [...]string{"tea", "coffee"}[n%2]
		p.mu.Lock()
		at := p.said[room]
		p.said[room]++ // first it commits,
		p.mu.Unlock()
		if err := p.hub.Broadcast("#list", wsx.Text(fmt.Sprint(at)), wsx.Append, wsx.Room(room)); err != nil { // then it publishes
			assert.NoError(p.t, err)
			return
		}
		p.count.Add(1)
	}
}

func (p *talker) farAhead() bool {
	ahead := p.count.Load() - p.seen.Load()
	return ahead > 200 || ahead > 50 && !p.switching.Load()
}

func (p *talker) committed(room string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said[room]
}

// TestARoomSwitchMissesNothing: the promise of Connection.Join, while others publish without pause.
func TestARoomSwitchMissesNothing(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]bool{"from room to room": true, "in all rooms at once": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			switchRooms(t, leaves)
		})
	}
}

func switchRooms(t *testing.T, leaves bool) {
	s := newSite(t, wsx.Options{PingInterval: -1, QueueBytes: 64 << 20, Inbound: wsx.Limit{PerSecond: -1, BytesPerSecond: -1}}, false)
	s.hub.ConfigureRooms("*", wsx.RoomOptions{History: 1 << 16, HistoryBytes: 64 << 20})
	p := &talker{t: t, hub: s.hub, said: make(map[string]int)}
	s.hub.On("enter", wsx.Typed(func(ctx context.Context, r *wsx.Request, in struct{ Room, Before string }) (*wsx.Response, error) {
		if leaves {
			r.Conn.Leave(in.Before)
		}
		if err := r.Conn.Join(ctx, in.Room); err != nil {
			return nil, err
		}
		defer p.switching.Store(false)
		read := p.committed(in.Room)
		for until := p.count.Load() + 3; p.count.Load() < until && !p.farAhead(); {
			runtime.Gosched() // more is said before the answer leaves
		}
		return r.ReplyTo("#list", wsx.Text(fmt.Sprint(read)), wsx.Inner), nil
	}))
	c := s.dialPage(t)
	switches := 400
	if testing.Short() {
		switches = 100
	}
	var talking sync.WaitGroup
	talking.Go(p.run)
	defer talking.Wait()
	defer p.done.Store(true)
	for n := range switches {
		here, before := [...]string{"tea", "coffee"}[n%2], [...]string{"coffee", "tea"}[n%2]
		id := fmt.Sprintf("switch-%d", n)
		p.switching.Store(true)
		c.send(fmt.Sprintf(`{"id":%q,"handler":"enter","data":{"Room":%q,"Before":%q}}`, id, here, before))
		f := c.frame()
		for ; f.ID != id; f = c.frame() {
			require.False(t, leaves && f.Room == here, "it comes too early")
		}
		p.seen.Store(p.count.Load())
		next, err := strconv.Atoi(f.HTML) // the first that the page does not show yet
		require.NoError(t, err)
		for came := 0; came < 5; p.seen.Add(1) {
			if f = c.frame(); f.Room != here || f.Type != "" {
				continue
			}
			at, err := strconv.Atoi(f.HTML)
			require.NoError(t, err)
			if came == 0 {
				require.LessOrEqual(t, at, next, "something is missing between what was read and the first that came")
			} else {
				require.Equal(t, next, at, "missing, or out of order")
			}
			came, next = came+1, at+1
		}
	}
}
