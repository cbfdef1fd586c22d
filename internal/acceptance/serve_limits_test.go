package acceptance

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

const switching, tooMany, unavailable = http.StatusSwitchingProtocols, http.StatusTooManyRequests, http.StatusServiceUnavailable

func from(addr string) func(*http.Request) { return header("X-Forwarded-For", addr) }

func as(name string) func(*http.Request) { return header("User", name) }

func TestMaxConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{MaxConnections: 2, Authenticate: asUser}, false)
	first, second := s.ask(t, as("alice")), s.ask(t, as("bob"))
	assert.Equal(t, []int{switching, switching}, []int{first.status, second.status})
	third := s.ask(t, as("carol"))
	assert.Equal(t, unavailable, third.status)
	assert.Regexp(t, `^[1-9][0-9]*$`, third.header.Get("Retry-After"))
	assert.Equal(t, 2, s.hub.Count())

	first.leave()
	s.eventuallyStatus(t, switching, as("carol"))
	require.NoError(t, s.hub.Disconnect(nil))
	s.eventuallyStatus(t, switching, as("alice"))
}

func TestMaxPerUser(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{MaxPerUser: 2, Authenticate: asUser}, false)
	tabs := []reply{s.ask(t, as("alice")), s.ask(t, as("alice"))}
	for _, tab := range tabs {
		assert.Equal(t, switching, tab.status)
	}
	assert.Equal(t, tooMany, s.ask(t, as("alice")).status)
	assert.Equal(t, switching, s.ask(t, as("bob")).status, "others are not meant")
	for range 5 {
		assert.Equal(t, switching, s.ask(t).status, "nobody in particular has no limit")
	}
	tabs[1].leave()
	s.eventuallyStatus(t, switching, as("alice"))
}

func TestMaxPerUserCountsTheIdentity(t *testing.T) {
	t.Parallel()
	s := newSite(t, wsx.Options{MaxPerUser: 1, Authenticate: asUser}, false)
	s.hub.OnConnect(func(_ context.Context, c *wsx.Connection) error { c.SetUser("zoe"); return nil })
	assert.Equal(t, switching, s.ask(t, as("alice")).status)
	assert.Equal(t, tooMany, s.ask(t, as("alice")).status, "SetUser gives no place back")
	assert.Equal(t, switching, s.ask(t, as("zoe")).status, "and takes none")
	waitUntil(t, "both are logged in", func() bool { return s.hub.Count(wsx.User("zoe")) == 2 })
}

func TestMaxPerAddr(t *testing.T) {
	t.Parallel()
	opts := proxied()
	opts.MaxPerAddr = 1
	for _, one := range []struct {
		what          string
		first, second string
		want          int
	}{
		{"an address", "198.51.100.1", "198.51.100.1", tooMany},
		{"another address", "198.51.100.1", "198.51.100.2", switching},
		{"an IPv4 address written as IPv6", "198.51.100.1", "::ffff:198.51.100.1", tooMany},
		{"two such addresses", "::ffff:198.51.100.1", "::ffff:198.51.100.2", switching},
		{"an IPv6 address", "2001:db8::1", "2001:db8::1", tooMany},
		{"another way to write it", "2001:db8::1", "2001:0DB8:0:0::1", tooMany},
		{"another address of the same /64", "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", tooMany},
		{"an address of the next /64", "2001:db8::1", "2001:db8:0:1::1", switching},
		{"another zone of the same address", "fe80::1%eth0", "fe80::1%eth1", tooMany},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, opts, false)
			first := s.ask(t, from(one.first))
			assert.Equal(t, switching, first.status)
			assert.Equal(t, one.want, s.ask(t, from(one.second)).status)
			first.leave()
			s.eventuallyStatus(t, switching, from(one.first))
		})
	}
	t.Run("cannot be dodged with headers", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, wsx.Options{MaxPerAddr: 1}, false)
		assert.Equal(t, switching, s.ask(t, from("198.51.100.1")).status)
		assert.Equal(t, tooMany, s.ask(t, from("198.51.100.2")).status)
	})
	t.Run("nor behind a proxy, which appends whom it sees", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, opts, false)
		assert.Equal(t, switching, s.ask(t, from("1.1.1.1, 198.51.100.1")).status)
		assert.Equal(t, tooMany, s.ask(t, from("2.2.2.2, 198.51.100.1")).status)
	})
}

func TestLimitsAreOffByDefault(t *testing.T) {
	t.Parallel()
	for what, opts := range map[string]wsx.Options{
		"zero":     {Authenticate: asUser},
		"negative": {Authenticate: asUser, MaxConnections: -1, MaxPerUser: -1, MaxPerAddr: -1},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, opts, false)
			for range 20 {
				require.Equal(t, switching, s.ask(t, as("alice")).status)
			}
			assert.Equal(t, 20, s.hub.Count())
		})
	}
}

func TestRemoteAddr(t *testing.T) {
	t.Parallel()
	trusted := proxied()
	trusted.TrustedProxies = append(trusted.TrustedProxies, netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))
	for _, one := range []struct {
		what    string
		opts    wsx.Options
		headers []string // values of X-Forwarded-For
		want    string
	}{
		{"the peer", wsx.Options{}, nil, "127.0.0.1"},
		{"the peer, who is not trusted", wsx.Options{}, []string{"198.51.100.1"}, "127.0.0.1"},
		{"the peer, when a trusted one says nothing", trusted, nil, "127.0.0.1"},
		{"whom a trusted one names", trusted, []string{"198.51.100.1"}, "198.51.100.1"},
		{"the last one", trusted, []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"the last one that is no proxy of ours", trusted, []string{"1.1.1.1, 198.51.100.1, 10.1.2.3"}, "198.51.100.1"},
		{"over two headers", trusted, []string{"1.1.1.1", "198.51.100.1", "10.1.2.3"}, "198.51.100.1"},
		{"over IPv6", trusted, []string{"2001:db8::1,fd00::7"}, "2001:db8::1"},
		{"not what hides behind garbage", trusted, []string{"198.51.100.1, <script>, 10.1.2.3"}, "10.1.2.3"},
		{"not what hides behind a stranger", trusted, []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		{"the farthest, when all are ours", trusted, []string{"10.1.1.1, 10.2.2.2"}, "10.1.1.1"},
	} {
		t.Run(one.what, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, one.opts, false)
			got := s.ask(t, func(r *http.Request) { r.Header["X-Forwarded-For"] = one.headers })
			require.Equal(t, switching, got.status)
			all := s.hub.GetConnections()
			require.Len(t, all, 1)
			assert.Equal(t, one.want, all[0].RemoteAddr())
		})
	}
}

func TestAProxyThatIsNotTrustedIsNamedOnce(t *testing.T) {
	t.Parallel()
	hints := func(s *site) int { return strings.Count(s.log.String(), "TrustedProxies") }
	t.Run("when a neighbor forwards", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, wsx.Options{}, false)
		s.ask(t)
		assert.Zero(t, hints(s))
		for range 3 {
			s.ask(t, from("198.51.100.1"))
		}
		assert.Equal(t, 1, hints(s))
		assert.Contains(t, s.log.String(), "127.0.0.1")
	})
	t.Run("not when it is trusted", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, proxied(), false)
		s.ask(t, from("198.51.100.1"))
		assert.Zero(t, hints(s))
	})
}

// TestNothingSecretIsLogged sends a secret wherever a browser may have one.
func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	secrets := func(r *http.Request) {
		r.Header.Set("Cookie", "session="+secret)
		r.Header.Set("Authorization", "Bearer "+secret)
		r.Header.Set("Sec-Websocket-Protocol", secret)
		r.Header.Set("X-Token", secret)
		r.Header.Set("Referer", "https://app.example/?token="+secret)
		r.Header.Set("User-Agent", secret)
		r.URL.RawQuery = "token=" + secret
	}
	refuse := false
	s := newSite(t, wsx.Options{MaxConnections: 1, PingInterval: -1, Authenticate: func(r *http.Request) (wsx.Identity, error) {
		if refuse {
			return wsx.Identity{}, errRefused
		}
		return wsx.Identity{}, nil
	}}, false)
	s.hub.On("fail", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, errRefused })
	s.hub.On("bind", wsx.Typed(func(context.Context, *wsx.Request, struct{ N int }) (*wsx.Response, error) { return nil, nil }))
	s.ask(t, secrets, header("Origin", "http://evil.example"))
	s.ask(t, secrets, header("Sec-Websocket-Key", ""))
	refuse = true
	s.ask(t, secrets)
	refuse = false
	accepted := s.ask(t, secrets)
	assert.Equal(t, switching, accepted.status)
	assert.Equal(t, unavailable, s.ask(t, secrets).status)
	accepted.leave()
	var b *socket
	waitUntil(t, "the place is free again", func() bool {
		var err error
		b, err = dialWith(t, s.URL, nil)
		return err == nil
	})
	b.send(`{"type":"hello","v":1,"page":"` + secret + `"}`)
	for _, f := range []string{
		`{"id":"1","handler":"fail","data":{"password":"` + secret + `"}}`,
		`{"id":"1","handler":"bind","data":{"n":"` + secret + `"}}`,
		`{"id":"1","handler":"nobody","data":"` + secret + `","target":"` + secret + `","trigger":"` + secret + `"}`,
		`{"id":"1","handler":"fail","data":"` + secret + `"`,
		`{"` + secret + `":1}`, secret, `{"id":"` + secret + `","ID":"` + secret + `"}`,
	} {
		b.send(f)
		require.Contains(t, b.next(), `"type":"error"`)
	}
	log := s.log.String()
	assert.Contains(t, log, errRefused.Error(), "what the program says is logged")
	assert.Contains(t, log, "another origin")
	assert.Contains(t, log, "bad frame")
	assert.NotContains(t, log, secret)
}
