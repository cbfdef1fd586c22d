// Package origin decides which requests come from a page that may connect, and which address each
// request comes from.
package origin

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// A Checker checks the origins of requests. It is safe for concurrent use.
type Checker struct {
	// immutable
	allowed []string // as Normalize returns them
	proxies []netip.Prefix
	logger  *slog.Logger

	proxyHint sync.Once
}

// New returns a checker that accepts the same origin and those in allowed, which must be as
// [Normalize] returns them. It believes the X-Forwarded headers of proxies only. It keeps the
// slices.
func New(allowed []string, proxies []netip.Prefix, logger *slog.Logger) *Checker {
	return &Checker{allowed: allowed, proxies: proxies, logger: logger}
}

// Normalize returns an origin as browsers serialize it: in lower case, without the default port of
// the scheme.
func Normalize(origin string) (string, error) {
	u, err := url.Parse(strings.ToLower(origin))
	switch {
	case err != nil:
		return "", fmt.Errorf("not an origin: %w", err)
	case u.Scheme == "" || u.Host == "" || strings.Contains(u.Host, "*") || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("an origin is a scheme and a host, as in %q", "https://app.example.com")
	}
	return u.Scheme + "://" + trimDefaultPort(u.Scheme, u.Host), nil
}

func trimDefaultPort(scheme, host string) string {
	switch scheme {
	case "http", "ws":
		return strings.TrimSuffix(host, ":80")
	case "https", "wss":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// Check returns an error for a request that a page of another origin may have made a browser send
// with its user's cookies (CWE-1385). It accepts a request without an origin: no browser sent it,
// so it carries no cookies but its sender's own.
func (c *Checker) Check(r *http.Request) error {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		// Browsers that leave out Origin still send this header (Fetch Metadata, section 2.4).
		switch site := r.Header.Get("Sec-Fetch-Site"); site {
		case "", "same-origin", "none":
			return nil
		default:
			return fmt.Errorf("the request has no Origin, and its Sec-Fetch-Site is %.20q", site)
		}
	}
	if len(origins) > 1 {
		return errors.New("the request has more than one Origin")
	}
	// A page with Referrer-Policy: no-referrer sends its forms without an origin. No page can forge the other header, and one of
	// another site or in a sandbox never gets this value.
	if sites := r.Header.Values("Sec-Fetch-Site"); origins[0] == "null" && len(sites) == 1 && sites[0] == "same-origin" {
		return nil
	}
	origin, err := Normalize(origins[0])
	if err != nil {
		return fmt.Errorf("origin %.100q: %w", origins[0], err)
	}
	if slices.Contains(c.allowed, origin) {
		return nil
	}
	return c.sameOrigin(r, origin)
}

// Allows reports whether origin is one of the allowed origins. It need not be normalized.
func (c *Checker) Allows(origin string) bool {
	normal, err := Normalize(origin)
	return err == nil && slices.Contains(c.allowed, normal)
}

// CheckSame returns an error unless origin is that of the hub itself, as r asks for it. It need not
// be normalized.
func (c *Checker) CheckSame(r *http.Request, origin string) error {
	normal, err := Normalize(origin)
	if err != nil {
		return err
	}
	return c.sameOrigin(r, normal)
}

// sameOrigin compares a normalized origin with the host that r asks for.
func (c *Checker) sameOrigin(r *http.Request, origin string) error {
	u, err := url.Parse(origin)
	if err != nil {
		return err
	}
	host, secure := c.requestedHost(r)
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("origin %.100q is not that of a web page", origin)
	case u.Scheme == "http" && secure:
		return fmt.Errorf("origin %.100q is http, but the request came over https", origin)
	case u.Host != trimDefaultPort(u.Scheme, strings.ToLower(host)):
		return fmt.Errorf("origin %.100q is neither the requested host %.100q nor in Options.Origins", origin, host)
	}
	return nil
}
