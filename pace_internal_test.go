package wsx

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPacesForget(t *testing.T) {
	t.Parallel()
	limit := Limit{PerSecond: 1e-9, Burst: 1}
	addr := func(i int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
	}
	var p addrLimiters
	busy := addr(0)
	assert.True(t, p.allow(busy, limit))
	for i := 1; i < 10*maxAddrLimiters; i++ {
		assert.True(t, p.allow(addr(i), limit))
		if i%1000 == 0 {
			assert.False(t, p.allow(busy, limit), "who goes on asking is remembered")
		}
		assert.LessOrEqual(t, len(p.young)+len(p.old), 2*maxAddrLimiters)
	}
	assert.True(t, p.allow(addr(1), limit), "it has been quiet for long")
}
