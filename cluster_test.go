package wsx_test

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// twoNodes returns two nodes on one log, and an empty table.
func twoNodes(t *testing.T) (a, b *clusterNode, broker *wsxtest.Broker, db *table) {
	broker = wsxtest.NewBroker()
	return newNode(t, broker), newNode(t, broker), broker, &table{rows: make(map[string]int)}
}

func (n *clusterNode) self() *clusterNode { return n }

func untilStats(t *testing.T, n *clusterNode, what string, is func(wsx.BrokerStats) bool) {
	t.Helper()
	require.Eventually(t, func() bool { return is(n.Stats().Broker) }, clusterPatience, 2*time.Millisecond, what)
}

func TestABrokerNeedsSecrets(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, "wsx: Options.Broker: needs Options.Secrets, the same on every node", func() {
		wsx.New(&wsx.Options{Broker: wsxtest.NewBroker()})
	})
}

func TestAPublishReachesThePagesOfAllNodes(t *testing.T) {
	t.Parallel()
	a, b, _, db := twoNodes(t)
	pages := []*page{openPage(t, db, "room/1", a), openPage(t, db, "room/1", b)}
	for range 20 {
		db.publish(t, "room/1", a.self)
		db.publish(t, "room/1", b.self)
	}
	for _, p := range pages {
		p.untilCurrent()
		assert.Zero(t, p.resetCount())
	}
}

func TestAllNodesGiveOneOrderToPublishersOnBoth(t *testing.T) {
	t.Parallel()
	a, b, _, db := twoNodes(t)
	pages := []*page{openPage(t, db, "room/1", a), openPage(t, db, "room/1", b)}
	for _, p := range pages {
		p.untilJoined()
	}
	var running sync.WaitGroup
	for _, n := range []*clusterNode{a, b} {
		running.Go(func() {
			for i := range 50 {
				assert.NoError(t, n.Broadcast("#list", template.HTML("x"+string(rune('a'+i%26))), wsx.Append, wsx.Room("room/2")))
			}
		})
	}
	var orders [2][]string
	for i, n := range []*clusterNode{a, b} {
		browser := wsxtest.Open(t, n.Hub, nil)
		require.NoError(t, browser.Conn().Join(context.Background(), "room/2"))
		running.Go(func() {
			for len(orders[i]) == 0 || orders[i][len(orders[i])-1] != "end" {
				orders[i] = append(orders[i], string(browser.Next().HTML))
			}
		})
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = a.Broadcast("#list", "end", wsx.Append, wsx.Room("room/2")) })
	running.Wait()
	n := min(len(orders[0]), len(orders[1]))
	assert.Equal(t, orders[0][len(orders[0])-n:], orders[1][len(orders[1])-n:])
}

func TestAMessageWithoutHistoryReachesAllNodes(t *testing.T) {
	t.Parallel()
	a, b, _, _ := twoNodes(t)
	here, there := wsxtest.Open(t, a.Hub, nil), wsxtest.Open(t, b.Hub, nil)
	untilStats(t, a, "two nodes", func(s wsx.BrokerStats) bool { return s.Nodes == 2 })
	require.NoError(t, a.Broadcast("#a", "all", wsx.Inner))
	require.NoError(t, a.Broadcast("#a", "local", wsx.Inner, wsx.Local()))
	require.NoError(t, a.Broadcast("#a", "local in any", wsx.Inner, wsx.Any(wsx.Local())))
	require.NoError(t, a.Broadcast("#a", "others", wsx.Inner, wsx.Not(wsx.Any(wsx.Local()))))
	require.NoError(t, a.Broadcast("#a", "not me", wsx.Inner, wsx.Except(here.Conn())))
	var batch wsx.Batch
	batch.Add("#a", "one", wsx.Inner)
	batch.Add("#b", "two", wsx.Inner)
	require.NoError(t, a.Flush(&batch))
	require.NoError(t, a.Broadcast("#a", "end", wsx.Inner))
	for browser, want := range map[*wsxtest.Browser][]string{
		here:  {"all", "local", "local in any", "one", "two", "end"},
		there: {"all", "others", "not me", "one", "two", "end"},
	} {
		var got []string
		for range want {
			got = append(got, string(browser.Next().HTML))
		}
		assert.Equal(t, want, got)
	}
}

func TestAWhereNeedsLocal(t *testing.T) {
	t.Parallel()
	a, _, _, _ := twoNodes(t)
	all := wsx.Where(func(*wsx.Connection) bool { return true })
	assert.ErrorIs(t, a.Broadcast("#a", "x", wsx.Inner, all), wsx.ErrFilter)
	assert.ErrorIs(t, a.Broadcast("#a", "x", wsx.Inner, wsx.Not(all)), wsx.ErrFilter)
	assert.ErrorIs(t, a.Disconnect(nil, all), wsx.ErrFilter)
	assert.NoError(t, a.Broadcast("#a", "x", wsx.Inner, all, wsx.Local()))
	assert.NoError(t, a.Disconnect(nil, all, wsx.Local()))
}

func TestAFlushToSeveralRoomsIsOneEntry(t *testing.T) {
	t.Parallel()
	a, b, _, _ := twoNodes(t)
	browser := wsxtest.Open(t, b.Hub, nil)
	require.NoError(t, browser.Conn().Join(context.Background(), "room/1"))
	require.NoError(t, browser.Conn().Join(context.Background(), "room/2"))
	var batch wsx.Batch
	for _, room := range []string{"room/1", "room/2", "room/1"} {
		batch.Add("#"+room[5:], template.HTML(room), wsx.Inner, wsx.Room(room))
	}
	before := a.Stats().Broker.Appended
	require.NoError(t, a.Flush(&batch))
	assert.Equal(t, before+1, a.Stats().Broker.Appended)
	var got []string
	for range 3 {
		got = append(got, string(browser.Next().HTML))
	}
	assert.Equal(t, []string{"room/1", "room/1", "room/2"}, got)
}

func TestSendToConnectionFindsTheNode(t *testing.T) {
	t.Parallel()
	a, b, _, _ := twoNodes(t)
	browser := wsxtest.Open(t, b.Hub, nil)
	wsxtest.Open(t, a.Hub, nil)
	untilStats(t, a, "two nodes", func(s wsx.BrokerStats) bool { return s.Nodes == 2 })
	require.NoError(t, a.SendToConnection(browser.Conn().ID(), "#a", "x", wsx.Inner))
	assert.Equal(t, template.HTML("x"), browser.Next().HTML)
	assert.ErrorIs(t, a.SendToConnection("nSTRANGER-1", "#a", "x", wsx.Inner), wsx.ErrNotConnected)
	b.stop()
	untilStats(t, a, "one node", func(s wsx.BrokerStats) bool { return s.Nodes == 1 })
	assert.ErrorIs(t, a.SendToConnection(browser.Conn().ID(), "#a", "x", wsx.Inner), wsx.ErrNotConnected)
}

func TestDisconnectReachesANodeThatWasCutOff(t *testing.T) {
	t.Parallel()
	a, b, _, _ := twoNodes(t)
	browser := wsxtest.Open(t, b.Hub, nil)
	browser.Conn().SetTag("plan", "free")
	untilStats(t, b, "up", func(s wsx.BrokerStats) bool { return s.State == "up" })
	b.broker.Fail(errors.New("no way"))
	untilStats(t, b, "away", func(s wsx.BrokerStats) bool { return s.State == "away" })
	require.NoError(t, a.Disconnect(wsx.UserErrorf("Your plan has ended."), wsx.Tag("plan", "free")))
	b.broker.Fail(nil)
	code, reason := browser.Closed()
	assert.Equal(t, 4403, code)
	assert.Equal(t, "Your plan has ended.", reason)
	var user *wsx.UserError
	assert.ErrorAs(t, context.Cause(browser.Conn().Context()), &user)
}

func TestANodeWithAnotherSecretIsNotBelieved(t *testing.T) {
	t.Parallel()
	broker, db := wsxtest.NewBroker(), &table{rows: make(map[string]int)}
	a := newNode(t, broker)
	p := openPage(t, db, "room/1", a)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	stranger := wsx.New(&wsx.Options{Broker: broker, Secrets: [][]byte{[]byte("another secret than the others have")}, Logger: slog.New(slog.DiscardHandler)})
	defer stranger.Shutdown(context.Background())
	stranger.ConfigureRooms("room/*", wsx.RoomOptions{History: 10})
	browser := wsxtest.Open(t, a.Hub, nil)
	require.NoError(t, stranger.Broadcast("#list", "7", wsx.Append, wsx.Room("room/1")))
	require.NoError(t, stranger.Broadcast("#a", "to all", wsx.Inner))
	untilStats(t, a, "unreadable", func(s wsx.BrokerStats) bool { return s.Unreadable >= 2 })
	require.NoError(t, a.Broadcast("#a", "end", wsx.Inner))
	assert.Equal(t, template.HTML("end"), browser.Next().HTML)
	db.publish(t, "room/1", a.self)
	p.untilCurrent() // after a reset: an entry of an unknown key may have said anything
}

func TestAKeyIsReplacedInTwoDeploys(t *testing.T) {
	t.Parallel()
	broker := wsxtest.NewBroker()
	old, next := []byte("the old secret of the nodes"), []byte("the new secret of the nodes")
	var hubs []*wsx.Hub
	for _, secrets := range [][][]byte{{old, next}, {next, old}} {
		hub := wsx.New(&wsx.Options{Broker: broker, Secrets: secrets, Logger: slog.New(slog.DiscardHandler)})
		t.Cleanup(func() { hub.Shutdown(context.Background()) })
		hubs = append(hubs, hub)
	}
	for i, hub := range hubs {
		browser := wsxtest.Open(t, hubs[1-i], nil)
		require.Eventually(t, func() bool { return hub.Stats().Broker.Nodes == 2 || hub.Broadcast("#a", "wake", wsx.Inner) != nil }, clusterPatience, time.Millisecond)
		require.NoError(t, hub.Broadcast("#a", "x", wsx.Inner))
		for browser.Next().HTML != "x" {
		}
	}
}

func TestALoneHubNeedsNoBroker(t *testing.T) {
	t.Parallel()
	hub := wsx.New(nil)
	defer hub.Shutdown(context.Background())
	assert.Zero(t, hub.Stats().Broker)
}

// In a synctest bubble, as in the tests of programs.
func TestTwoHubsInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broker := wsxtest.NewBroker()
		var browsers []*wsxtest.Browser
		var hubs []*wsx.Hub
		for range 2 {
			hub := wsx.New(&wsx.Options{Broker: broker, Secrets: clusterSecret})
			hub.ConfigureRooms("room/*", wsx.RoomOptions{History: 10})
			defer hub.Shutdown(context.Background())
			browser := wsxtest.Open(t, hub, nil)
			require.NoError(t, browser.Conn().Join(t.Context(), "room/1"))
			hubs, browsers = append(hubs, hub), append(browsers, browser)
		}
		time.Sleep(time.Minute)
		assert.Equal(t, 2, hubs[0].Stats().Broker.Nodes)
		require.NoError(t, hubs[0].Broadcast("#a", "x", wsx.Inner, wsx.Room("room/1")))
		for _, browser := range browsers {
			assert.Equal(t, template.HTML("x"), browser.Next().HTML)
			browser.Close()
		}
	})
}

func TestDisconnectCarriesErrValues(t *testing.T) {
	t.Parallel()
	a, b, _, _ := twoNodes(t)
	for cause, want := range map[error]error{wsx.ErrExpired: wsx.ErrExpired, errors.New("secret words"): nil} {
		browser := wsxtest.Open(t, b.Hub, nil)
		untilStats(t, b, "up", func(s wsx.BrokerStats) bool { return s.State == "up" })
		require.NoError(t, a.Disconnect(cause))
		browser.Closed()
		require.Eventually(t, func() bool { return browser.Conn().Context().Err() != nil }, clusterPatience, time.Millisecond)
		got := context.Cause(browser.Conn().Context())
		if want != nil {
			assert.ErrorIs(t, got, want)
		} else {
			assert.False(t, strings.Contains(got.Error(), "secret"), "of another error nothing crosses")
		}
	}
}
