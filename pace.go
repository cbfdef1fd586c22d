package wsx

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Paces hold those that send single requests to Options.Inbound, by their address. There are two generations of them, so that who
// has been quiet is forgotten: when the younger one is full, it becomes the older one, and that is dropped. The zero value is ready
// to use.
type addrLimiters struct {
	mu         sync.Mutex // guards what follows
	young, old map[netip.Prefix]*rate.Limiter
}

// allow reports that one more request may come from addr now. Of an invalid one, every request may.
func (p *addrLimiters) allow(addr netip.Prefix, l Limit) bool {
	if l.PerSecond < 0 || l.Burst < 0 || !addr.IsValid() {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	pace := p.young[addr]
	if pace == nil {
		if pace = p.old[addr]; pace == nil {
			pace = rate.NewLimiter(rate.Limit(l.PerSecond), l.Burst)
		}
		if p.young == nil || len(p.young) >= maxAddrLimiters {
			p.young, p.old = make(map[netip.Prefix]*rate.Limiter), p.young
		}
		p.young[addr] = pace
	}
	return pace.AllowN(time.Now(), 1)
}
