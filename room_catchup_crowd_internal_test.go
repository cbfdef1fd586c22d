package wsx

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/ticket"
)

// A crowd is all the pages of a program that has lost its network for a moment.
type crowd struct {
	t      *testing.T
	hub    *Hub
	ticket string
	said   []uint64 // the numbers of what was said, in order
	pages  []*Connection
}

const (
	saidBefore = 20 // messages that some of the crowd missed
	saidDuring = 20 // while it comes back
)

func newCrowd(t *testing.T) *crowd {
	hub := New(&Options{Logger: slog.New(slog.DiscardHandler), PingInterval: -1, ShutdownTimeout: time.Millisecond})
	hub.ConfigureRooms("tea", RoomOptions{History: 2 * (saidBefore + saidDuring)})
	ticket, err := hub.Ticket(t.Context(), "", "tea")
	require.NoError(t, err)
	cr := &crowd{t: t, hub: hub, ticket: ticket}
	cr.say(saidBefore)
	return cr
}

func (cr *crowd) say(n int) {
	for range n {
		publishIn(cr.t, cr.hub, "tea", template.HTML(fmt.Sprintf("<li>%d</li>", len(cr.said))))
		cr.said = append(cr.said, cr.newest())
	}
}

// newest returns the number of what was said last. Joins take numbers, too, so it is not the hub's newest one.
func (cr *crowd) newest() uint64 {
	h := &cr.hub.history
	h.mu.Lock()
	m := h.rooms["tea"]
	h.mu.Unlock()
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// missed returns how many messages the page of that number had missed when it came back.
func (cr *crowd) missed(page int) int { return page % (saidBefore + 1) }

// comeBack lets all pages join at once, each from its own position, while more is said. Connect makes a connection.
func (cr *crowd) comeBack(connect func() *Connection) {
	first, ok := cr.hub.history.parse(cr.placeOf(cr.ticket))
	require.True(cr.t, ok)
	joins := make([][]byte, schedules)
	for i := range joins {
		at := first
		if seen := saidBefore - cr.missed(i); seen > 0 {
			at = cr.said[seen-1]
		}
		joins[i], _ = json.Marshal(map[string]any{
			"type": "join", "gen": 1, "tickets": []string{cr.ticket}, "pos": map[string]string{"tea": cr.hub.history.position(at)},
		})
		cr.pages = append(cr.pages, connect())
	}
	var all sync.WaitGroup
	const hands = 8
	for hand := range hands {
		all.Go(func() {
			for i := hand; i < len(cr.pages); i += hands {
				cr.pages[i].receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
				cr.pages[i].receive(joins[i])
			}
		})
	}
	for range saidDuring {
		cr.say(1)
		runtime.Gosched()
	}
	all.Wait()
	eventually(cr.t, "all are in the room, and it flows", func() bool {
		for _, c := range cr.pages {
			c.mu.Lock()
			m := c.rooms.find("tea")
			flows := m != nil && m.browserKnows && m.delivery == deliveryLive && c.rooms.joining == 0
			c.mu.Unlock()
			if !flows {
				return false
			}
		}
		return true
	})
	cr.say(1)
	assert.Equal(cr.t, schedules, cr.hub.Count(Room("tea")))
	assert.Zero(cr.t, cr.hub.Stats().Resets)
	assert.Empty(cr.t, cr.hub.Stats().Dropped)
}

func (cr *crowd) placeOf(text string) string {
	t, ok := ticket.Open(text, cr.hub.opts.Secrets, cr.hub.started)
	require.True(cr.t, ok)
	return t.Places[0].Position
}

func TestACrowdThatComesBackIsSentWhatItMissed(t *testing.T) {
	cr := newCrowd(t)
	defer cr.hub.history.stop()
	cr.comeBack(func() *Connection { // one whose writer is stuck: what is sent stays in its queue
		require.Equal(t, limit.Admitted, cr.hub.admission.Enter(limit.Slot{}))
		c := cr.hub.newConnection(context.Background(), Identity{}, "192.0.2.1", limit.Slot{})
		c.open()
		c.tasks.Add(1)
		go c.workFunc()
		return c
	})
	shared := make(map[uint64]*message)
	for i, c := range cr.pages {
		var got []uint64
		for _, m := range takeAll(c) {
			if m.offset == 0 {
				continue // the hub's hello, and joined
			}
			got = append(got, m.offset)
			if shared[m.offset] == nil {
				shared[m.offset] = m
			}
			require.Same(t, shared[m.offset], m, "a message is made, and encoded, once for all")
		}
		require.Equal(t, cr.said[saidBefore-cr.missed(i):], got, "page %d", i)
		c.tasks.Wait()
	}
}

func TestACrowdThatComesBackIsServed(t *testing.T) {
	cr := newCrowd(t)
	cr.comeBack(func() *Connection { return connectNull(t, cr.hub, "") })
	allIdle(t, cr.pages)
	want := 0
	for i := range cr.pages {
		want += 2 + cr.missed(i) + saidDuring + 1 // hello, joined, and what it is to see
	}
	eventually(t, "everything is written", func() bool { return cr.hub.Stats().Frames >= uint64(want) })
	assert.EqualValues(t, want, cr.hub.Stats().Frames)
	require.NoError(t, cr.hub.Shutdown(context.Background()))
	<-cr.hub.admission.Empty()
}
