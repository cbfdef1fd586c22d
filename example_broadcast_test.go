package wsx_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// Without filters, a broadcast reaches every connected page.
func ExampleHub_Broadcast() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	ann, bob := wsxtest.Open(t, hub, nil), wsxtest.Open(t, hub, nil)

	err := hub.Broadcast("#messages", wsx.HTMLf("<li>%s</li>", "1 < 2"), wsx.Append)
	if err != nil {
		log.Fatal(err)
	}
	for _, page := range []*wsxtest.Browser{ann, bob} {
		f := page.Next()
		fmt.Println(f.Target, f.HTML, f.Swap)
	}
	// Output:
	// #messages <li>1 &lt; 2</li> beforeend
	// #messages <li>1 &lt; 2</li> beforeend
}

// A message with an ID is published once, even if the publisher has to try again.
func ExampleHub_Publish() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	page := wsxtest.Open(t, hub, nil)

	message := wsx.Message{
		ID: "order-7-paid", // the id of an outbox row
		Fragments: []wsx.Fragment{
			{Target: "#orders", HTML: "<li>7: paid</li>", Swap: wsx.Append},
			{Target: "#count", HTML: "7", Swap: wsx.TextContent},
		},
	}
	for range 2 {
		if err := hub.Publish(context.Background(), message); err != nil {
			log.Fatal(err)
		}
	}
	if err := hub.Broadcast("#orders", "<li>8: paid</li>", wsx.Append); err != nil {
		log.Fatal(err)
	}
	for range 3 {
		fmt.Println(page.Next().HTML)
	}
	// Output:
	// <li>7: paid</li>
	// 7
	// <li>8: paid</li>
}

// A Key promises that the newest message is enough. A page that missed three prices receives only the last.
func ExampleHub_Publish_key() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	hub.ConfigureRooms("stock/*", wsx.RoomOptions{History: 100})
	ticket, err := hub.Ticket(context.Background(), "", "stock/ACME")
	if err != nil {
		log.Fatal(err)
	}

	for _, price := range []string{"11", "12", "13"} {
		message := wsx.Message{
			Key:       "price", // replaces an older price that is still queued
			Fragments: []wsx.Fragment{{Target: "#price", HTML: wsx.Text(price)}},
		}
		if err := hub.Publish(context.Background(), message, wsx.Room("stock/ACME")); err != nil {
			log.Fatal(err)
		}
	}

	page := wsxtest.Open(t, hub, nil)
	page.Write(fmt.Sprintf(`{"type":"join","gen":1,"tickets":[%q]}`, ticket)) // as the script does for wx-ticket
	fmt.Println(page.Next().HTML)
	fmt.Println(hub.Stats().Dropped["conflated"], "conflated")
	// Output:
	// 13
	// 2 conflated
}

// A long job keeps the id of the page that asked for it.
func ExampleHub_SendToConnection() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	page := wsxtest.Open(t, hub, nil)
	id := page.Conn().ID()

	fmt.Println(hub.SendToConnection(id, "#job", "Done.", wsx.Inner))
	fmt.Println(page.Next().HTML)

	page.Conn().Close(nil)
	err := hub.SendToConnection(id, "#job", "Done again.", wsx.Inner)
	fmt.Println(errors.Is(err, wsx.ErrNotConnected))
	// Output:
	// <nil>
	// Done.
	// true
}
