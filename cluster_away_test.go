package wsx_test

import (
	"errors"
	"html/template"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestWhileTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	a, _, _, db := twoNodes(t)
	p := openPage(t, db, "room/1", a)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	a.broker.Fail(errors.New("no way"))
	untilStats(t, a, "away", func(s wsx.BrokerStats) bool { return s.State == "away" })

	t.Run("a publish into a room with history says so and shows nothing", func(t *testing.T) {
		began := time.Now()
		assert.ErrorIs(t, a.Broadcast("#list", "99", wsx.Append, wsx.Room("room/1")), wsx.ErrUnavailable)
		assert.Less(t, time.Since(began), 10*time.Second)
	})
	t.Run("anything else goes on at this node and says so", func(t *testing.T) {
		browser := wsxtest.Open(t, a.Hub, nil)
		assert.ErrorIs(t, a.Broadcast("#a", "x", wsx.Inner), wsx.ErrUnavailable)
		assert.Equal(t, template.HTML("x"), browser.Next().HTML)
	})
	t.Run("a page that comes is served from memory", func(t *testing.T) {
		openPage(t, db, "room/1", a).untilJoined()
		p.cut()
		p.connect(a)
		p.untilCurrent()
	})
	a.broker.Fail(nil)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	assert.Zero(t, p.resetCount())
}

func TestALostAnswerOfAppendAndTheSameIDIsOneMessage(t *testing.T) {
	t.Parallel()
	a, b, _, db := twoNodes(t)
	p := openPage(t, db, "room/1", b)
	p.untilJoined()
	a.broker.LoseAnswers(errors.New("no answer"))
	time.AfterFunc(100*time.Millisecond, func() { a.broker.LoseAnswers(nil) })
	db.publish(t, "room/1", a.self)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	p.mu.Lock()
	defer p.mu.Unlock()
	assert.Equal(t, []int{1, 2}, p.seen)
}

func TestALostEntryIsReadAgain(t *testing.T) {
	t.Parallel()
	a, b, _, db := twoNodes(t)
	p := openPage(t, db, "room/1", b)
	p.untilJoined()
	b.broker.Lose(1)
	db.publish(t, "room/1", a.self)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	assert.Zero(t, p.resetCount())
	assert.Equal(t, uint64(1), b.Stats().Broker.Gaps)
	b.broker.Double(1)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	assert.Zero(t, p.resetCount())
}

// The last entry is lost, and then there is silence: a beat shows it.
func TestALostLastEntryShowsWithinSeconds(t *testing.T) {
	t.Parallel()
	a, b, _, db := twoNodes(t)
	p := openPage(t, db, "room/1", b)
	p.untilJoined()
	b.broker.Lose(1)
	db.publish(t, "room/1", a.self)
	began := time.Now()
	p.untilCurrent()
	assert.Less(t, time.Since(began), 15*time.Second)
	assert.Zero(t, p.resetCount())
}

func TestANodeThatStartsLateHasTheHistory(t *testing.T) {
	t.Parallel()
	broker, db := wsxtest.NewBroker(), &table{rows: make(map[string]int)}
	a := newNode(t, broker)
	p := openPage(t, db, "room/1", a)
	for range 30 {
		db.publish(t, "room/1", a.self)
	}
	p.untilCurrent()
	p.cut()
	for range 30 {
		db.publish(t, "room/1", a.self)
	}
	a.stop()
	b := newNode(t, broker)
	p.connect(b)
	p.untilCurrent()
	assert.Zero(t, p.resetCount())
}

// A page comes to a node that has not read yet what another one has shown it.
func TestAJoinAheadOfItsNodeWaits(t *testing.T) {
	t.Parallel()
	a, b, _, db := twoNodes(t)
	openPage(t, db, "room/1", b).untilJoined()
	p := openPage(t, db, "room/1", a)
	p.untilJoined()
	b.broker.Hold()
	time.AfterFunc(300*time.Millisecond, b.broker.Release)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	p.cut()
	p.connect(b)
	p.untilJoined()
	p.untilCurrent()
	assert.Zero(t, p.resetCount())
}

func TestAReplacedLogResetsEachPageOnceAndGoesOn(t *testing.T) {
	t.Parallel()
	a, b, broker, db := twoNodes(t)
	pages := []*page{openPage(t, db, "room/1", a), openPage(t, db, "room/1", b)}
	for range 40 {
		db.publish(t, "room/1", a.self)
	}
	for _, p := range pages {
		p.untilCurrent()
	}
	broker.Replace()
	for range 60 { // past the number of the old log
		db.publish(t, "room/1", b.self)
	}
	for _, p := range pages {
		p.untilCurrent()
		assert.GreaterOrEqual(t, p.resetCount(), 1)
		assert.LessOrEqual(t, p.resetCount(), 3, "one for the log, and one for each node that names what it lost")
	}
}

func TestAnOutageLongerThanTheLogIsOneReset(t *testing.T) {
	t.Parallel()
	a, b, broker, db := twoNodes(t)
	p := openPage(t, db, "room/1", b)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	b.broker.Fail(errors.New("no way"))
	untilStats(t, b, "away", func(s wsx.BrokerStats) bool { return s.State == "away" })
	for range 20 {
		db.publish(t, "room/1", a.self)
	}
	broker.Trim(5)
	b.broker.Fail(nil)
	p.untilCurrent()
	assert.Equal(t, 1, p.resetCount())
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
	assert.Equal(t, 1, p.resetCount())
}

func TestStartWithTheBrokerDown(t *testing.T) {
	t.Parallel()
	broker, db := wsxtest.NewBroker(), &table{rows: make(map[string]int)}
	a := newNode(t, broker)
	a.broker.Fail(errors.New("no way"))
	p := openPage(t, db, "room/1", a) // whose ticket is of no log yet
	assert.Equal(t, "loading", a.Stats().Broker.State)
	a.broker.Fail(nil)
	db.publish(t, "room/1", a.self)
	p.untilCurrent()
}
