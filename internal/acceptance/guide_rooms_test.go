package acceptance

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// The code of docs/guide/rooms-with-history.md that is not from the examples: each test runs one section of it.

// joinAs connects a browser and lets it join with a ticket, as a page with wx-ticket does.
func joinAs(t *testing.T, hub *wsx.Hub, name, ticket string) *wsxtest.Browser {
	t.Helper()
	b := wsxtest.Open(t, hub, user(name))
	b.Write(fmt.Sprintf(`{"type":"join","gen":1,"tickets":[%q]}`, ticket))
	synctest.Wait()
	return b
}

func ticketFor(t *testing.T, hub *wsx.Hub, name string, rooms ...string) string {
	t.Helper()
	ticket, err := hub.Ticket(t.Context(), name, rooms...)
	require.NoError(t, err)
	return ticket
}

func TestGuideKeptFilters(t *testing.T) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		hub.ConfigureRooms("auction/*", wsx.RoomOptions{History: 100})
		ann, bob := ticketFor(t, hub, "ann", "auction/7"), ticketFor(t, hub, "bob", "auction/7")
		bid := func(bidder string) error {
			return hub.Broadcast("#bids", wsx.HTMLf("<li>%s</li>", bidder), wsx.Prepend, wsx.Room("auction/7"), wsx.Not(wsx.User(bidder)))
		}
		require.NoError(t, bid("ann"))
		assert.Empty(t, received(joinAs(t, hub, "ann", ann)), "the filter is asked again, of whoever comes later")
		assert.Equal(t, []string{"<li>ann</li>"}, received(joinAs(t, hub, "bob", bob)))

		muted := func(c *wsx.Connection) bool { return c.User() == "bob" }
		err := hub.Broadcast("#bids", "", wsx.Prepend, wsx.Room("auction/7"), wsx.Where(muted))
		assert.ErrorIs(t, err, wsx.ErrFilter)
		assert.ErrorIs(t, hub.Broadcast("#bids", "", wsx.Prepend, wsx.Room("auction/7", "auction/8")), wsx.ErrFilter)
	})
}

func TestGuideAuthorize(t *testing.T) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		banned := map[string]bool{}
		hub.ConfigureRooms("chat/*", wsx.RoomOptions{
			History: 200,
			Authorize: func(_ context.Context, id wsx.Identity, room string) error {
				if banned[id.User] {
					return errors.New("banned")
				}
				return nil
			},
		})
		ticket := ticketFor(t, hub, "ann", "chat/tea")
		assert.Equal(t, []string{"chat/tea"}, joinAs(t, hub, "ann", ticket).Conn().Rooms())
		banned["ann"] = true
		assert.Empty(t, joinAs(t, hub, "ann", ticket).Conn().Rooms(), "though the ticket is good for hours")
		assert.EqualValues(t, 1, hub.Stats().Resets)
	})
}

func TestGuideJoinReadReply(t *testing.T) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		hub.ConfigureRooms("chat/*", wsx.RoomOptions{History: 200})
		read := func(room string) (template.HTML, error) {
			// Somebody speaks while the messages are read.
			return "<li>old</li>", hub.Broadcast("#messages", "<li>new</li>", wsx.Append, wsx.Room(room))
		}
		rooms := []string{"tea", "coffee"}
		hub.On("enter", wsx.Typed(func(ctx context.Context, r *wsx.Request, in struct{ Room string }) (*wsx.Response, error) {
			if !slices.Contains(rooms, in.Room) {
				return nil, wsx.UserErrorf("There is no such room.")
			}
			from := ""
			for _, room := range r.Conn.Rooms() {
				if strings.HasPrefix(room, "chat/") { // the list shows one of them
					from = room
				}
			}
			if err := r.Conn.Switch(ctx, from, "chat/"+in.Room); err != nil {
				return nil, err
			}
			messages, err := read("chat/" + in.Room)
			if err != nil {
				return nil, err
			}
			return r.ReplyTo("#messages", messages, wsx.Inner), nil
		}))
		ann := wsxtest.Open(t, hub, user("ann"))
		answer := ann.Ask("enter", map[string]string{"room": "tea"})
		assert.EqualValues(t, "<li>old</li>", answer[0].HTML)
		assert.EqualValues(t, "<li>new</li>", ann.Next().HTML, "it waited for the answer")
		ann.AskError("enter", map[string]string{"room": "of the directors"})
	})
}

func TestGuideCachedPages(t *testing.T) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		hub.ConfigureRooms("prices", wsx.RoomOptions{History: 1000, TTL: 10 * time.Minute})
		reads := 0
		page := func(w http.ResponseWriter, r *http.Request) {
			ticket, err := hub.Ticket(r.Context(), "", "prices") // "": any user
			if err != nil {
				http.Error(w, "Please try again.", http.StatusServiceUnavailable)
				return
			}
			reads++
			w.Header().Set("Cache-Control", "public, max-age=60")
			fmt.Fprint(w, wsx.HTMLf(`<ul id="prices" wx-ticket="%s" wx-reset="/prices/now"></ul>`, ticket))
		}
		w := httptest.NewRecorder()
		page(w, httptest.NewRequest("GET", "/", nil))
		var ticket string
		_, err := fmt.Sscanf(w.Body.String(), `<ul id="prices" wx-ticket=%q`, &ticket)
		require.NoError(t, err)

		require.NoError(t, hub.Broadcast("#prices", "<li>1.20</li>", wsx.Append, wsx.Room("prices")))
		pass(time.Minute)
		for _, name := range []string{"ann", "bob", ""} {
			assert.Equal(t, []string{"<li>1.20</li>"}, received(joinAs(t, hub, name, ticket)), "%q has the page from the cache", name)
		}
		assert.Equal(t, 1, reads)
		assert.Zero(t, hub.Stats().Resets)
	})
}

func TestGuideManyRooms(t *testing.T) {
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		hub.ConfigureRooms("chat/*", wsx.RoomOptions{History: 200})
		hub.ConfigureRooms("user/*", wsx.RoomOptions{History: 50})
		inbox := func(ctx context.Context, user string) (string, error) {
			return hub.Ticket(ctx, user, "user/"+user, "chat/tea", "chat/coffee")
		}
		notice := func(user string) error {
			return hub.Broadcast("#inbox", "You have mail.", wsx.Inner, wsx.Room("user/"+user))
		}
		ticket, err := inbox(t.Context(), "ann")
		require.NoError(t, err)
		require.NoError(t, notice("ann"))
		ann := joinAs(t, hub, "ann", ticket)
		assert.Equal(t, []string{"You have mail."}, received(ann))
		assert.Equal(t, []string{"user/ann", "chat/tea", "chat/coffee"}, ann.Conn().Rooms())
		assert.Empty(t, joinAs(t, hub, "eve", ticket).Conn().Rooms(), "it is ann's")
	})
}
