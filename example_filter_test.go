package wsx_test

import (
	"context"
	"fmt"
	"log"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// A connection must match all filters: everyone in the room except the sender, and except those who muted it.
func ExampleRoom() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	ann, bob, cat := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob")), wsxtest.Open(t, hub, user("cat"))
	for _, page := range []*wsxtest.Browser{ann, bob, cat} {
		if err := page.Conn().Join(context.Background(), "tea"); err != nil {
			log.Fatal(err)
		}
	}
	cat.Conn().SetTag("muted", "yes")

	err := hub.Broadcast("#typing", "Ann is typing", wsx.Inner,
		wsx.Room("tea"), wsx.Except(ann.Conn()), wsx.Not(wsx.Tag("muted")))
	if err != nil {
		log.Fatal(err)
	}
	if err := hub.Broadcast("#typing", "The kettle is on", wsx.Inner, wsx.Room("tea")); err != nil {
		log.Fatal(err)
	}
	fmt.Println("ann:", ann.Next().HTML)
	fmt.Println("bob:", bob.Next().HTML)
	fmt.Println("cat:", cat.Next().HTML)
	// Output:
	// ann: The kettle is on
	// bob: Ann is typing
	// cat: The kettle is on
}

// A user's fragment reaches all of the user's pages.
func ExampleUser() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	phone, laptop, bob := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob"))

	if err := hub.Broadcast("#inbox", "<li>For Ann</li>", wsx.Prepend, wsx.User("ann")); err != nil {
		log.Fatal(err)
	}
	if err := hub.Broadcast("#inbox", "<li>For all</li>", wsx.Prepend); err != nil {
		log.Fatal(err)
	}
	fmt.Println(phone.Next().HTML, laptop.Next().HTML, bob.Next().HTML)
	// Output: <li>For Ann</li> <li>For Ann</li> <li>For all</li>
}

// Near selects by the position that a page has told the program.
func ExampleNear() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	berlin, potsdam := wsxtest.Open(t, hub, nil), wsxtest.Open(t, hub, nil)
	berlin.Conn().SetLocation(52.52, 13.40)
	potsdam.Conn().SetLocation(52.40, 13.07)

	fmt.Println("within 10 km:", hub.Count(wsx.Near(52.50, 13.40, 10)))
	fmt.Println("within 50 km:", hub.Count(wsx.Near(52.50, 13.40, 50)))
	fmt.Println("a filter that names nothing:", hub.Count(wsx.Room()))
	// Output:
	// within 10 km: 1
	// within 50 km: 2
	// a filter that names nothing: 0
}
