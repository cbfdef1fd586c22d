package wsx_test

import (
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// newHub returns a hub that logs nothing and is shut down at the test's end.
func newHub(t testing.TB, opts *wsx.Options) *wsx.Hub {
	if opts == nil {
		opts = &wsx.Options{}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	hub := wsx.New(opts)
	t.Cleanup(func() { assert.NoError(t, hub.Shutdown(context.Background())) })
	return hub
}

// asUser is an Authenticate that believes a header, as no program should.
func asUser(r *http.Request) (wsx.Identity, error) {
	return wsx.Identity{User: r.Header.Get("User")}, nil
}

func user(name string) http.Header { return http.Header{"User": {name}} }

func TestChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newHub(t, &wsx.Options{Authenticate: asUser})
		hub.On("join", wsx.Typed(func(ctx context.Context, r *wsx.Request, in struct{ Room string }) (*wsx.Response, error) {
			if err := r.Conn.Join(ctx, in.Room); err != nil {
				return nil, err
			}
			return r.ReplyTo("#room", wsx.Text(in.Room), wsx.Inner), nil
		}))
		hub.On("say", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
			if in.Text == "" {
				return nil, wsx.UserErrorf("Please <write> something.")
			}
			return nil, hub.Broadcast("#messages", "<li>"+wsx.Text(r.Conn.User()+": "+in.Text)+"</li>", wsx.Append, wsx.Room("tea"))
		}))

		alice := wsxtest.Open(t, hub, user("alice"))
		bob := wsxtest.Open(t, hub, user("bob"))
		carol := wsxtest.Open(t, hub, user("carol"))

		answer := alice.Ask("join", map[string]string{"room": "tea"})
		assert.Equal(t, []wsx.Fragment{{Target: "#room", HTML: "tea", Swap: wsx.Inner}}, answer)
		bob.Ask("join", map[string]string{"Room": "tea"})

		assert.Empty(t, alice.Ask("say", map[string]string{"text": "<b>hi</b>"}), "an acknowledgment")
		want := wsx.Fragment{Target: "#messages", HTML: "<li>alice: &lt;b&gt;hi&lt;/b&gt;</li>", Swap: wsx.Append}
		assert.Equal(t, want, alice.Next())
		assert.Equal(t, want, bob.Next())

		code, text := bob.AskError("say", nil)
		assert.Equal(t, "user", code)
		assert.Equal(t, template.HTML("Please &lt;write&gt; something."), text)

		synctest.Wait()
		assert.Empty(t, carol.Pushed(), "carol is not in the room")
	})
}

func TestHandlerTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newHub(t, nil)
		var failed []string
		hub.OnError(func(_ *wsx.Connection, handler string, err error) { failed = append(failed, handler) })
		hub.On("slow", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			<-ctx.Done()
			<-time.After(time.Second) // of the bubble: it does not stop when told
			return r.Reply("too late"), nil
		})
		hub.On("quick", func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) { return nil, nil })
		b := wsxtest.Open(t, hub, nil)
		start := time.Now()
		code, _ := b.AskError("slow", nil)
		assert.Equal(t, "timeout", code)
		assert.Equal(t, 10*time.Second, time.Since(start))
		b.Ask("quick", nil)
		assert.Equal(t, 11*time.Second, time.Since(start), "the next request waits until the handler has returned")
		assert.Equal(t, []string{"slow"}, failed)
	})
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := newHub(t, nil)
		var causes []error
		hub.OnDisconnect(func(_ *wsx.Connection, cause error) { causes = append(causes, cause) })
		b := wsxtest.Open(t, hub, nil)
		require.NoError(t, hub.Broadcast("#a", "last", wsx.Inner))
		require.NoError(t, hub.Shutdown(context.Background()))
		assert.Equal(t, template.HTML("last"), b.Next().HTML)
		code, _ := b.Closed()
		assert.Equal(t, 1012, code)
		assert.Equal(t, []error{wsx.ErrClosed}, causes)
		assert.ErrorIs(t, hub.Broadcast("#a", "x", wsx.Inner), wsx.ErrClosed)
		assert.ErrorIs(t, b.Conn().Join(t.Context(), "a"), wsx.ErrClosed)
		assert.NoError(t, hub.Shutdown(context.Background()))
		assert.Zero(t, hub.Count())
	})
}
