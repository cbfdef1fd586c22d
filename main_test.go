package wsx

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// atOneTime is how many tests run side by side, unless -parallel says so. Those on sockets wait more than they compute.
const atOneTime = "12"

// TestMain fails the run if a goroutine of the library outlives all tests: every one of them has an owner that waits.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", atOneTime); err != nil {
		panic(err)
	}
	flag.Parse()
	if testing.Short() {
		schedules /= 4
	}
	code := m.Run()
	if code == 0 {
		if left := leftGoroutines(); left != "" {
			fmt.Fprintf(os.Stderr, "goroutines of wsx are left after all tests:\n\n%s\n", left)
			code = 1
		}
	}
	os.Exit(code)
}

// leftGoroutines returns the stacks of goroutines that still run code of this module, once no more of them end.
func leftGoroutines() string {
	var left string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		left = ""
		buf := make([]byte, 1<<20)
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, "github.com/wsxgo/wsx") && !strings.Contains(stack, "wsx.TestMain") {
				left += stack + "\n\n"
			}
		}
		if left == "" {
			break
		}
	}
	return left
}
