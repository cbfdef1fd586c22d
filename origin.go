package wsx

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// checkOrigin refuses requests that another site made a browser send with its user's cookies (CWE-1385). A request
// that names no site comes from no browser: it can do nothing that its sender could not do anyhow.
func (h *Hub) checkOrigin(r *http.Request) error {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		// Fetch Metadata, section 2.4: browsers that leave out Origin still say this.
		switch site := r.Header.Get("Sec-Fetch-Site"); site {
		case "", "same-origin", "none":
			return nil
		default:
			return fmt.Errorf("a request without Origin is %.20q", site)
		}
	}
	if len(origins) > 1 {
		return errors.New("there is more than one Origin")
	}
	origin, err := normalOrigin(origins[0])
	if err != nil {
		return fmt.Errorf("origin %.100q: %w", origins[0], err)
	}
	if slices.Contains(h.opts.Origins, origin) {
		return nil
	}
	return h.sameOrigin(r, origin)
}

// sameOrigin compares a normal origin with the host that r asks for.
func (h *Hub) sameOrigin(r *http.Request, origin string) error {
	u, err := url.Parse(origin)
	if err != nil {
		return err
	}
	host, secure := h.requestedHost(r)
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("origin %.100q is of no web page", origin)
	case u.Scheme == "http" && secure:
		return fmt.Errorf("origin %.100q is not encrypted, and this request is", origin)
	case u.Host != trimDefaultPort(u.Scheme, strings.ToLower(host)):
		return fmt.Errorf("origin %.100q is not the host %.100q that was asked, nor in Options.Origins", origin, host)
	}
	return nil
}

// askedFor returns the host that the browser asked for, and whether it asked over TLS.
func (h *Hub) requestedHost(r *http.Request) (host string, secure bool) {
	host, secure = r.Host, r.TLS != nil
	if !h.trusts(r.RemoteAddr) {
		return host, secure
	}
	if forwarded := lastOf(r.Header.Values("X-Forwarded-Host")); forwarded != "" {
		host = forwarded
	}
	if proto := lastOf(r.Header.Values("X-Forwarded-Proto")); proto != "" {
		secure = strings.EqualFold(proto, "https") || strings.EqualFold(proto, "wss")
	}
	return host, secure
}

// clientAddr returns the IP address that a request comes from.
func (h *Hub) clientAddr(r *http.Request) string {
	peer := hostOf(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if !h.trusts(r.RemoteAddr) {
		if hops[0] != "" && isPrivateAddr(peer) {
			h.proxyHint.Do(func() {
				h.opts.Logger.Warn("wsx: a neighbour forwards requests, but is not in Options.TrustedProxies; its headers are ignored", "neighbour", peer)
			})
		}
		return peer
	}
	// Every proxy appends who spoke to it, so the last hop that is no proxy of ours is the last one that cannot be made up.
	for _, hop := range slices.Backward(hops) {
		hop = hostOf(strings.TrimSpace(hop)) // some proxies add the port
		if _, err := netip.ParseAddr(hop); err != nil {
			return peer
		}
		if peer = hop; !h.trusts(hop) {
			return peer
		}
	}
	return peer
}

// trusts reports that an address, with or without a port, is in Options.TrustedProxies.
func (h *Hub) trusts(addr string) bool {
	ip, err := netip.ParseAddr(hostOf(addr))
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(h.opts.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

func isPrivateAddr(addr string) bool {
	ip, err := netip.ParseAddr(addr)
	return err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast())
}

// hostOf returns addr without its port.
func hostOf(addr string) string {
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		return ap.Addr().Unmap().String()
	}
	return addr
}

// lastOf returns the last element of a header that proxies append to.
func lastOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	list := strings.Split(values[len(values)-1], ",")
	return strings.TrimSpace(list[len(list)-1])
}

// allowOrigin lets a page of Options.Origins read the answer (Fetch, section 3.3). The origin has been checked.
func (h *Hub) allowOrigin(w http.ResponseWriter, r *http.Request) {
	given := r.Header.Get("Origin")
	if origin, err := normalOrigin(given); err != nil || !slices.Contains(h.opts.Origins, origin) {
		return
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", given)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", headerPoll+", Retry-After")
	header.Add("Vary", "Origin")
}

// allowAll answers a preflight: whatever the protocol needs may be asked.
func allowAll(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "content-type, wsx-conn, wsx-poll")
	w.WriteHeader(http.StatusNoContent)
}
