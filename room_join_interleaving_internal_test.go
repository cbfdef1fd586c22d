package wsx

import (
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/ticket"
)

// TestJoinAgainstPublish publishes at every place that there is between the steps of a join: a page with a ticket gets each
// message once, and in order, wherever they fall.
func TestJoinAgainstPublish(t *testing.T) {
	const messages = 4
	steps := []func(*Connection, *joinResult){
		func(c *Connection, a *joinResult) { c.admit(a, "tea") },
		func(c *Connection, a *joinResult) {
			if c.sendAnswers(a) {
				c.hub.writers.wake(c)
			}
		},
		func(c *Connection, a *joinResult) { c.hub.catchUp(a.members[0], deliveryHeld) },
	}
	for _, again := range []bool{false, true} {
		for places := range power(len(steps)+1, messages) {
			t.Run(fmt.Sprintf("again %v, places %d", again, places), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { interleave(t, steps, messages, places, again) })
			})
		}
	}
}

func power(base, n int) int {
	if n == 0 {
		return 1
	}
	return base * power(base, n-1)
}

// interleave publishes so many messages, each before the step that one digit of places names. If again is set, the room had been joined
// before.
func interleave(t *testing.T, steps []func(*Connection, *joinResult), messages, places int, again bool) {
	site := &historySite{t: t, options: Options{Logger: slog.New(slog.DiscardHandler), PingInterval: -1}, room: RoomOptions{History: 10}}
	site.start()
	page := &modelPage{t: t, site: site}
	page.render(func() {})
	page.connect()
	synctest.Wait()
	if !again {
		page.conn.serveLeave(&protocol.Join{Rooms: []string{"tea"}})
	}
	page.apply(all)

	page.gen++
	page.joined = false
	opened, ok := ticket.Open(page.ticket, site.hub.opts.Secrets, site.hub.started)
	require.True(t, ok)
	a := &joinResult{frame: &protocol.Join{Gen: uint64(page.gen), Tickets: []string{page.ticket}}, tickets: []ticket.Ticket{opened}, rooms: []string{"tea"}}
	before := make([]int, len(steps)+1) // messages before each step, and after the last one
	for range messages {
		before[places%len(before)]++
		places /= len(before)
	}
	for i, n := range before {
		for range n {
			site.say()
		}
		if i < len(steps) {
			steps[i](page.conn, a)
			synctest.Wait()
		}
	}
	synctest.Wait()
	page.apply(all)
	require.Equal(t, site.said, page.shown)
	page.cut(all)
	require.NoError(t, site.hub.Shutdown(t.Context()))
}

// A browser that is cut off between the steps of its join has nothing to fetch again.
func TestACutDuringAJoinCountsAsNoReset(t *testing.T) {
	for name, cutBefore := range map[string]int{"before it is a member": 0, "before it is answered": 1} {
		t.Run(name, func(t *testing.T) {
			hub, all := newNullHub(t, 1)
			hub.ConfigureRooms("tea", RoomOptions{History: 10})
			c := all[0]
			cut := func(step int) {
				if step == cutBefore {
					c.end(closeReason{code: 1006, mode: closeAbort})
				}
			}
			a := &joinResult{frame: new(protocol.Join), rooms: []string{"tea"}}
			cut(0)
			c.admit(a, "tea")
			cut(1)
			c.sendAnswers(a)
			require.Zero(t, hub.Stats().Resets)
		})
	}
}
