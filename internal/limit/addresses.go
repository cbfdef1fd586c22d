package limit

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// AddrLimiters bound the single requests of each address. They are kept in two generations, so that addresses without requests are
// forgotten: when the younger generation is full it becomes the older one, which is dropped.
type AddrLimiters struct {
	// immutable
	limit rate.Limit
	burst int
	size  int

	// guarded by mu
	mu         sync.Mutex
	young, old map[netip.Prefix]*rate.Limiter
}

// NewAddrLimiters returns limiters that allow the messages of r. A generation has size addresses.
func NewAddrLimiters(r Rates, size int) *AddrLimiters {
	return &AddrLimiters{limit: r.messages(), burst: r.Burst, size: size}
}

// Allow reports whether addr may send one more request now. Peers without an address, all with the zero value, count as one.
func (a *AddrLimiters) Allow(addr netip.Prefix) bool {
	if a.limit == rate.Inf {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	limiter := a.young[addr]
	if limiter == nil {
		if limiter = a.old[addr]; limiter == nil {
			limiter = rate.NewLimiter(a.limit, a.burst)
		}
		if a.young == nil || len(a.young) >= a.size {
			a.young, a.old = make(map[netip.Prefix]*rate.Limiter), a.young
		}
		a.young[addr] = limiter
	}
	return limiter.AllowN(time.Now(), 1)
}
