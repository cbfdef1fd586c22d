package acceptance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestRequest(t *testing.T) {
	inBubble(t, "has what the page sent", func(t *testing.T) {
		hub := newHub(t, nil)
		var got *wsx.Request
		hub.On("save", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) { got = r; return nil, nil })
		b := wsxtest.Open(t, hub, nil)
		b.Write(`{"id":"wsxtest-9","handler":"save","target":"#form","trigger":"click once","data":{"a":[1]},"swap":"outerMorph settle:0ms"}`)
		synctest.Wait()
		assert.Equal(t, "wsxtest-9", got.ID)
		assert.Equal(t, "save", got.Handler)
		assert.Equal(t, "#form", got.Target)
		assert.Equal(t, "click once", got.Trigger)
		assert.JSONEq(t, `{"a":[1]}`, string(got.Data))
		assert.Equal(t, wsx.Morph+" settle:0ms", got.Swap)
		assert.Same(t, b.Conn(), got.Conn)
	})
	inBubble(t, "reads an unknown swap as Inner, and null as absent", func(t *testing.T) {
		hub := newHub(t, nil)
		var got *wsx.Request
		hub.On("save", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) { got = r; return nil, nil })
		wsxtest.Open(t, hub, nil).Write(`{"id":"1","handler":"save","target":null,"data":null,"swap":"<script>"}`)
		synctest.Wait()
		assert.Equal(t, wsx.Inner, got.Swap)
		assert.Empty(t, got.Target)
		assert.Nil(t, got.Data)
	})
	inBubble(t, "that nobody handles goes to the handler of the empty name", func(t *testing.T) {
		hub := newHub(t, nil)
		b := wsxtest.Open(t, hub, nil)
		code, _ := b.AskError("nobody", nil)
		assert.Equal(t, "unknown", code)
		hub.On("", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.Text(r.Handler)), nil
		})
		assert.EqualValues(t, "nobody", b.Ask("nobody", nil)[0].HTML)
	})
	inBubble(t, "is handled in its turn", func(t *testing.T) {
		hub := newHub(t, nil)
		var order []string
		hub.On("note", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			<-time.After(time.Millisecond)
			order = append(order, r.ID)
			return nil, nil
		})
		b := wsxtest.Open(t, hub, nil)
		var want []string
		for i := range 100 {
			want = append(want, fmt.Sprint(i))
			b.Write(fmt.Sprintf(`{"id":"%d","handler":"note"}`, i))
		}
		b.Ask("note", nil)
		assert.Equal(t, append(want, "wsxtest-1"), order)
	})
}

func TestResponse(t *testing.T) {
	ask := func(t *testing.T, handler wsx.Handler) (*wsx.Hub, *wsxtest.Browser) {
		hub := newHub(t, nil)
		hub.On("do", handler)
		return hub, wsxtest.Open(t, hub, nil)
	}
	inBubble(t, "replies where the page asked", func(t *testing.T) {
		_, b := ask(t, func(_ context.Context, r *wsx.Request) (*wsx.Response, error) { return r.Reply("<p>"), nil })
		assert.Equal(t, []wsx.Fragment{{Target: "body", HTML: "<p>", Swap: wsx.Inner}}, b.Ask("do", nil))
	})
	inBubble(t, "carries several fragments in one frame", func(t *testing.T) {
		_, b := ask(t, func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.ReplyTo("#a", "1", "").And("#b", "2", wsx.Append), nil
		})
		assert.Equal(t, []wsx.Fragment{{Target: "#a", HTML: "1", Swap: wsx.Inner}, {Target: "#b", HTML: "2", Swap: wsx.Append}}, b.Ask("do", nil))
	})
	inBubble(t, "may start from nil", func(t *testing.T) {
		_, b := ask(t, func(context.Context, *wsx.Request) (*wsx.Response, error) {
			var r *wsx.Response
			return r.And("#b", "2", wsx.Append), nil
		})
		assert.Len(t, b.Ask("do", nil), 1)
	})
	inBubble(t, "without fragments acknowledges", func(t *testing.T) {
		_, b := ask(t, func(context.Context, *wsx.Request) (*wsx.Response, error) { return &wsx.Response{}, nil })
		assert.Empty(t, b.Ask("do", nil))
	})
	inBubble(t, "loses against an error", func(t *testing.T) {
		_, b := ask(t, func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply("no"), fmt.Errorf("wrapped: %w", wsx.UserErrorf("Not <%s>.", "now"))
		})
		code, html := b.AskError("do", nil)
		assert.Equal(t, "user", code)
		assert.Equal(t, template.HTML("Not &lt;now&gt;."), html, "the wrapper's words stay here")
	})
	for name, fragment := range map[string]wsx.Fragment{
		"target": {Target: "<div>", HTML: "x", Swap: wsx.Inner}, "swap": {Target: "#a", HTML: "x", Swap: "sideways"}, "no target": {Target: "", HTML: "x", Swap: wsx.Inner},
	} {
		inBubble(t, "with a bad "+name+" is the program's error", func(t *testing.T) {
			hub, b := ask(t, func(context.Context, *wsx.Request) (*wsx.Response, error) {
				return &wsx.Response{Fragments: []wsx.Fragment{fragment}}, nil
			})
			var failed error
			hub.OnError(func(_ *wsx.Connection, _ string, err error) { failed = err })
			code, _ := b.AskError("do", nil)
			assert.Equal(t, "internal", code)
			assert.True(t, errors.Is(failed, wsx.ErrTarget) || errors.Is(failed, wsx.ErrSwap))
		})
	}
}

func TestErrorsStayInside(t *testing.T) {
	secret := errors.New(`<img src=x onerror=alert(1)> postgres://admin:secret@db`)
	for name, handler := range map[string]wsx.Handler{
		"an error": func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, secret },
		"a panic":  func(context.Context, *wsx.Request) (*wsx.Response, error) { panic(secret) },
	} {
		inBubble(t, name, func(t *testing.T) {
			var log bytes.Buffer
			hub := newHub(t, &wsx.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			hub.On("do", handler)
			var failed error
			hub.OnError(func(_ *wsx.Connection, handler string, err error) {
				assert.Equal(t, "do", handler)
				failed = err
			})
			b := wsxtest.Open(t, hub, nil)
			code, html := b.AskError("do", nil)
			assert.Equal(t, "internal", code)
			assert.Empty(t, html)
			assert.ErrorIs(t, failed, secret)
			assert.Contains(t, log.String(), "secret", "the log has it")
			b.AskError("do", nil)
			assert.Equal(t, 1, hub.Count(), "the connection stays")
		})
	}
	inBubble(t, "a name with a line break", func(t *testing.T) {
		var log bytes.Buffer
		hub := newHub(t, &wsx.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		wsxtest.Open(t, hub, nil).AskError("x\nlevel=ERROR msg=forged"+strings.Repeat("y", 200), nil)
		assert.Equal(t, 1, strings.Count(log.String(), "\n"))
		assert.Less(t, log.Len(), 400)
	})
}

func TestTyped(t *testing.T) {
	type form struct {
		Age  int
		Tags []string
		OK   bool
	}
	inBubble(t, "decodes what forms send", func(t *testing.T) {
		hub := newHub(t, nil)
		var got form
		hub.On("do", wsx.Typed(func(_ context.Context, _ *wsx.Request, f form) (*wsx.Response, error) { got = f; return nil, nil }))
		b := wsxtest.Open(t, hub, nil)
		b.Ask("do", map[string]any{"age": "42", "tags": "one", "ok": "on"})
		assert.Equal(t, form{42, []string{"one"}, true}, got)
		b.Ask("do", nil)
		assert.Equal(t, form{}, got)
	})
	inBubble(t, "says invalid, and does not call the handler nor OnError", func(t *testing.T) {
		hub := newHub(t, nil)
		hub.OnError(func(*wsx.Connection, string, error) { t.Error("the user's mistake is no error of the program's") })
		hub.On("do", wsx.Typed(func(context.Context, *wsx.Request, form) (*wsx.Response, error) {
			t.Error("called with data that does not fit")
			return nil, nil
		}))
		code, _ := wsxtest.Open(t, hub, nil).AskError("do", map[string]any{"age": "old"})
		assert.Equal(t, "invalid", code)
	})
}

func TestMiddleware(t *testing.T) {
	inBubble(t, "goes around every handler, the first outermost", func(t *testing.T) {
		hub := newHub(t, nil)
		var calls []string
		note := func(name string) func(wsx.Handler) wsx.Handler {
			return func(next wsx.Handler) wsx.Handler {
				return func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
					calls = append(calls, name)
					return next(ctx, r)
				}
			}
		}
		ok := func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil }
		hub.On("before", ok)
		hub.Use(note("outer"), note("inner"))
		hub.On("after", ok)
		b := wsxtest.Open(t, hub, nil)
		b.Ask("before", nil)
		b.Ask("after", nil)
		hub.Use(note("innermost"))
		b.Ask("before", nil)
		assert.Equal(t, "outer inner outer inner outer inner innermost", strings.Join(calls, " "))
	})
	inBubble(t, "that panics ends one request", func(t *testing.T) {
		hub := newHub(t, nil)
		hub.Use(func(wsx.Handler) wsx.Handler { panic("no") })
		hub.On("do", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
		code, _ := wsxtest.Open(t, hub, nil).AskError("do", nil)
		assert.Equal(t, "internal", code)
	})
}

func TestRegistrationMistakesPanic(t *testing.T) {
	hub := newHub(t, nil)
	ok := func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil }
	hub.On("twice", ok)
	assert.PanicsWithValue(t, `wsx: On("twice"): a handler with this name is already registered`, func() { hub.On("twice", ok) })
	assert.Panics(t, func() { hub.On("nil", nil) })
	assert.Panics(t, func() { hub.Use(nil) })
	assert.Panics(t, func() { hub.OnConnect(nil) })
	assert.Panics(t, func() { hub.OnDisconnect(nil) })
	assert.Panics(t, func() { hub.OnError(nil) })
}

func TestWhileAHandlerRuns(t *testing.T) {
	inBubble(t, "what it sends is shown at once", func(t *testing.T) {
		hub := newHub(t, nil)
		hub.On("long", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			require.NoError(t, r.Conn.Send("#progress", "half", wsx.Inner))
			<-time.After(time.Second)
			return nil, nil
		})
		b := wsxtest.Open(t, hub, nil)
		b.Write(`{"id":"1","handler":"long"}`)
		synctest.Wait()
		assert.Len(t, b.Pushed(), 1)
	})
	inBubble(t, "a close is seen", func(t *testing.T) {
		hub := newHub(t, nil)
		var cause error
		hub.On("long", func(ctx context.Context, _ *wsx.Request) (*wsx.Response, error) {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return nil, nil
		})
		b := wsxtest.Open(t, hub, nil)
		b.Write(`{"id":"1","handler":"long"}`)
		synctest.Wait()
		b.Close()
		synctest.Wait()
		assert.ErrorIs(t, cause, context.Canceled)
	})
}
