package wsxtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// newChat is the program under test.
func newChat() *wsx.Hub {
	hub := wsx.New(nil)
	hub.On("say", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
		if in.Text == "" {
			return nil, wsx.UserErrorf("Please write something.")
		}
		err := hub.Broadcast("#messages", wsx.HTMLf("<li>%s</li>", in.Text), wsx.Append, wsx.Except(r.Conn))
		return r.ReplyTo("#status", "Sent.", wsx.Inner), err
	}))
	return hub
}

// In a program this is a test: func TestSay(t *testing.T).
func testSay(t testing.TB) {
	hub := newChat()
	ann, bob := wsxtest.Open(t, hub, nil), wsxtest.Open(t, hub, nil)

	fmt.Println("reply:", ann.Ask("say", map[string]string{"text": "1 < 2"})[0].HTML)
	fmt.Println("bob sees:", bob.Next().HTML)

	code, text := bob.AskError("say", nil)
	fmt.Println("error:", code, text)

	bob.Conn().Close(wsx.UserErrorf("You are banned."))
	fmt.Println(bob.Closed())
}

// Two pages in a test of a handler: what one asks, and what the other is shown.
func Example() {
	t := new(exampleT)
	testSay(t)
	t.end()
	// Output:
	// reply: Sent.
	// bob sees: <li>1 &lt; 2</li>
	// error: user Please write something.
	// 4403 You are banned.
}

// An exampleT stands in for the *testing.T that a test has and an example has not.
type exampleT struct {
	testing.TB
	cleanups []func()
}

func (t *exampleT) Helper()                           {}
func (t *exampleT) Cleanup(f func())                  { t.cleanups = append(t.cleanups, f) }
func (t *exampleT) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (t *exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (t *exampleT) end() {
	for _, f := range t.cleanups {
		f()
	}
}
