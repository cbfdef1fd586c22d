package limit

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAddrLimiters(t *testing.T) {
	t.Parallel()
	addr := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
	}
	t.Run("forget addresses without requests", func(t *testing.T) {
		t.Parallel()
		const size = 4096
		a := NewAddrLimiters(Rates{PerSecond: 1e-9, Burst: 1}, size)
		busy := addr(0)
		assert.True(t, a.Allow(busy))
		for i := 1; i < 10*size; i++ {
			assert.True(t, a.Allow(addr(i)))
			if i%1000 == 0 {
				assert.False(t, a.Allow(busy), "an address that goes on asking is remembered")
			}
			assert.LessOrEqual(t, len(a.young)+len(a.old), 2*size)
		}
		assert.True(t, a.Allow(addr(1)), "it has been quiet for long")
	})
	t.Run("allow the rate after the burst", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			a := NewAddrLimiters(Rates{PerSecond: 2, Burst: 2}, 10)
			assert.True(t, a.Allow(addr(1)))
			assert.True(t, a.Allow(addr(1)))
			assert.False(t, a.Allow(addr(1)))
			assert.True(t, a.Allow(addr(2)), "each address has its own")
			time.Sleep(500 * time.Millisecond)
			assert.True(t, a.Allow(addr(1)))
			assert.False(t, a.Allow(addr(1)))
		})
	})
	t.Run("count peers without an address as one", func(t *testing.T) {
		t.Parallel()
		a := NewAddrLimiters(Rates{PerSecond: 1, Burst: 1}, 10)
		assert.True(t, a.Allow(netip.Prefix{}))
		assert.False(t, a.Allow(netip.Prefix{}))
	})
	t.Run("allow everything without a bound", func(t *testing.T) {
		t.Parallel()
		for _, rates := range []Rates{{PerSecond: -1, Burst: 1}, {PerSecond: 1, Burst: -1}} {
			a := NewAddrLimiters(rates, 10)
			for range 100 {
				assert.True(t, a.Allow(addr(1)))
			}
		}
	})
}
