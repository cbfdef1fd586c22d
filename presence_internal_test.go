package wsx

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// A timer that has fired cannot be stopped any more: it may come to the lock after its user has come back and gone again.
func TestPresenceIgnoresTheTimerOfAnEarlierExit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, _ := newNullHub(t, 0)
		var left []time.Time
		hub.ConfigureRooms("tea", RoomOptions{OnPresence: func(_ context.Context, _ string, p PresenceDiff) []Fragment {
			if len(p.Left) > 0 {
				left = append(left, time.Now())
			}
			return nil
		}})
		p := &hub.presence
		p.enter("tea", "ann")
		synctest.Wait()
		p.exit("tea", "ann", true)
		a := p.rooms["tea"].users["ann"]
		first := a.exits
		p.enter("tea", "ann")
		p.exit("tea", "ann", true)
		begin := time.Now()
		p.graceOver("tea", "ann", a, first)
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []time.Time{begin.Add(presenceGrace)}, left)
		assert.Empty(t, p.rooms, "nothing is kept of a room that nobody is in")
	})
}
