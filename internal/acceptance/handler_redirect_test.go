package acceptance

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
)

// TestRedirectStaysWithinTheOrigin tries every way that is known of naming another one.
func TestRedirectStaysWithinTheOrigin(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1}, false)
	var to string
	s.hub.On("go", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) { return r.Redirect(to), nil })
	causes := make(chan error, 1)
	s.hub.OnError(func(_ *wsx.Connection, _ string, err error) { causes <- err })
	c := s.stream(t)
	for given, want := range map[string]string{
		"/": "/", "/a/b?c=d&e#f": "/a/b?c=d&e#f", "next": "next", "?page=2": "?page=2", "#top": "#top", "../up": "../up",
		"/über": "/%C3%BCber", "/a?to=https://example.com//": "/a?to=https://example.com//", "./a:b": "./a:b",
	} {
		to = given
		c.send(`{"id":"1","handler":"go"}`)
		assert.Equal(t, `{"id":"1","target":"html","html":"","swap":"action","args":["redirect","`+want+`"]}`, c.next())
	}
	for _, to = range []string{
		"", " ", "https://evil.example", "http:evil", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example",
		"\\/evil.example", "/\t/evil.example", "\t//evil.example", "/\n/evil.example", " //evil.example", "/\u00a0/evil.example", "/\x00", "/\x7f",
		"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "mailto:a@b", "//user@evil.example", "/\xff", "%zz", "/\u202e", ":",
	} {
		c.send(`{"id":"1","handler":"go"}`)
		assert.Equal(t, `{"type":"error","id":"1","code":"internal"}`, c.next(), "%q", to)
		assert.ErrorContains(t, <-causes, "redirect", "%q", to)
	}
}

func TestRedirectShowsFragmentsToo(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{PingInterval: -1}, false)
	s.hub.On("go", func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
		return r.Redirect("/a").And("#b", "<p>", wsx.Morph), nil
	})
	full := s.stream(t)
	full.send(`{"id":"1","handler":"go"}`)
	assert.Equal(t, `{"id":"1","target":"html","html":"","swap":"action","args":["redirect","/a"],"oob":[{"target":"#b","html":"<p>","swap":"outerMorph"}]}`, full.next())

	plain := s.dial(t)
	plain.send(`{"id":"1","handler":"go"}`)
	assert.Equal(t, `{"id":"1","target":"#b","html":"<p>","swap":"outerHTML","full":"outerMorph"}`, plain.next())
	assert.EqualValues(t, 1, s.hub.Stats().Dropped["verb"], "what a plain client cannot be told")
}
