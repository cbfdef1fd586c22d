package acceptance

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestHeartbeat(t *testing.T) {
	t.Run("keeps a silent page for an hour", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			hub := newHub(t, nil)
			for range 3 {
				wsxtest.Open(t, hub, nil)
			}
			before := hub.Stats().Frames
			<-time.After(time.Hour)
			assert.Equal(t, 3, hub.Count())
			assert.InDelta(t, 3*3600/25, int(hub.Stats().Frames-before), 6, "one ping in 25 s for each")
		})
	})
	t.Run("finds a page that answers no ping", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			hub := newHub(t, nil)
			begin := time.Now()
			var ended time.Duration
			hub.OnDisconnect(func(_ *wsx.Connection, cause error) {
				ended = time.Since(begin)
				assert.ErrorContains(t, cause, "ping")
			})
			wsxtest.OpenMute(t, hub, nil)
			<-time.After(time.Minute)
			assert.Zero(t, hub.Count())
			assert.Greater(t, ended, 10*time.Second)
			assert.LessOrEqual(t, ended, 37*time.Second, "PingInterval and PongTimeout after it came")
		})
	})
	t.Run("is switched off by a negative PingInterval", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			hub := newHub(t, &wsx.Options{PingInterval: -1})
			wsxtest.OpenMute(t, hub, nil)
			<-time.After(time.Hour)
			assert.Equal(t, 1, hub.Count())
		})
	})
	t.Run("waits while a handler keeps the page waiting", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			hub := newHub(t, &wsx.Options{HandlerTimeout: -1})
			release := make(chan struct{})
			hub.On("wait", func(context.Context, *wsx.Request) (*wsx.Response, error) { <-release; return nil, nil })
			b := wsxtest.OpenMute(t, hub, nil)
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				for range 40 { // more than may wait, so the reader pauses and could not see an answer
					b.Write(`{"id":"1","handler":"wait"}`)
				}
			}()
			<-time.After(10 * time.Minute)
			assert.Equal(t, 1, hub.Count())
			close(release)
			<-sent
			<-time.After(time.Minute)
			assert.Zero(t, hub.Count(), "then it has to answer again")
		})
	})
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newHub(t, &wsx.Options{Authenticate: func(*http.Request) (wsx.Identity, error) {
			return wsx.Identity{User: "ann", Expires: time.Now().Add(time.Hour)}, nil
		}})
		var causes []error
		hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes = append(causes, cause) })
		b := wsxtest.Open(t, hub, nil)
		<-time.After(time.Hour - time.Second)
		assert.Equal(t, 1, hub.Count())
		<-time.After(time.Second)
		code, _ := b.Closed()
		assert.Equal(t, 4401, code)
		synctest.Wait()
		assert.Equal(t, []error{wsx.ErrExpired}, causes)
	})
}
