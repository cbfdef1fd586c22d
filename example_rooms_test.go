package wsx_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// A message between the rendering of a page and its connection isn't lost.
func ExampleHub_Ticket() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	messages := []string{"old"} // a database
	hub.ConfigureRooms("chat/*", wsx.RoomOptions{History: 200})

	// Render the page: the ticket first, then the data.
	ticket, err := hub.Ticket(context.Background(), "ann", "chat/tea")
	if err != nil {
		log.Fatal(err)
	}
	page := wsx.HTMLf(`<ul id="messages" wx-ticket="%s"><li>%s</li></ul>`, ticket, messages[0])

	// Meanwhile there is news.
	if err := hub.Broadcast("#messages", "<li>new</li>", wsx.Append, wsx.Room("chat/tea")); err != nil {
		log.Fatal(err)
	}

	// The browser has loaded the page and connects.
	ann := wsxtest.Open(t, hub, user("ann"))
	ann.Write(fmt.Sprintf(`{"type":"join","gen":1,"tickets":[%q]}`, ticket)) // as the script does for wx-ticket
	fmt.Println(page[len(page)-len("<li>old</li></ul>"):])
	fmt.Println(ann.Next().HTML)
	// Output:
	// <li>old</li></ul>
	// <li>new</li>
}

// The longest pattern that matches a room counts. Authorize is asked at every join.
func ExampleHub_ConfigureRooms() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	hub.ConfigureRooms("chat/*", wsx.RoomOptions{History: 200})
	hub.ConfigureRooms("chat/staff", wsx.RoomOptions{
		History: 1000,
		Authorize: func(_ context.Context, id wsx.Identity, room string) error {
			if id.User != "ann" {
				return errors.New("not on the staff")
			}
			return nil
		},
	})

	ctx := context.Background()
	ann, bob := wsxtest.Open(t, hub, user("ann")).Conn(), wsxtest.Open(t, hub, user("bob")).Conn()
	fmt.Println("ann:", ann.Join(ctx, "chat/tea"), ann.Join(ctx, "chat/staff"))
	fmt.Println("bob:", bob.Join(ctx, "chat/tea"), bob.Join(ctx, "chat/staff") != nil)
	fmt.Println(ann.Rooms(), bob.Rooms())
	// Output:
	// ann: <nil> <nil>
	// bob: <nil> true
	// [chat/tea chat/staff] [chat/tea]
}

// OnPresence returns what the members of a room see when users come or go.
func ExampleRoomOptions_onPresence() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	hub.ConfigureRooms("chat/*", wsx.RoomOptions{
		OnPresence: func(_ context.Context, room string, p wsx.PresenceDiff) []wsx.Fragment {
			return []wsx.Fragment{{Target: "#online", HTML: wsx.HTMLf("%d online", len(p.Members))}}
		},
	})

	ann, bob := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob"))
	for _, page := range []*wsxtest.Browser{ann, bob} {
		if err := page.Conn().Join(context.Background(), "chat/tea"); err != nil {
			log.Fatal(err)
		}
		fmt.Println(ann.Next().HTML)
	}
	bob.Conn().Leave("chat/tea")
	fmt.Println(ann.Next().HTML)
	// Output:
	// 1 online
	// 2 online
	// 1 online
}

// A handler decides who may join. What the room receives meanwhile follows the reply.
func ExampleConnection_Join() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	hub.On("enter", wsx.Typed(func(ctx context.Context, r *wsx.Request, in struct{ Room string }) (*wsx.Response, error) {
		if in.Room != "tea" && in.Room != "coffee" {
			return nil, wsx.UserErrorf("There is no room %s.", in.Room)
		}
		return r.ReplyTo("#room", wsx.Text(in.Room), wsx.Inner), r.Conn.Join(ctx, "chat/"+in.Room)
	}))

	page := wsxtest.Open(t, hub, nil)
	fmt.Println(page.Ask("enter", map[string]string{"room": "tea"})[0].HTML, page.Conn().Rooms())
	_, text := page.AskError("enter", map[string]string{"room": "<gin>"})
	fmt.Println(text)
	fmt.Println(page.Conn().Switch(context.Background(), "chat/tea", "chat/coffee"), page.Conn().Rooms())
	// Output:
	// tea [chat/tea]
	// There is no room &lt;gin&gt;.
	// <nil> [chat/coffee]
}
