// Package leak finds goroutines of the library that outlive all tests of a package.
package leak

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

const module = "github.com/wsxgo/wsx"

// Run runs the tests of a package and returns the code to exit with. It fails if a goroutine of
// the library outlives them: each has an owner that waits for it.
func Run(m *testing.M) int {
	code := m.Run()
	if code != 0 {
		return code
	}
	if left := goroutines(); left != "" {
		fmt.Fprintf(os.Stderr, "goroutines of wsx are left after all tests:\n\n%s\n", left)
		return 1
	}
	return 0
}

// goroutines returns the stacks of goroutines that still run code of this module, once no more of
// them end. The one that asks is not among them.
func goroutines() string {
	var left string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		left = ""
		buf := make([]byte, 1<<20)
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(stack, module) && !strings.Contains(stack, "leak.Run(") {
				left += stack + "\n\n"
			}
		}
		if left == "" {
			break
		}
	}
	return left
}
