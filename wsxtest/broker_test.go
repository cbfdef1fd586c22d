package wsxtest_test

import (
	"testing"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestTheBrokerInMemoryKeepsTheContract(t *testing.T) {
	wsxtest.TestBroker(t, func() wsx.Broker { return wsxtest.NewBroker() })
}

func TestAFaultyBrokerWithoutAFaultKeepsTheContract(t *testing.T) {
	wsxtest.TestBroker(t, func() wsx.Broker { return wsxtest.Faulty(wsxtest.NewBroker()) })
}
