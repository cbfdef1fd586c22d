package wsx

import (
	"flag"
	"os"
	"testing"

	"github.com/wsxgo/wsx/internal/acceptance/leak"
)

// atOneTime is how many tests run side by side, unless -parallel says so. Those on sockets wait more than they compute.
const atOneTime = "12"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", atOneTime); err != nil {
		panic(err)
	}
	flag.Parse()
	if testing.Short() {
		schedules /= 4
	}
	os.Exit(leak.Run(m))
}
