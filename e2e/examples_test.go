package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startExample builds and starts the program examples/<name>, with more flags if they are given, and stops it as an operator
// would. It returns the link that it prints.
func startExample(t *testing.T, name string, flags ...string) (url string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "example")
	build := exec.Command("go", "build", "-o", program, "./examples/"+name)
	build.Dir = ".."
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	cmd := exec.Command(program, append(flags, "-addr", "127.0.0.1:0")...)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(stderr)
	var log strings.Builder
	for url == "" && lines.Scan() {
		fmt.Fprintln(&log, lines.Text())
		_, url, _ = strings.Cut(lines.Text(), "ready: ")
	}
	require.NotEmpty(t, url, "the program printed no link:\n%s", &log)
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines.Scan() {
			fmt.Fprintln(&log, lines.Text())
		}
	})
	t.Cleanup(func() {
		assert.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		overdue := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		reading.Wait()
		assert.NoError(t, cmd.Wait(), "the program ends by itself after SIGTERM")
		overdue.Stop()
		if t.Failed() {
			t.Logf("the program's log:\n%s", log.String())
		}
	})
	return url
}

// comeIn logs in, at the page that examples/internal/login shows, and waits until the page behind it is live.
func (p *tab) comeIn(name string) *tab {
	p.t.Helper()
	p.typeIn("#name", name+"\r")
	p.wait(`document.querySelector("[wx-config]") && window.wsx?.isConnected()`)
	return p
}

// sees waits until the visible texts of what the selector finds are these.
func (p *tab) sees(selector string, texts ...string) {
	p.t.Helper()
	if texts == nil {
		texts = []string{}
	}
	list, err := json.Marshal(texts)
	require.NoError(p.t, err)
	p.wait(fmt.Sprintf(`JSON.stringify([...document.querySelectorAll(%q)].map((e) => e.innerText.trim())) === JSON.stringify(%s)`, selector, list))
}

// lookAround takes screenshots as on a desk and as on a telephone, by day and by night; nothing may scroll sideways.
func (p *tab) lookAround(name string) {
	p.t.Helper()
	for _, size := range []struct{ width, height int64 }{{1200, 800}, {360, 740}} {
		for _, scheme := range []string{"light", "dark"} {
			p.do("emulating", chromedp.EmulateViewport(size.width, size.height), colorScheme(scheme))
			p.eval(`document.getAnimations().forEach((a) => a.animationName === "leave" || a.finish())`, nil)
			var width int
			p.eval(`document.documentElement.scrollWidth`, &width)
			assert.LessOrEqual(p.t, width, int(size.width), "%s: the page scrolls sideways", name)
			p.screenshot(fmt.Sprintf("%s-%dx%d-%s", name, size.width, size.height, scheme))
		}
	}
	p.do("emulating", chromedp.EmulateViewport(1280, 800), colorScheme("light"))
}
