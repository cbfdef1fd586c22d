package limit

import (
	"net/http"
	"net/netip"
	"sync"
)

// Maxima bound how many connections are admitted. A maximum below 1 means no bound.
type Maxima struct {
	Connections int
	PerUser     int
	PerAddr     int
}

// An Admission counts connections, from before the upgrade to the end of the last goroutine, and refuses those that are too many.
type Admission struct {
	// immutable
	maxima Maxima
	empty  chan struct{} // closed when the Admission is closed and nothing is left

	// guarded by mu
	mu       sync.Mutex
	draining bool // no new connections; open ones are still served
	closed   bool
	open     int // connections that have not left
	counted  int // of these, the ones that hold a slot
	held     int // what else Close waits for
	perUser  map[string]int
	perAddr  map[netip.Prefix]int
}

// NewAdmission returns an Admission with no connections.
func NewAdmission(maxima Maxima) *Admission {
	return &Admission{
		maxima:  maxima,
		empty:   make(chan struct{}),
		perUser: make(map[string]int),
		perAddr: make(map[netip.Prefix]int),
	}
}

// A Slot is what a connection counts as.
type Slot struct {
	User string       // "" is not counted per user
	Addr netip.Prefix // peers without an address, all with the zero value, count as one; see Addr
}

// A Refusal says why a connection is not admitted.
type Refusal int

const (
	Admitted Refusal = iota
	ShutDown
	TooMany
	TooManyOfUser
	TooManyOfAddr
)

// Status returns the HTTP status for a refusal.
func (r Refusal) Status() int {
	if r == TooManyOfUser || r == TooManyOfAddr {
		return http.StatusTooManyRequests
	}
	return http.StatusServiceUnavailable
}

// Enter admits a connection or says why not. An admitted one must call ReleaseSlot when it ends, and Leave when all of its
// goroutines have ended.
func (a *Admission) Enter(s Slot) Refusal {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch m := &a.maxima; {
	case a.draining:
		return ShutDown
	case m.PerUser > 0 && s.User != "" && a.perUser[s.User] >= m.PerUser:
		return TooManyOfUser
	case m.PerAddr > 0 && a.perAddr[s.Addr] >= m.PerAddr:
		return TooManyOfAddr
	case m.Connections > 0 && a.counted >= m.Connections:
		return TooMany
	}
	a.open++
	a.counted++
	if s.User != "" {
		a.perUser[s.User]++
	}
	a.perAddr[s.Addr]++
	return Admitted
}

// ReleaseSlot stops counting a connection whose browser has gone and whose requests are done. A handler that is slow to return must
// not make the hub refuse the reload of its page. The connection still has to leave.
func (a *Admission) ReleaseSlot(s Slot) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counted--
	if a.perUser[s.User]--; a.perUser[s.User] <= 0 {
		delete(a.perUser, s.User)
	}
	if a.perAddr[s.Addr]--; a.perAddr[s.Addr] <= 0 {
		delete(a.perAddr, s.Addr)
	}
}

// Leave notes that all goroutines of a connection have ended.
func (a *Admission) Leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	a.settle()
}

// Hold makes Close wait for something other than a connection, until Release. It reports whether the Admission is still open.
func (a *Admission) Hold() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.held++
	return true
}

// Release ends what Hold began.
func (a *Admission) Release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held--
	a.settle()
}

// settle closes empty when nothing is left. The caller holds mu.
func (a *Admission) settle() {
	if a.closed && a.open+a.held == 0 {
		close(a.empty)
	}
}

// BeginDraining refuses every new connection from now on. It reports whether it is the first call.
func (a *Admission) BeginDraining() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	first := !a.draining
	a.draining = true
	return first
}

// IsDraining reports whether BeginDraining has been called.
func (a *Admission) IsDraining() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.draining
}

// Close ends the service of open connections. It must be called once, after BeginDraining.
func (a *Admission) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	a.settle()
}

// IsClosed reports whether Close has been called.
func (a *Admission) IsClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// Empty returns a channel that is closed once Close has been called and nothing is left.
func (a *Admission) Empty() <-chan struct{} { return a.empty }

// Addr returns what connections from an IP address are counted by: an IPv4 address, or the /64 of an IPv6 one, all of which belongs
// to one network. The prefix of what is not an address is invalid.
func Addr(ip string) netip.Prefix {
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

// Usage is what an Admission tracks at a moment.
type Usage struct {
	Open    int // connections that have not left
	Counted int // of these, the ones that hold a slot
	Users   int // with a slot
	Addrs   int // with a slot
}

// Usage returns the current usage.
func (a *Admission) Usage() Usage {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Usage{a.open, a.counted, len(a.perUser), len(a.perAddr)}
}
