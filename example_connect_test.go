package wsx_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// Authenticate decides who may connect, and says who it is.
func ExampleOptions() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{
		Logger: slog.New(slog.DiscardHandler),
		Authenticate: func(r *http.Request) (wsx.Identity, error) {
			session, err := r.Cookie("session") // look it up, in a real program
			if err != nil {
				return wsx.Identity{}, err
			}
			return wsx.Identity{User: session.Value, Tags: map[string]string{"role": "editor"}}, nil
		},
	})

	ann := wsxtest.Open(t, hub, http.Header{"Cookie": {"session=ann"}})
	fmt.Println(ann.Conn().User(), ann.Conn().Tag("role"))

	refused := httptest.NewRequest("GET", "/live", nil)
	refused.Header.Set("Accept", "text/event-stream")
	w := httptest.NewRecorder()
	hub.ServeHTTP(w, refused)
	fmt.Println(w.Code)
	// Output:
	// ann editor
	// 403
}

// OnConnect and OnDisconnect come in pairs. The cause says why a connection ended.
func ExampleHub_OnDisconnect() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	hub.OnConnect(func(_ context.Context, c *wsx.Connection) error {
		return c.Send("#greeting", wsx.HTMLf("Hello, %s.", c.User()), wsx.Inner)
	})
	gone := make(chan string)
	hub.OnDisconnect(func(c *wsx.Connection, cause error) {
		gone <- fmt.Sprint(c.User(), ": ", cause)
	})

	ann, bob := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob"))
	fmt.Println(ann.Next().HTML)
	ann.Close()
	fmt.Println(<-gone)
	bob.Conn().Close(wsx.UserErrorf("You are banned."))
	fmt.Println(<-gone)
	// Output:
	// Hello, ann.
	// ann: <nil>
	// bob: You are banned.
}

// A form that is sent without JavaScript reaches the same handler. The answer leads back to its page.
func ExampleHub_ServeHTTP() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	hub.On("say", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
		return nil, hub.Broadcast("#messages", wsx.HTMLf("<li>%s</li>", in.Text), wsx.Append)
	}))
	server := httptest.NewServer(hub)
	defer server.Close()
	page := wsxtest.Open(t, hub, nil)

	form := url.Values{"handler": {"say"}, "text": {"hi"}} // <input type=hidden name=handler value=say>
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(server.URL, form)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode, page.Next().HTML)
	// Output: 303 <li>hi</li>
}

// Call Shutdown before the server's, which ignores upgraded connections and waits for all others.
func ExampleHub_Shutdown() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	server := &http.Server{Handler: hub}
	page := wsxtest.Open(t, hub, nil)

	ctx := context.Background()
	err := errors.Join(hub.Shutdown(ctx), server.Shutdown(ctx))
	code, _ := page.Closed()
	fmt.Println(err, code)
	fmt.Println(errors.Is(hub.Broadcast("#a", "x", wsx.Inner), wsx.ErrClosed))
	// Output:
	// <nil> 1012
	// true
}
