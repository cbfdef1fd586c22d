package wsx

import (
	"net/http"
	"net/netip"
	"sync"
)

// A gate counts the connections of a hub, from before the upgrade to the end of the last goroutine, and refuses those
// that are too many.
type admission struct {
	empty chan struct{} // closed when the gate is closed and the last connection has gone

	mu       sync.Mutex // guards what follows
	draining bool       // nobody is let in any more, but who is in still is served
	closed   bool
	open     int // connections that have not left
	counted  int // of these, those that have not ended
	held     int // what else close has to wait for
	perUser  map[string]int
	perAddr  map[netip.Prefix]int
}

// An admission is what a connection occupies.
type slot struct {
	user string
	addr netip.Prefix // invalid: not known
}

// A refusal says why a connection was not let in.
type refusal int

const (
	admitted refusal = iota
	shutDown
	tooMany
	tooManyOfUser
	tooManyOfAddr
)

// status is how a refusal is said in HTTP.
func (r refusal) status() int {
	if r == tooManyOfUser || r == tooManyOfAddr {
		return http.StatusTooManyRequests
	}
	return http.StatusServiceUnavailable
}

func (g *admission) init() {
	g.empty = make(chan struct{})
	g.perUser = make(map[string]int)
	g.perAddr = make(map[netip.Prefix]int)
}

// enter admits a connection, which must be uncounted when it ends, and leave when nothing of it runs any more.
func (g *admission) enter(a slot, o *Options) refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.draining:
		return shutDown
	case o.MaxPerUser > 0 && a.user != "" && g.perUser[a.user] >= o.MaxPerUser:
		return tooManyOfUser
	case o.MaxPerAddr > 0 && a.addr.IsValid() && g.perAddr[a.addr] >= o.MaxPerAddr:
		return tooManyOfAddr
	case o.MaxConnections > 0 && g.counted >= o.MaxConnections:
		return tooMany
	}
	g.open++
	g.counted++
	if a.user != "" {
		g.perUser[a.user]++
	}
	if a.addr.IsValid() {
		g.perAddr[a.addr]++
	}
	return admitted
}

// uncount gives back what a connection occupied whose browser has gone and none of whose requests waits: a reload must not be
// refused because one handler of the page before is slow to return. The connection still has to leave.
func (g *admission) releaseSlot(a slot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counted--
	if g.perUser[a.user]--; g.perUser[a.user] <= 0 {
		delete(g.perUser, a.user)
	}
	if g.perAddr[a.addr]--; g.perAddr[a.addr] <= 0 {
		delete(g.perAddr, a.addr)
	}
}

// leave says that nothing of a connection runs any more.
func (g *admission) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	g.settle()
}

// hold makes close wait for something else than a connection, until release; false: the gate is closed.
func (g *admission) hold() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.held++
	return true
}

// release ends what hold began.
func (g *admission) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held--
	g.settle()
}

// settle says so when the last one has gone. The caller holds mu.
func (g *admission) settle() {
	if g.closed && g.open+g.held == 0 {
		close(g.empty)
	}
}

// refuse refuses everybody from here on; false: it did so already.
func (g *admission) beginDraining() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	first := !g.draining
	g.draining = true
	return first
}

func (g *admission) isDraining() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.draining
}

// close says, once and after refuse, that who is in is not served any more either.
func (g *admission) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	g.settle()
}

func (g *admission) isClosed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// addrOf returns what MaxPerAddr counts by: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address of
// it has them all.
func addrOf(ip string) netip.Prefix {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Prefix{}
	}
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // the bits fit the address
	return prefix
}
