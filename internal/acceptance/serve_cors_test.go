package acceptance

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
)

func TestOtherOriginsMayReadAnswers(t *testing.T) {
	t.Parallel()
	const friend = "https://app.example.com"
	s := newSite(t, wsx.Options{Origins: []string{friend}, MaxPerUser: 1, Authenticate: asUser}, false)
	c := s.stream(t, as("alice"), header("Origin", friend))
	leave := func(r *http.Request) { r.Method = http.MethodDelete }
	for what, one := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"a single request":        {begins["a frame"], 200},
		"a form that is refused":  {begins["a form"], 400},
		"one connection too many": {func(r *http.Request) { begins["polls"](r); r.Header.Set("User", "alice") }, 429},
		"frames for a connection": {func(r *http.Request) {
			r.Method = http.MethodPost
			asJSON(r)
			c.named()(r)
			r.Header.Set("User", "alice")
		}, 400},
		"nothing to leave":         {leave, 404},
		"a connection of another":  {func(r *http.Request) { leave(r); c.named()(r); r.Header.Set("User", "bob") }, 403},
		"a preflight of whichever": {func(r *http.Request) { r.Method = http.MethodOptions }, 204},
	} {
		got := s.do(t, http.MethodGet, "", header("Origin", friend, "User", "carol"), one.change)
		assert.Equal(t, one.want, got.status, what)
		assert.Equal(t, friend, got.header.Get("Access-Control-Allow-Origin"), what)
		assert.Equal(t, "true", got.header.Get("Access-Control-Allow-Credentials"), what)
		assert.Equal(t, "Wsx-Poll, Retry-After", got.header.Get("Access-Control-Expose-Headers"), what)
		assert.Equal(t, "Origin", got.header.Get("Vary"), what)
	}
	assert.Equal(t, friend, c.resp.Header.Get("Access-Control-Allow-Origin"))
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{Origins: []string{"https://app.example.com"}, Authenticate: func(*http.Request) (wsx.Identity, error) {
		return wsx.Identity{}, errRefused // a preflight has no cookies
	}}, false)
	got := s.do(t, http.MethodOptions, "", header("Origin", "https://app.example.com"))
	assert.Equal(t, http.StatusNoContent, got.status)
	assert.Equal(t, "GET, POST, DELETE", got.header.Get("Access-Control-Allow-Methods"))
	assert.Equal(t, "content-type, wsx-conn, wsx-poll", got.header.Get("Access-Control-Allow-Headers"))
	got = s.do(t, http.MethodOptions, "", header("Origin", "https://evil.example"))
	assert.Equal(t, http.StatusForbidden, got.status)
	assert.Empty(t, got.header.Get("Access-Control-Allow-Headers"))
	assert.Empty(t, s.do(t, http.MethodOptions, "").header.Get("Access-Control-Allow-Origin"), "the same origin needs none")
}
