package wsx_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/coder/websocket"

	"github.com/wsxgo/wsx"
)

// A hub is mounted like every other handler.
func ExampleNew() {
	hub := wsx.New(nil)
	mux := http.NewServeMux()
	mux.Handle("GET /live", hub)
	mux.Handle("GET /wsx.js", wsx.Script())

	server := httptest.NewServer(mux)
	defer server.Close()
	resp, err := http.Get(server.URL + "/live") // no browser asks like this
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	// Output: 426 Upgrade Required
}

// What is broadcast reaches every page that is connected.
func ExampleHub_Broadcast() {
	hub := wsx.New(nil)
	server := httptest.NewServer(hub)
	defer server.Close()
	defer hub.Shutdown(context.Background())

	ctx := context.Background()
	page, _, err := websocket.Dial(ctx, server.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer page.CloseNow()
	page.Read(ctx) // the hub's greeting

	if err := hub.Broadcast("#messages", wsx.HTMLf("<li>%s</li>", "1 < 2"), wsx.Append); err != nil {
		log.Fatal(err)
	}
	_, frame, err := page.Read(ctx)
	_, update, _ := strings.Cut(string(frame), ",") // after the id
	fmt.Println(update, err)
	// Output: "target":"#messages","html":"<li>1 &lt; 2</li>","swap":"beforeend"} <nil>
}

// A handler is a function, so a test of one calls it.
func ExampleTyped() {
	add := wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ A, B int }) (*wsx.Response, error) {
		return r.Reply(wsx.HTMLf("<b>%d</b>", in.A+in.B)), nil
	})

	form := []byte(`{"a":"19","b":"23"}`) // forms know nothing but strings
	resp, err := add(context.Background(), &wsx.Request{Target: "#sum", Swap: wsx.Inner, Data: form})
	fmt.Println(resp.Fragments[0].Target, resp.Fragments[0].HTML, err)
	// Output: #sum <b>42</b> <nil>
}

// Several fragments change in one frame.
func ExampleResponse_And() {
	var r wsx.Request
	resp := r.ReplyTo("#items", "<li>new</li>", wsx.Append).And("#count", "4", wsx.TextContent)
	for _, f := range resp.Fragments {
		fmt.Println(f.Target, f.Swap)
	}
	// Output:
	// #items beforeend
	// #count textContent
}

// Of all errors, only this one's text is shown to the person at the browser.
func ExampleErrorf() {
	err := fmt.Errorf("saving order 7: %w", wsx.UserErrorf("The date %s is taken.", "12 May"))
	var user *wsx.UserError
	if errors.As(err, &user) {
		fmt.Println(user.Text)
	}
	// Output: The date 12 May is taken.
}

// A connection keeps values of the program's, with their types.
func ExampleNewKey() {
	cart := wsx.NewKey[[]string]("cart")
	handler := func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		items, _ := cart.Get(r.Conn)
		cart.Set(r.Conn, append(items, "tea"))
		return nil, nil
	}
	hub := wsx.New(nil)
	hub.On("buy", handler)
	fmt.Println(cart)
	// Output: cart
}

// Middleware is a function around handlers.
func ExampleHub_Use() {
	hub := wsx.New(nil)
	hub.Use(func(next wsx.Handler) wsx.Handler {
		return func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			if r.Conn.User() == "" {
				return nil, wsx.UserErrorf("Please log in.")
			}
			return next(ctx, r)
		}
	})
	fmt.Println(hub.Count(), "connections")
	// Output: 0 connections
}

// Filters combine; several must all agree.
func ExampleRoom() {
	hub := wsx.New(nil)
	me := (*wsx.Connection)(nil) // r.Conn, in a handler
	err := hub.Broadcast("#typing", wsx.Text("Ann is typing"), wsx.Inner,
		wsx.Room("tea"), wsx.Except(me), wsx.Not(wsx.Tag("muted")))
	fmt.Println(err)

	err = hub.Broadcast("#alert", wsx.Text("Storm!"), wsx.Inner, wsx.Near(52.5, 13.4, 10_000/1000))
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
}

// A message that was tried twice is published once.
func ExampleHub_Publish() {
	hub := wsx.New(nil)
	message := wsx.Message{
		ID: "order-7-paid", // an outbox row's id
		Fragments: []wsx.Fragment{
			{Target: "#orders", HTML: "<li>7: paid</li>", Swap: wsx.Append},
			{Target: "#count", HTML: "7", Swap: wsx.TextContent},
		},
	}
	fmt.Println(hub.Publish(context.Background(), message, wsx.User("ann")))
	fmt.Println(hub.Publish(context.Background(), message, wsx.User("ann")))
	// Output:
	// <nil>
	// <nil>
}

// Shutdown comes before the server's, which knows nothing of upgraded connections.
func ExampleHub_Shutdown() {
	hub := wsx.New(nil)
	server := &http.Server{Handler: hub}
	fmt.Println(hub.Shutdown(context.Background()), server.Shutdown(context.Background()))
	fmt.Println(errors.Is(hub.Broadcast("#a", "x", wsx.Inner), wsx.ErrClosed))
	// Output:
	// <nil> <nil>
	// true
}
