package wsx_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/dom"
	"github.com/wsxgo/wsx/wsxtest"
)

// Typed decodes the request, and converts the strings of forms. A handler is a function, so a test can call it.
func ExampleTyped() {
	add := wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ A, B int }) (*wsx.Response, error) {
		return r.Reply(wsx.HTMLf("<b>%d</b>", in.A+in.B)), nil
	})

	form := []byte(`{"a":"19","b":"23"}`)
	resp, err := add(context.Background(), &wsx.Request{Target: "#sum", Swap: wsx.Inner, Data: form})
	fmt.Println(resp.Fragments[0].Target, resp.Fragments[0].HTML, err)
	// Output: #sum <b>42</b> <nil>
}

// The visitor sees the text of a UserError. Any other error is logged, and the visitor learns only that something failed.
func ExampleTyped_userError() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	hub.On("book", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Seats int }) (*wsx.Response, error) {
		if in.Seats > 8 {
			return nil, wsx.UserErrorf("We have tables for 8, not for %d.", in.Seats)
		}
		return r.ReplyTo("#status", "Booked.", wsx.Inner), nil
	}))

	page := wsxtest.Open(t, hub, nil)
	code, text := page.AskError("book", map[string]any{"seats": "12"})
	fmt.Println(code, text)
	code, _ = page.AskError("book", map[string]any{"seats": "many"})
	fmt.Println(code)
	fmt.Println(page.Ask("book", map[string]any{"seats": "4"})[0].HTML)
	// Output:
	// user We have tables for 8, not for 12.
	// invalid
	// Booked.
}

// Wrapping adds words for the log. The visitor still sees only the text of the UserError.
func ExampleUserErrorf() {
	err := fmt.Errorf("saving order 7: %w", wsx.UserErrorf("The date %s is taken.", "12 May"))
	fmt.Println(err)
	var visible *wsx.UserError
	if errors.As(err, &visible) {
		fmt.Println(visible.Text)
	}
	// Output:
	// saving order 7: The date 12 May is taken.
	// The date 12 May is taken.
}

// Several fragments arrive in one frame, and the browser shows them at once.
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

// Verbs of package dom do what HTML can't.
func ExampleResponse_With() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	hub.On("save", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.ReplyTo("#status", "Saved.", wsx.Inner).With(dom.SetTitle("Saved"), dom.Focus("#next")), nil
	})

	for _, f := range wsxtest.Open(t, hub, nil).Ask("save", nil) {
		fmt.Println(f.Target)
	}
	// Output:
	// #status
	// html
	// #next
}

// A connection keeps values for the program, with their types.
func ExampleNewKey() {
	t := new(exampleT)
	defer t.end()
	cart := wsx.NewKey[[]string]("cart")
	hub := wsx.New(nil)
	hub.On("buy", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Item string }) (*wsx.Response, error) {
		items, _ := cart.Get(r.Conn)
		items = append(items, in.Item)
		cart.Set(r.Conn, items)
		return r.Reply(wsx.HTMLf("%d items", len(items))), nil
	}))

	page := wsxtest.Open(t, hub, nil)
	page.Ask("buy", map[string]string{"item": "tea"})
	fmt.Println(page.Ask("buy", map[string]string{"item": "milk"})[0].HTML)
	// Output: 2 items
}

// Middleware wraps every handler.
func ExampleHub_Use() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	hub.Use(func(next wsx.Handler) wsx.Handler {
		return func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			if r.Conn.User() == "" {
				return nil, wsx.UserErrorf("Please log in.")
			}
			return next(ctx, r)
		}
	})
	hub.On("greet", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.Reply(wsx.HTMLf("Hello, %s.", r.Conn.User())), nil
	})

	_, text := wsxtest.Open(t, hub, nil).AskError("greet", nil)
	fmt.Println(text)
	fmt.Println(wsxtest.Open(t, hub, user("ann")).Ask("greet", nil)[0].HTML)
	// Output:
	// Please log in.
	// Hello, ann.
}
