package wsx

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// joinTea has the browser join with a ticket of now.
func (b *slowBrowser) joinTea(t *testing.T, gen int) {
	ticket, err := b.hub.Ticket(t.Context(), "", "tea")
	require.NoError(t, err)
	join, err := json.Marshal(map[string]any{"type": "join", "gen": gen, "tickets": []string{ticket}})
	require.NoError(t, err)
	b.conn.receive(join)
	synctest.Wait()
}

// A new region comes while much is in the queue, or still to follow, for the others of its room.
func TestARegionThatComesToASlowBrowserTakesNothingFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlowBrowser(t, Options{QueueBytes: 8 << 10}, 100, "tea")
		defer b.leave()
		b.hub.On("again", func(ctx context.Context, r *Request) (*Response, error) {
			if err := r.Conn.Join(ctx, "tea"); err != nil {
				return nil, err
			}
			for range 20 {
				text := fmt.Sprintf("tea-%d", len(b.said["tea"]))
				b.said["tea"] = append(b.said["tea"], text)
				if err := b.hub.Broadcast("#list", template.HTML(text+strings.Repeat(".", 500)), Append, Room("tea")); err != nil {
					return nil, err
				}
			}
			return nil, nil
		})
		b.stall(true)
		for range 3 {
			b.say("tea", 500)
		}
		b.conn.receive([]byte(`{"id":"e","handler":"again"}`))
		synctest.Wait()
		b.joinTea(t, 2)
		b.stall(false)
		assert.Equal(t, b.said["tea"], shownOf(b.frames(), "tea"))
	})
}

func TestAHandlerThatIsLateHoldsNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newSlowBrowser(t, Options{HandlerTimeout: time.Second}, 100, "tea")
		defer b.leave()
		finish := make(chan struct{})
		b.hub.On("slow", func(ctx context.Context, r *Request) (*Response, error) {
			<-ctx.Done() // the browser has been told
			err := r.Conn.Join(context.WithoutCancel(ctx), "tea")
			<-finish
			return nil, err
		})
		b.conn.receive([]byte(`{"id":"e","handler":"slow"}`))
		time.Sleep(3 * time.Second)
		synctest.Wait()
		b.say("tea", 1)
		synctest.Wait()
		assert.Equal(t, b.said["tea"], shownOf(b.frames(), "tea"))
		close(finish)
	})
}
