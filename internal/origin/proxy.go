package origin

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// requestedHost returns the host that the browser asks for, and reports whether it asks over TLS.
func (c *Checker) requestedHost(r *http.Request) (host string, secure bool) {
	host, secure = r.Host, r.TLS != nil
	if !c.trusts(peerOf(r)) {
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

// ClientAddr returns the IP address that a request comes from.
func (c *Checker) ClientAddr(r *http.Request) string {
	peer := peerOf(r)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if !c.trusts(peer) {
		if hops[0] != "" && isPrivateAddr(peer) {
			c.proxyHint.Do(func() {
				c.logger.Warn("wsx: a neighbor forwards requests, but is not in Options.TrustedProxies; its headers are ignored", "neighbor", peer)
			})
		}
		return peer
	}
	// Every proxy appends the address of its client. So the last hop that is not a trusted proxy is
	// the last one that can't be forged.
	for _, hop := range slices.Backward(hops) {
		hop = hostOf(strings.TrimSpace(hop)) // some proxies add the port
		if _, err := netip.ParseAddr(hop); err != nil {
			return peer
		}
		if peer = hop; !c.trusts(hop) {
			return peer
		}
	}
	return peer
}

// trusts reports whether an IP address is that of a trusted proxy.
func (c *Checker) trusts(addr string) bool {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(c.proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// isPrivateAddr reports whether addr can be that of a proxy on this machine or network.
func isPrivateAddr(addr string) bool {
	ip, err := netip.ParseAddr(addr)
	return err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast())
}

// peerOf returns the IP address of the TCP peer. A peer on a Unix socket has none, but is on this
// machine, so it counts as 127.0.0.1. An X-Forwarded-For header never names such a peer.
func peerOf(r *http.Request) string {
	if addr := r.RemoteAddr; addr == "" || addr[0] == '@' || addr[0] == '/' {
		return "127.0.0.1"
	}
	return hostOf(r.RemoteAddr)
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
