package origin_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx/internal/origin"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ what, in, want string }{
		{"as browsers send it", "https://app.example", "https://app.example"},
		{"capitals", "HTTPS://App.Example", "https://app.example"},
		{"the default port", "https://app.example:443", "https://app.example"},
		{"the default port without TLS", "http://app.example:80", "http://app.example"},
		{"the default port of another scheme", "https://app.example:80", "https://app.example:80"},
		{"another port", "http://app.example:8080", "http://app.example:8080"},
		{"an IPv6 host", "http://[::1]:80", "http://[::1]"},
		{"no scheme", "app.example", ""},
		{"no host", "https://", ""},
		{"a pattern", "https://*.app.example", ""},
		{"a user", "https://me@app.example", ""},
		{"a path", "https://app.example/", ""},
		{"a query", "https://app.example?a", ""},
		{"a fragment", "https://app.example#a", ""},
		{"null", "null", ""},
		{"nothing", "", ""},
		{"not a URL", "%%%", ""},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			got, err := origin.Normalize(one.in)
			assert.Equal(t, one.want, got)
			assert.Equal(t, one.want == "", err != nil)
		})
	}
}

func TestAllows(t *testing.T) {
	t.Parallel()
	c := origin.New([]string{"https://partner.example"}, nil, slog.New(slog.DiscardHandler))
	assert.True(t, c.Allows("https://partner.example"))
	assert.True(t, c.Allows("https://PARTNER.example:443"))
	assert.False(t, c.Allows("http://partner.example"))
	assert.False(t, c.Allows("https://partner.example.evil.example"))
	assert.False(t, c.Allows(""))
	assert.False(t, c.Allows("null"))
}

func TestCheckSame(t *testing.T) {
	t.Parallel()
	c := origin.New([]string{"https://partner.example"}, nil, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodGet, "https://app.example/", nil)
	assert.NoError(t, c.CheckSame(r, "https://app.example"))
	assert.NoError(t, c.CheckSame(r, "https://APP.example:443"))
	assert.Error(t, c.CheckSame(r, "https://partner.example"), "an allowed origin is not the same one")
	assert.Error(t, c.CheckSame(r, "http://app.example"))
	assert.Error(t, c.CheckSame(r, "app.example"))
}

func TestClientAddr(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fe80::/10")}
	for _, one := range []struct {
		what, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "198.51.100.1:1234", nil, "198.51.100.1"},
		{"IPv6", "[2001:db8::1]:1234", nil, "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:198.51.100.1]:1234", nil, "198.51.100.1"},
		{"not an address", "pipe", nil, "pipe"},
		{"a Unix socket", "@", nil, "127.0.0.1"},
		{"a Unix socket behind a trusted proxy", "@", []string{"203.0.113.1"}, "203.0.113.1"},
		{"a Unix socket without an address", "", []string{"203.0.113.1"}, "203.0.113.1"},
		{"a neighbor that is not trusted", "198.51.100.1:1", []string{"203.0.113.1"}, "198.51.100.1"},
		{"a proxy", "127.0.0.1:1", []string{"203.0.113.1"}, "203.0.113.1"},
		{"a proxy with a zone", "[fe80::1%eth0]:1", []string{"203.0.113.1"}, "203.0.113.1"},
		{"a proxy that forwards nothing", "10.0.0.1:1", nil, "10.0.0.1"},
		{"a proxy that forwards an empty address", "10.0.0.1:1", []string{"203.0.113.1, "}, "10.0.0.1"},
		{"a hop that looks like a Unix socket", "10.0.0.1:1", []string{"203.0.113.1, @"}, "10.0.0.1"},
		{"the last hop, not what the browser made up", "127.0.0.1:1", []string{"1.1.1.1, 203.0.113.1"}, "203.0.113.1"},
		{"several headers", "127.0.0.1:1", []string{"1.1.1.1", "203.0.113.1"}, "203.0.113.1"},
		{"two proxies", "127.0.0.1:1", []string{"203.0.113.1, 10.0.0.1"}, "203.0.113.1"},
		{"only proxies", "127.0.0.1:1", []string{"10.0.0.2, 10.0.0.1"}, "10.0.0.2"},
		{"a hop with a port", "127.0.0.1:1", []string{"203.0.113.1:80"}, "203.0.113.1"},
		{"a hop that is not an address", "127.0.0.1:1", []string{"203.0.113.1, unknown, 10.0.0.1"}, "10.0.0.1"},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = one.peer
			r.Header["X-Forwarded-For"] = one.forwarded
			assert.Equal(t, one.want, origin.New(nil, proxies, slog.New(slog.DiscardHandler)).ClientAddr(r))
		})
	}
}

func TestAProxyThatIsNotTrustedIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := origin.New(nil, nil, slog.New(slog.NewTextHandler(&log, nil)))
	ask := func(peer string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", "203.0.113.1")
		c.ClientAddr(r)
	}
	ask("198.51.100.1:1")
	assert.Empty(t, log.String(), "a browser may send such a header")
	ask("10.0.0.1:1")
	ask("10.0.0.2:1")
	assert.Equal(t, 1, strings.Count(log.String(), "Options.TrustedProxies"))
	assert.Contains(t, log.String(), "10.0.0.1")
}

func TestNoOriginFromThePageItself(t *testing.T) {
	t.Parallel()
	c := origin.New(nil, nil, slog.New(slog.DiscardHandler))
	for site, accepted := range map[string]bool{"same-origin": true, "same-site": false, "cross-site": false, "none": false, "": false} {
		r := httptest.NewRequest(http.MethodPost, "https://app.example/", nil)
		r.Header.Set("Origin", "null") // as with Referrer-Policy: no-referrer
		if site != "" {
			r.Header.Set("Sec-Fetch-Site", site)
		}
		assert.Equal(t, accepted, c.Check(r) == nil, site)
	}
	r := httptest.NewRequest(http.MethodPost, "https://app.example/", nil)
	r.Header.Set("Origin", "null")
	r.Header["Sec-Fetch-Site"] = []string{"same-origin", "cross-site"}
	assert.Error(t, c.Check(r))
}
