package acceptance

import (
	"context"
	"errors"
	"html/template"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// The rest of the code of docs/guide/broadcasting.md: batches, rates, errors.

func TestGuideBatch(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		synctest.Wait() // the greetings have been written
		synctest.Wait() // the greetings have been counted
		before := hub.Stats().Frames
		goal := func(score, scorer string) error {
			var b wsx.Batch
			b.Add("#score", wsx.Text(score), wsx.Inner)
			b.Add("#events", wsx.HTMLf("<li>Goal by %s</li>", scorer), wsx.Prepend)
			b.Add("#mine", "Your player has scored!", wsx.Inner, wsx.User("ann"))
			return hub.Flush(&b)
		}
		require.NoError(t, goal("1:0", "Dede"))
		assert.Equal(t, []string{"1:0", "<li>Goal by Dede</li>", "Your player has scored!"}, received(ann))
		assert.Equal(t, []string{"1:0", "<li>Goal by Dede</li>"}, received(bob))
		assert.Len(t, received(cat), 2)
		assert.Equal(t, uint64(3), hub.Stats().Frames-before, "one for each page")
	})
}

func TestGuideBatcher(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		prices := wsx.NewBatcher(hub, wsx.BatcherOptions{Window: 200 * time.Millisecond})
		defer prices.Close(context.Background())
		onPrice := func(price template.HTML) error {
			return prices.Broadcast("#price", price, wsx.Inner)
		}
		for _, price := range []template.HTML{"10", "11", "12", "13"} {
			require.NoError(t, onPrice(price))
		}
		pass(200 * time.Millisecond)
		assert.Equal(t, []string{"13"}, received(ann))
	})
}

func TestGuideRate(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		slow := wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{PerSecond: 5, Queue: 2, Overflow: wsx.Reject})
		shout := func(text string) error {
			err := slow.Broadcast("#shouts", wsx.HTMLf("<li>%s</li>", text), wsx.Append)
			if errors.Is(err, wsx.ErrQueueFull) {
				return wsx.UserErrorf("Too many are shouting. Try again in a moment.")
			}
			return err
		}
		require.NoError(t, shout("1"))
		assert.Len(t, received(ann), 1)
		require.NoError(t, shout("2"))
		require.NoError(t, shout("3"))
		assert.EqualError(t, shout("4"), "Too many are shouting. Try again in a moment.")
		pass(200 * time.Millisecond)
		assert.Len(t, received(ann), 1)
		pass(200 * time.Millisecond)
		assert.Len(t, received(ann), 1)

		slow = wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{PerSecond: 5})
		require.NoError(t, shout("5"))
		require.NoError(t, shout("6"))
		stop := func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			return slow.Close(ctx) // sends what is queued; after 5 s drops the rest and returns an error
		}
		require.NoError(t, stop())
		assert.Equal(t, []string{"<li>5</li>", "<li>6</li>"}, received(ann))
		assert.Equal(t, wsx.RateLimiterStats{Sent: 2}, slow.Stats())
	})
}

func TestGuideErrors(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		log := slog.New(slog.DiscardHandler)
		var failed []string
		tell := func(target string, html template.HTML) {
			err := hub.Broadcast(target, html, wsx.Inner)
			switch {
			case errors.Is(err, wsx.ErrClosed): // shutting down: no connections are left
			case err != nil: // a bug: no target, unknown swap, too large. Nothing was sent
				log.Error("broadcast failed", "target", target, "error", err)
				failed = append(failed, target)
			}
		}
		tell("#a", "fine")
		tell("", "no target")
		assert.Equal(t, []string{""}, failed)
		assert.Equal(t, []string{"fine"}, received(ann))
		require.NoError(t, hub.Shutdown(t.Context()))
		tell("#a", "too late")
		assert.Len(t, failed, 1)
	})
}

func TestGuideCleaningUp(t *testing.T) {
	guide(t, func(t *testing.T, hub *wsx.Hub, ann, bob, cat *wsxtest.Browser) {
		var games = wsx.NewKey[*time.Timer]("game")
		hub.On("play", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			c := r.Conn
			games.Set(c, time.AfterFunc(time.Minute, func() { c.Send("#game", "Time is up.", wsx.Inner) }))
			return nil, c.Join(c.Context(), "game")
		})
		hub.OnDisconnect(func(c *wsx.Connection, _ error) {
			if timer, ok := games.Get(c); ok {
				timer.Stop()
			}
		})
		ann.Ask("play", nil)
		bob.Ask("play", nil)
		assert.Equal(t, 2, hub.Count(wsx.Room("game")))
		timer, _ := games.Get(ann.Conn())
		ann.Close()
		pass(time.Second)
		assert.False(t, timer.Stop(), "it was stopped already")
		pass(time.Minute)
		assert.Equal(t, []string{"Time is up."}, received(bob))
		assert.Equal(t, 1, hub.Count(wsx.Room("game")))
	})
}
