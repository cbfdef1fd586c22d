package login

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
)

func TestCookie(t *testing.T) {
	s := New("example")
	ann := wsx.Identity{User: "Ann", Tags: map[string]string{"role": "member"}}
	issue := func(s *Sessions, url string) *http.Cookie {
		w := httptest.NewRecorder()
		require.NoError(t, s.Login(w, httptest.NewRequest("GET", url, nil), ann))
		return w.Result().Cookies()[0]
	}
	ask := func(value string) (wsx.Identity, error) {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "example", Value: value})
		return s.Authenticate(r)
	}
	good := issue(s, "http://example.test/")
	id, err := ask(good.Value)
	require.NoError(t, err)
	assert.Equal(t, "Ann", id.User)
	assert.Equal(t, ann.Tags, id.Tags)
	assert.WithinDuration(t, time.Now().Add(loginLifetime), id.Expires, time.Minute)
	assert.True(t, good.HttpOnly)
	assert.Equal(t, http.SameSiteLaxMode, good.SameSite)
	assert.False(t, good.Secure)
	assert.True(t, issue(s, "https://example.test/").Secure)

	signed, signature, _ := strings.Cut(good.Value, ".")
	expired := encode([]byte(`{"User":"Ann","Expires":"2020-01-01T00:00:00Z"}`))
	for name, value := range map[string]string{
		"empty":              "",
		"no signature":       signed,
		"another identity":   encode([]byte(`{"User":"Eve","Expires":"2999-01-01T00:00:00Z"}`)) + "." + signature,
		"another key":        issue(New("example"), "http://example.test/").Value,
		"cut signature":      good.Value[:len(good.Value)-2],
		"more behind it":     good.Value + "." + signature,
		"expired but signed": expired + "." + encode(s.sign(expired)),
	} {
		_, err := ask(value)
		assert.ErrorIs(t, err, ErrNoSession, name)
	}
}

func TestPages(t *testing.T) {
	hub := wsx.New(nil)
	t.Cleanup(func() { hub.Shutdown(t.Context()) })
	sessions := New("example")
	mux := http.NewServeMux()
	(&Pages{
		Sessions: sessions, Hub: hub, App: "Example",
		Roles: []Role{{"member", "Member", ""}, {"admin", "Admin", ""}},
		Admit: func(id wsx.Identity) error {
			if id.User == "Eve" {
				return wsx.UserErrorf("Not you.")
			}
			return nil
		},
	}).Register(mux)
	post := func(form url.Values) *http.Response {
		r := httptest.NewRequest("POST", "/login", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Result()
	}
	for _, name := range []string{"", " \t", strings.Repeat("ä", MaxName+1), "a\x00b", "a\xff", "Eve"} {
		resp := post(url.Values{"name": {name}})
		assert.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, "%q", name)
		assert.Empty(t, resp.Cookies(), "%q", name)
	}
	for sent, want := range map[string]string{"admin": "admin", "member": "member", "": "member", "root": "member"} {
		resp := post(url.Values{"name": {"  Ann \n Lee"}, "role": {sent}})
		require.Equal(t, http.StatusSeeOther, resp.StatusCode)
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(resp.Cookies()[0])
		id, err := sessions.Authenticate(r)
		require.NoError(t, err)
		assert.Equal(t, "Ann Lee", id.User)
		assert.Equal(t, want, id.Tags["role"])
	}
}
