package acceptance

import (
	"fmt"
	"html/template"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// A numbering says which broadcast is going on: number n began after begun was n, and ended before ended was.
type numbering struct {
	begun, ended atomic.Int64
	last         int64
}

// await returns when the broadcast of that number has ended, or the last one.
func (n *numbering) await(number int64) {
	for n.ended.Load() < min(number, n.last) {
		runtime.Gosched()
	}
}

// broadcast sends to three audiences under each number.
func (n *numbering) broadcast(t *testing.T, hub *wsx.Hub) {
	for i := range n.last {
		n.begun.Store(i + 1)
		html := template.HTML(strconv.FormatInt(i+1, 10))
		assert.NoError(t, hub.Broadcast("#room", html, wsx.Inner, wsx.Room("r")))
		assert.NoError(t, hub.Broadcast("#user", html, wsx.Inner, wsx.User("u")))
		assert.NoError(t, hub.Broadcast("#all", html, wsx.Inner))
		n.ended.Store(i + 1)
		runtime.Gosched()
	}
}

// A stay is a time in an audience, in the numbers of broadcasts: those after entered and up to leaving must arrive; those
// up to entering and after left must not; what was going on meanwhile may.
type stay struct{ entering, entered, leaving, left int64 }

// stays are those of one connection in one audience, one after the other.
type stays []stay

// during notes one stay: enter and leave are the calls that begin and end it, between waits.
func (s *stays) during(n *numbering, enter, between, leave func()) {
	one := stay{entering: n.ended.Load()}
	enter()
	one.entered = n.begun.Load()
	between()
	one.leaving = n.ended.Load()
	leave()
	one.left = n.begun.Load()
	*s = append(*s, one)
}

// check asserts that what arrived of 1 to last is in order, lacks nothing of a stay and has nothing from outside.
func (s stays) check(t *testing.T, who string, got []int64, last int64) {
	t.Helper()
	arrived := make(map[int64]bool)
	previous := int64(0)
	for _, n := range got {
		if n <= previous {
			t.Errorf("%s: %d came after %d", who, n, previous)
			return
		}
		arrived[n], previous = true, n
	}
	outside := int64(0) // the last number of which nobody was told anything yet
	for _, one := range append(s, stay{entering: last}) {
		for n := outside + 1; n <= one.entering; n++ {
			if arrived[n] {
				t.Errorf("%s: %d arrived outside of %v", who, n, s)
				return
			}
		}
		for n := one.entered + 1; n <= one.leaving; n++ {
			if !arrived[n] {
				t.Errorf("%s: %d is missing within %v", who, n, one)
				return
			}
		}
		outside = one.left
	}
}

// The marks that a mover sends itself before it enters an audience and after it has left.
const entering, left = "entering", "left"

// numbers returns which broadcasts a browser was sent at target. None may stand between the marks of having left and of
// entering again: when Leave has returned, not even what was going on is queued any more.
func numbers(t *testing.T, fragments []wsx.Fragment, target string) (all []int64) {
	t.Helper()
	outside := false
	for _, f := range fragments {
		if f.Target != target {
			continue
		}
		switch f.HTML {
		case entering:
			outside = false
			continue
		case left:
			outside = true
			continue
		}
		n, err := strconv.ParseInt(string(f.HTML), 10, 64)
		require.NoError(t, err)
		if outside {
			t.Errorf("at %s, %d came after the connection had left", target, n)
			return all
		}
		all = append(all, n)
	}
	return all
}

func untilEnd(b *wsxtest.Browser) (all []wsx.Fragment) {
	for {
		f := b.Next()
		if f.Target == "#end" {
			return all
		}
		all = append(all, f)
	}
}

// TestAudiencesUnderConcurrency: whatever happens at the same time, nothing that is sent after Leave, SetUser or Disconnect
// returned reaches the connection, and members miss nothing.
func TestAudiencesUnderConcurrency(t *testing.T) {
	t.Parallel()
	const last, movers, victims, crowd = 1_000, 4, 8, 200
	hub := newHub(t, &wsx.Options{Authenticate: asUser, QueueBytes: 1 << 30, QueueFrames: 1 << 20, WriteTimeout: time.Hour})
	n := numbering{last: last}
	for range crowd { // who read nothing, so that a broadcast takes its time until it comes to the others
		c := dialPipe(t, hub).conn(hub)
		c.SetUser("u")
		require.NoError(t, c.Join(t.Context(), "r"))
	}
	member := wsxtest.Open(t, hub, user("u"))
	require.NoError(t, member.Conn().Join(t.Context(), "r"))
	var moving, leaving []*wsxtest.Browser
	for range movers {
		moving = append(moving, wsxtest.Open(t, hub, nil))
	}
	for i := range victims {
		leaving = append(leaving, wsxtest.Open(t, hub, user(fmt.Sprint("victim", i))))
	}

	var running sync.WaitGroup
	running.Go(func() { n.broadcast(t, hub) })
	inRoom, asU, open := make([]stays, movers), make([]stays, movers), make([]stays, victims)
	for i, b := range moving {
		running.Go(func() { move(t, &n, b.Conn(), &inRoom[i], &asU[i]) })
	}
	for i := range leaving {
		until := int64(last * (i + 1) / (victims + 1))
		open[i].during(&n, func() {}, func() { n.await(until) }, func() {
			assert.NoError(t, hub.Disconnect(nil, wsx.User(fmt.Sprint("victim", i))))
		})
	}
	running.Wait()
	require.NoError(t, hub.Broadcast("#end", "", wsx.Inner))

	all := untilEnd(member)
	always := stays{{leaving: last, left: last}}
	for _, target := range []string{"#room", "#user", "#all"} {
		always.check(t, "the member, at "+target, numbers(t, all, target), last)
	}
	for i, b := range moving {
		all := untilEnd(b)
		inRoom[i].check(t, "a mover, in the room", numbers(t, all, "#room"), last)
		asU[i].check(t, "a mover, as the user", numbers(t, all, "#user"), last)
		always.check(t, "a mover, as everybody", numbers(t, all, "#all"), last)
	}
	for i, b := range leaving {
		code, _ := b.Closed()
		assert.Equal(t, 4401, code)
		open[i][0].entering, open[i][0].entered = 0, 0 // it was there before the first
		open[i].check(t, "a victim", numbers(t, b.Pushed(), "#all"), last)
	}
}

// move joins and leaves until the last broadcast.
func move(t *testing.T, n *numbering, c *wsx.Connection, inRoom, asU *stays) {
	mark := func(target, what string) { assert.NoError(t, c.Send(target, wsx.Text(what), wsx.Inner)) }
	for i := int64(0); n.ended.Load() < n.last; i++ {
		pause := func() { n.await(n.ended.Load() + i%3) }
		mark("#room", entering)
		inRoom.during(n, func() { assert.NoError(t, c.Join(t.Context(), "r")) }, pause, func() { c.Leave("r") })
		mark("#room", left)
		mark("#user", entering)
		asU.during(n, func() { c.SetUser("u") }, pause, func() { c.SetUser(fmt.Sprint("other", i%2)) })
		mark("#user", left)
		pause()
	}
}
