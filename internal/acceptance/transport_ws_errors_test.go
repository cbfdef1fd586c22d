package acceptance

import (
	"context"
	"encoding/json"
	"html/template"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// newFailingSite returns an echo site with a handler for each way to fail. Whatever they say but a UserError's text is secret.
func newFailingSite(t *testing.T) *site {
	s := newEchoSite(t)
	const secret = `<img src=x onerror=alert(1)> dsn=postgres://admin:hunter2@db`
	s.hub.On("user", func(context.Context, *wsx.Request) (*wsx.Response, error) {
		return nil, wsx.UserErrorf("Please <write> %q & more.", "it")
	})
	s.hub.On("wrapped", func(context.Context, *wsx.Request) (*wsx.Response, error) {
		return nil, secretError{secret, wsx.UserErrorf("Full.")}
	})
	s.hub.On("internal", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, secretError{secret, nil} })
	s.hub.On("panic", func(context.Context, *wsx.Request) (*wsx.Response, error) { panic(secret) })
	s.hub.On("both", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.Reply(secret), secretError{secret, nil}
	})
	s.hub.On("target", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.ReplyTo("", secret, wsx.Inner), nil
	})
	s.hub.On("bind", wsx.Typed(func(context.Context, *wsx.Request, struct{ Age int }) (*wsx.Response, error) { return nil, nil }))
	s.hub.On("ack", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
	return s
}

type secretError struct {
	text  string
	inner error
}

func (e secretError) Error() string { return e.text }
func (e secretError) Unwrap() error { return e.inner }

const generic = "Something went wrong. Please try again."

func TestErrorsOnTheWire(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		handler, full, plain string
	}{
		{"user", `"code":"user","html":"Please &lt;write&gt; &#34;it&#34; &amp; more."`, "Please &lt;write&gt; &#34;it&#34; &amp; more."},
		{"wrapped", `"code":"user","html":"Full."`, "Full."},
		{"internal", `"code":"internal"`, generic},
		{"panic", `"code":"internal"`, generic},
		{"both", `"code":"internal"`, generic},
		{"target", `"code":"internal"`, generic},
		{"bind", `"code":"invalid"`, generic},
		{"nobody", `"code":"unknown"`, generic},
	} {
		request := `{"id":"r1","handler":"` + one.handler + `","target":"#form","data":{"age":"x"},"swap":"beforeend"}`
		t.Run(one.handler+", to our client", func(t *testing.T) {
			t.Parallel()
			c := newFailingSite(t).dial(t)
			c.send(hello, request, goodFrame)
			assert.Equal(t, `{"type":"error","id":"r1",`+one.full+`}`, c.next())
			assert.Equal(t, goodReply, c.next(), "the connection stays")
		})
		t.Run(one.handler+", to an original client", func(t *testing.T) {
			t.Parallel()
			c := newFailingSite(t).dial(t)
			c.send(request, goodFrame)
			var got update
			require.NoError(t, json.Unmarshal([]byte(c.next()), &got))
			want := `<div class="error">` + one.plain + `</div>`
			assert.Equal(t, update{ID: "r1", Target: "#form", HTML: want, Swap: "innerHTML"}, got)
			assert.Equal(t, goodReply, c.next())
		})
	}
}

// An update is a frame that shows something.
type update struct {
	ID, Target, HTML, Swap string
	OOB                    []update
}

// TestErrorsNeverReplaceThePage: an original client has no other place for an error than the request's target.
func TestErrorsNeverReplaceThePage(t *testing.T) {
	t.Parallel()
	s := newFailingSite(t)
	plain, full := s.dial(t), s.dial(t)
	full.send(hello)
	for _, target := range []string{"", " ", "body", "html", "BODY", " body\t", "Html", "<div>", " <b"} {
		t.Run(target, func(t *testing.T) {
			encoded, err := json.Marshal(target)
			require.NoError(t, err)
			for _, handler := range []string{"user", "internal", "nobody"} {
				request := `{"id":"r1","handler":"` + handler + `","target":` + string(encoded) + `}`
				plain.send(request, goodFrame)
				assert.Equal(t, goodReply, plain.next(), "it is shown nothing")
				full.send(request, goodFrame)
				assert.Contains(t, full.next(), `{"type":"error","id":"r1","code":`)
				assert.Equal(t, goodReply, full.next())
			}
		})
	}
	t.Run("nor without a target", func(t *testing.T) {
		plain.send(`{"id":"r1","handler":"user"}`, `{"id":"r2","handler":"internal","target":null}`, goodFrame)
		assert.Equal(t, goodReply, plain.next())
	})
}

func TestAcks(t *testing.T) {
	t.Parallel()
	s := newFailingSite(t)
	plain, full := s.dial(t), s.dial(t)
	full.send(hello, `{"id":"r1","handler":"ack","target":"#a"}`)
	assert.Equal(t, `{"type":"ack","id":"r1"}`, full.next())
	plain.send(`{"id":"r1","handler":"ack","target":"#a"}`, goodFrame)
	assert.Equal(t, goodReply, plain.next(), "an original client knows no ack")
}

// TestWhatAnOriginalClientIsTold compares what both dialects get of one message.
func TestWhatAnOriginalClientIsTold(t *testing.T) {
	t.Parallel()
	s := newEchoSite(t)
	plain, full := s.dial(t), s.dial(t)
	full.send(hello, goodFrame)
	require.Equal(t, goodReply, full.next())
	for _, c := range []*socket{plain, full} {
		require.NoError(t, c.conn(s.hub).Join(t.Context(), "pair"))
	}
	shown := func(c *socket) update {
		var got update
		require.NoError(t, json.Unmarshal([]byte(c.next()), &got))
		got.ID = ""
		return got
	}
	for swap, told := range map[wsx.Swap]string{
		wsx.Inner: "innerHTML", wsx.Outer: "outerHTML", wsx.Morph: "outerHTML", wsx.MorphInner: "innerHTML", wsx.TextContent: "innerHTML",
		wsx.Before: "beforebegin", wsx.Prepend: "afterbegin", wsx.Append: "beforeend", wsx.After: "afterend", wsx.Delete: "delete", wsx.None: "none",
		wsx.Append + " scroll:bottom": "beforeend scroll:bottom", wsx.Morph + " transition:true": "outerHTML transition:true",
	} {
		t.Run(string(swap), func(t *testing.T) {
			require.NoError(t, s.hub.Broadcast("#a", "<b>1</b>", swap, wsx.Room("pair")))
			assert.Equal(t, update{Target: "#a", HTML: "<b>1</b>", Swap: string(swap)}, shown(full))
			assert.Equal(t, update{Target: "#a", HTML: "<b>1</b>", Swap: told}, shown(plain))
		})
	}
	t.Run("nothing of a page's own verb", func(t *testing.T) {
		require.NoError(t, s.hub.Broadcast("#a", "1", "x-shake", wsx.Room("pair")))
		require.NoError(t, s.hub.SendToConnection(plain.id, "#a", "2", wsx.Inner))
		assert.Equal(t, "x-shake", shown(full).Swap)
		assert.Equal(t, "2", shown(plain).HTML)
		assert.EqualValues(t, 1, s.hub.Stats().Dropped["verb"])
	})
	t.Run("the rest of a message with one", func(t *testing.T) {
		fragment := func(target string, swap wsx.Swap) wsx.Fragment {
			return wsx.Fragment{Target: target, HTML: template.HTML(strings.TrimPrefix(target, "#")), Swap: swap}
		}
		message := wsx.Message{Fragments: []wsx.Fragment{fragment("#a", "x-shake"), fragment("#b", wsx.Morph), fragment("#c", "")}}
		require.NoError(t, s.hub.Publish(t.Context(), message, wsx.Room("pair")))
		assert.Equal(t, update{Target: "#a", HTML: "a", Swap: "x-shake", OOB: []update{
			{Target: "#b", HTML: "b", Swap: "outerMorph"}, {Target: "#c", HTML: "c", Swap: "innerHTML"},
		}}, shown(full))
		assert.Equal(t, update{Target: "#b", HTML: "b", Swap: "outerHTML", OOB: []update{{Target: "#c", HTML: "c", Swap: "innerHTML"}}}, shown(plain))
	})
}
