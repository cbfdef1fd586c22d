package acceptance

import (
	"flag"
	"os"
	"testing"

	"github.com/wsxgo/wsx/internal/acceptance/leak"
)

// atOneTime is how many tests run side by side, unless -parallel says so. Those on sockets wait more than they compute.
const atOneTime = "16"

func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", atOneTime); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(leak.Run(m))
}
