package limit

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
)

func isEmpty(a *Admission) bool {
	select {
	case <-a.Empty():
		return true
	default:
		return false
	}
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	here, there := Addr("198.51.100.1"), Addr("198.51.100.2")
	t.Run("has three maxima", func(t *testing.T) {
		t.Parallel()
		a := NewAdmission(Maxima{Connections: 4, PerUser: 1, PerAddr: 2})
		nowhere := Slot{}
		assert.Equal(t, Admitted, a.Enter(Slot{"ann", here}))
		assert.Equal(t, TooManyOfUser, a.Enter(Slot{"ann", there}))
		assert.Equal(t, Admitted, a.Enter(Slot{"", here}))
		assert.Equal(t, TooManyOfAddr, a.Enter(Slot{"bob", here}))
		assert.Equal(t, Admitted, a.Enter(nowhere))
		assert.Equal(t, Admitted, a.Enter(nowhere))
		assert.Equal(t, TooManyOfAddr, a.Enter(nowhere), "peers without an address count as one")
		assert.Equal(t, TooMany, a.Enter(Slot{"", there}))
	})
	t.Run("gives a slot back before the connection leaves", func(t *testing.T) {
		t.Parallel()
		a := NewAdmission(Maxima{Connections: 1, PerUser: 1, PerAddr: 1})
		one := Slot{"ann", here}
		assert.Equal(t, Admitted, a.Enter(one))
		a.ReleaseSlot(one)
		assert.Equal(t, Admitted, a.Enter(one))
		assert.Equal(t, TooManyOfUser, a.Enter(one))
		a.ReleaseSlot(one)
		assert.Empty(t, a.perUser)
		assert.Empty(t, a.perAddr)
	})
	t.Run("drains, closes, and is empty at last", func(t *testing.T) {
		t.Parallel()
		a := NewAdmission(Maxima{})
		assert.Equal(t, Admitted, a.Enter(Slot{}))
		assert.True(t, a.Hold())
		assert.False(t, a.IsDraining())
		assert.True(t, a.BeginDraining())
		assert.False(t, a.BeginDraining(), "it is the second call")
		assert.True(t, a.IsDraining())
		assert.Equal(t, ShutDown, a.Enter(Slot{}))
		assert.True(t, a.Hold(), "draining goes on serving")
		a.Release()
		assert.False(t, a.IsClosed())
		a.Close()
		assert.True(t, a.IsClosed())
		assert.False(t, a.Hold())
		a.Leave()
		assert.False(t, isEmpty(a), "something is held")
		a.Release()
		assert.True(t, isEmpty(a))
	})
	t.Run("is empty at once without connections", func(t *testing.T) {
		t.Parallel()
		a := NewAdmission(Maxima{})
		assert.False(t, isEmpty(a))
		a.BeginDraining()
		a.Close()
		assert.True(t, isEmpty(a))
	})
}

func TestStatusOfARefusal(t *testing.T) {
	t.Parallel()
	for refusal, want := range map[Refusal]int{
		ShutDown: http.StatusServiceUnavailable, TooMany: http.StatusServiceUnavailable,
		TooManyOfUser: http.StatusTooManyRequests, TooManyOfAddr: http.StatusTooManyRequests,
	} {
		assert.Equal(t, want, refusal.Status())
	}
}

func TestAddr(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"198.51.100.1": "198.51.100.1/32", "::ffff:198.51.100.1": "198.51.100.1/32",
		"2001:db8:0:0:1::1": "2001:db8::/64", "fe80::1%eth0": "fe80::/64",
	} {
		assert.Equal(t, netip.MustParsePrefix(want), Addr(ip))
	}
	assert.False(t, Addr("@").IsValid())
}
