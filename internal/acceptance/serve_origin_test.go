package acceptance

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
)

// proxied are the options of a hub behind a proxy on this machine.
func proxied() wsx.Options {
	return wsx.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
}

// An originCase is a handshake for the host app.example, unless it says another.
type originCase struct {
	what   string
	want   int
	header []string // name and value
	host   string
}

const accepted, refused = http.StatusSwitchingProtocols, http.StatusForbidden

func origin(what string, want int, origin string) originCase {
	return originCase{what: what, want: want, header: []string{"Origin", origin}}
}

func testOrigins(t *testing.T, opts wsx.Options, tls bool, cases []originCase) {
	t.Helper()
	asked := 0
	opts.Authenticate = func(*http.Request) (wsx.Identity, error) {
		asked++
		return wsx.Identity{}, nil
	}
	s := newSite(t, opts, tls)
	for _, one := range cases {
		t.Run(one.what, func(t *testing.T) {
			asked = 0
			got := s.ask(t, header(one.header...), func(r *http.Request) {
				if r.Host = "app.example"; one.host != "" {
					r.Host = one.host
				}
			})
			got.leave()
			assert.Equal(t, one.want, got.status)
			if one.want == refused {
				assert.Zero(t, asked, "Authenticate never sees a foreign origin")
				assert.Equal(t, "Forbidden\n", got.body)
			} else {
				assert.Equal(t, 1, asked)
			}
		})
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	testOrigins(t, wsx.Options{}, false, []originCase{
		origin("the same", accepted, "http://app.example"),
		origin("the same in capitals", accepted, "HTTP://App.Example"),
		origin("the same with the scheme's port", accepted, "http://app.example:80"),
		origin("the same over TLS that ended before us", accepted, "https://app.example"),
		origin("that with the scheme's port", accepted, "https://app.example:443"),
		{"the same, the host with the scheme's port", accepted, []string{"Origin", "http://app.example"}, "app.example:80"},
		{"the same port", accepted, []string{"Origin", "http://app.example:8080"}, "app.example:8080"},
		{"the same IPv6 host", accepted, []string{"Origin", "http://[::1]:8080"}, "[::1]:8080"},
		origin("another host", refused, "http://evil.example"),
		origin("another host over TLS", refused, "https://evil.example"),
		origin("null, as of a sandboxed frame", refused, "null"),
		origin("another port", refused, "http://app.example:8080"),
		{"no port for a host with one", refused, []string{"Origin", "http://app.example"}, "app.example:8080"},
		origin("https on the port of http", refused, "https://app.example:80"),
		origin("a subdomain", refused, "http://sub.app.example"),
		origin("the parent domain", refused, "http://example"),
		origin("our host as the beginning of theirs", refused, "http://app.example.evil.example"),
		origin("our host as the end of theirs", refused, "http://evil-app.example"),
		origin("our host as their user", refused, "http://app.example@evil.example"),
		origin("our host with their user", refused, "http://evil.example@app.example"),
		origin("our host in their path", refused, "http://evil.example/http://app.example"),
		origin("our host in their fragment", refused, "http://evil.example#app.example"),
		origin("our host with a path", refused, "http://app.example/"),
		origin("a trailing dot", refused, "http://app.example."),
		origin("a blank and another", refused, "http://app.example http://evil.example"),
		origin("a comma and another", refused, "http://app.example, http://evil.example"),
		origin("an escaped dot", refused, "http://app%2eexample"),
		origin("no scheme", refused, "app.example"),
		origin("nothing but a scheme", refused, "http://"),
		origin("another scheme", refused, "chrome-extension://app.example"),
		origin("the scheme of WebSockets, which no page has", refused, "ws://app.example"),
		origin("a file", refused, "file://"),
		origin("garbage", refused, "%%%"),
		{"two of them", refused, []string{"Origin", "http://app.example", "Origin", "http://app.example"}, ""},
		{"none and no Sec-Fetch-Site: no browser", accepted, nil, ""},
		{"none and Sec-Fetch-Site same-origin", accepted, []string{"Sec-Fetch-Site", "same-origin"}, ""},
		{"none and Sec-Fetch-Site none: the user typed it", accepted, []string{"Sec-Fetch-Site", "none"}, ""},
		{"none and Sec-Fetch-Site same-site", refused, []string{"Sec-Fetch-Site", "same-site"}, ""},
		{"none and Sec-Fetch-Site cross-site", refused, []string{"Sec-Fetch-Site", "cross-site"}, ""},
		{"none and a Sec-Fetch-Site of the future", refused, []string{"Sec-Fetch-Site", "who-knows"}, ""},
		{"what a neighbor forwards without being trusted", refused, []string{"Origin", "http://evil.example", "X-Forwarded-Host", "evil.example"}, ""},
	})
	t.Run("empty", func(t *testing.T) {
		s := newSite(t, wsx.Options{}, false)
		assert.Equal(t, refused, s.ask(t, func(r *http.Request) { r.Header["Origin"] = []string{""} }).status)
	})
}

func TestOriginOverTLS(t *testing.T) {
	t.Parallel()
	testOrigins(t, wsx.Options{}, true, []originCase{
		origin("the same", accepted, "https://app.example"),
		origin("the same with the scheme's port", accepted, "https://app.example:443"),
		origin("the same without TLS: whoever is between may have written that page", refused, "http://app.example"),
		origin("the same without TLS, on this port", refused, "http://app.example:443"),
		origin("another host", refused, "https://evil.example"),
		origin("null", refused, "null"),
	})
}

func TestOriginsOption(t *testing.T) {
	t.Parallel()
	testOrigins(t, wsx.Options{Origins: []string{"https://partner.example", "HTTP://localhost:3000", "https://default.example:443"}}, true, []originCase{
		origin("the same host still", accepted, "https://app.example"),
		origin("a listed one", accepted, "https://partner.example"),
		origin("a listed one in capitals", accepted, "https://PARTNER.example"),
		origin("a listed one with the scheme's port", accepted, "https://partner.example:443"),
		origin("one listed with the scheme's port", accepted, "https://default.example"),
		origin("one listed without TLS", accepted, "http://localhost:3000"),
		origin("another port", refused, "http://localhost:3001"),
		origin("another port than the scheme's", refused, "https://partner.example:8443"),
		origin("another scheme", refused, "http://partner.example"),
		origin("a subdomain", refused, "https://sub.partner.example"),
		origin("a suffix", refused, "https://partner.example.evil.example"),
		origin("null", refused, "null"),
	})
}

func TestOriginBehindAProxy(t *testing.T) {
	t.Parallel()
	forwarded := func(what string, want int, origin string, header ...string) originCase {
		return originCase{what: what, want: want, header: append([]string{"Origin", origin}, header...)}
	}
	testOrigins(t, proxied(), false, []originCase{
		forwarded("the forwarded host", accepted, "https://public.example", "X-Forwarded-Host", "public.example", "X-Forwarded-Proto", "https"),
		forwarded("the forwarded host and port", accepted, "https://public.example:8443", "X-Forwarded-Host", "public.example:8443"),
		forwarded("no TLS, forwarded as TLS", refused, "http://public.example", "X-Forwarded-Host", "public.example", "X-Forwarded-Proto", "https"),
		forwarded("no TLS, forwarded as such", accepted, "http://public.example", "X-Forwarded-Host", "public.example", "X-Forwarded-Proto", "http"),
		forwarded("the inner host, when another was forwarded", refused, "https://app.example", "X-Forwarded-Host", "public.example"),
		forwarded("the inner host, when none was", accepted, "https://app.example", "X-Forwarded-For", "198.51.100.1"),
		forwarded("the last of a list, which our proxy added", accepted, "https://public.example", "X-Forwarded-Host", "evil.example, public.example"),
		forwarded("the first of a list, which anybody sends", refused, "https://evil.example", "X-Forwarded-Host", "evil.example, public.example"),
		forwarded("the last of two headers", accepted, "https://public.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Host", "public.example"),
		forwarded("another host", refused, "https://evil.example", "X-Forwarded-Host", "public.example"),
	})
	other := wsx.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	testOrigins(t, other, false, []originCase{
		forwarded("from whom is not trusted", refused, "https://public.example", "X-Forwarded-Host", "public.example"),
		forwarded("from whom is not trusted, who says that he is", refused, "https://public.example", "X-Forwarded-Host", "public.example", "X-Forwarded-For", "10.0.0.1"),
	})
}
