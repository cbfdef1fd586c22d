package wsx_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// Each page receives one frame with everything that is meant for it.
func ExampleHub_Flush() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(&wsx.Options{Authenticate: asUser})
	ann, bob := wsxtest.Open(t, hub, user("ann")), wsxtest.Open(t, hub, user("bob"))

	var b wsx.Batch
	b.Add("#score", "1:0", wsx.Inner)
	b.Add("#mine", "Your player has scored!", wsx.Inner, wsx.User("ann"))
	b.Add("#events", "<li>Goal by Dede</li>", wsx.Prepend)
	err := hub.Flush(&b)
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		fmt.Println("ann:", ann.Next().HTML)
	}
	for range 2 {
		fmt.Println("bob:", bob.Next().HTML)
	}
	// Output:
	// ann: 1:0
	// ann: Your player has scored!
	// ann: <li>Goal by Dede</li>
	// bob: 1:0
	// bob: <li>Goal by Dede</li>
}

// A batcher sends one frame per window, and leaves out what a newer fragment makes superfluous.
func ExampleBatcher() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	page := wsxtest.Open(t, hub, nil)

	prices := wsx.NewBatcher(hub, wsx.BatcherOptions{Window: time.Minute})
	for _, price := range []string{"11", "12", "13"} {
		if err := prices.Broadcast("#price", wsx.Text(price), wsx.Inner); err != nil {
			log.Fatal(err)
		}
	}
	if err := prices.Close(context.Background()); err != nil { // flushes
		log.Fatal(err)
	}
	err := prices.Broadcast("#price", "14", wsx.Inner)
	fmt.Println(page.Next().HTML, errors.Is(err, wsx.ErrClosed))
	// Output: 13 true
}

// A rate limiter passes on so many broadcasts a second. With Conflate, those that wait give way to newer ones.
func ExampleRateLimiter() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	page := wsxtest.Open(t, hub, nil)

	slow := wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{PerSecond: 1, Overflow: wsx.Conflate})
	for _, progress := range []string{"0 %", "30 %", "60 %", "100 %"} {
		if err := slow.Broadcast("#progress", wsx.Text(progress), wsx.Inner); err != nil {
			log.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := slow.Close(ctx); err != nil { // sends what waits
		log.Fatal(err)
	}
	fmt.Println(page.Next().HTML)
	fmt.Println(page.Next().HTML)
	fmt.Printf("%+v\n", slow.Stats())
	// Output:
	// 0 %
	// 100 %
	// {Sent:2 Conflated:2 Dropped:0 Refused:0}
}

// By default a full queue refuses the broadcast, so that the program can tell the visitor.
func ExampleRateLimiter_reject() {
	t := new(exampleT)
	defer t.end()
	hub := wsx.New(nil)
	page := wsxtest.Open(t, hub, nil)

	shouts := wsx.NewRateLimiter(hub, wsx.RateLimiterOptions{PerSecond: 0.01, Queue: 1})
	for _, text := range []string{"one", "two", "three"} {
		err := shouts.Broadcast("#shouts", wsx.HTMLf("<li>%s</li>", text), wsx.Append)
		fmt.Println(text, errors.Is(err, wsx.ErrQueueFull))
	}
	fmt.Println(page.Next().HTML, "is shown,", shouts.Len(), "waits")

	ctx, cancel := context.WithCancel(context.Background())
	cancel() // don't wait: drop the rest
	fmt.Println(errors.Is(shouts.Close(ctx), context.Canceled))
	// Output:
	// one false
	// two false
	// three true
	// <li>one</li> is shown, 1 waits
	// true
}
