package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
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

// startExample builds examples/<name>, starts it with the flags, and returns the link that it prints. When the test ends, the
// program receives SIGTERM.
func startExample(t *testing.T, name string, flags ...string) (url string) {
	t.Helper()
	return buildExample(t, name).start(t, flags...).url
}

// example is the path of the program built from examples/<name>.
type example string

// built has a function for each example that builds it, once.
var built struct {
	dir string // ends with all tests

	mu     sync.Mutex
	byName map[string]func() error
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "wsx-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built.dir, built.byName = dir, make(map[string]func() error)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func buildExample(t *testing.T, name string) example {
	t.Helper()
	program := filepath.Join(built.dir, "example-"+name) // whose name may be a dot
	built.mu.Lock()
	build, ok := built.byName[name]
	if !ok {
		build = sync.OnceValue(func() error {
			build := exec.Command("go", "build", "-o", program, "./examples/"+name)
			build.Dir = ".."
			if out, err := build.CombinedOutput(); err != nil {
				return fmt.Errorf("building %s: %w\n%s", name, err, out)
			}
			return nil
		})
		built.byName[name] = build
	}
	built.mu.Unlock()
	require.NoError(t, build())
	return example(program)
}

// process is an example that runs until the test ends, or end is called.
type process struct {
	t       *testing.T
	url     string // the link that it prints
	cmd     *exec.Cmd
	reading sync.WaitGroup
	log     strings.Builder // read it after reading
	ended   bool
}

// start runs the program, on a free port unless a flag sets one.
func (e example) start(t *testing.T, flags ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(string(e), append([]string{"-addr", "127.0.0.1:0"}, flags...)...)}
	p.cmd.Dir = t.TempDir() // it may create a database there
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	lines := bufio.NewScanner(stderr)
	for p.url == "" && lines.Scan() {
		fmt.Fprintln(&p.log, lines.Text())
		_, p.url, _ = strings.Cut(lines.Text(), "ready: ")
	}
	require.NotEmpty(t, p.url, "the program printed no link:\n%s", &p.log)
	p.reading.Go(func() {
		for lines.Scan() {
			fmt.Fprintln(&p.log, lines.Text())
		}
	})
	t.Cleanup(func() { p.end(syscall.SIGTERM) })
	return p
}

// end sends the program a signal, SIGTERM or SIGKILL, and waits for it to exit. A second call does nothing.
func (p *process) end(signal syscall.Signal) {
	p.t.Helper()
	if p.ended {
		return
	}
	p.ended = true
	assert.NoError(p.t, p.cmd.Process.Signal(signal))
	overdue := time.AfterFunc(patience, func() { p.cmd.Process.Kill() })
	defer overdue.Stop()
	p.reading.Wait()
	if err := p.cmd.Wait(); signal == syscall.SIGTERM {
		assert.NoError(p.t, err, "exit after SIGTERM")
	}
	if p.t.Failed() {
		p.t.Logf("the program's log:\n%s", p.log.String())
	}
}

// address returns the address that the program listens on.
func (p *process) address() string {
	return strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/")
}

// comeIn logs in on the page of examples/internal/login, and waits until the next page is connected.
func (p *tab) comeIn(name string) *tab {
	p.t.Helper()
	p.typeIn("#name", name+"\r")
	p.wait(`document.querySelector("[wx-config]") && window.wsx?.isConnected()`)
	return p
}

// sees waits until the elements that match the selector have exactly these visible texts.
func (p *tab) sees(selector string, texts ...string) {
	p.t.Helper()
	if texts == nil {
		texts = []string{}
	}
	list, err := json.Marshal(texts)
	require.NoError(p.t, err)
	p.wait(fmt.Sprintf(`JSON.stringify([...document.querySelectorAll(%q)].map((e) => e.innerText.trim())) === JSON.stringify(%s)`, selector, list))
}

// lookAround takes screenshots in a wide and a narrow window, light and dark. The page must not scroll sideways, and axe must find
// no problem.
func (p *tab) lookAround(name string) {
	p.t.Helper()
	for _, size := range []struct{ width, height int64 }{{1200, 800}, {360, 740}} {
		for _, scheme := range []string{"light", "dark"} {
			p.do("emulating", chromedp.EmulateViewport(size.width, size.height), colorScheme(scheme))
			p.eval(`document.getAnimations().forEach((a) => a.animationName === "leave" || a.finish())`, nil)
			var width int
			p.eval(`document.documentElement.scrollWidth`, &width)
			assert.LessOrEqual(p.t, width, int(size.width), "%s: the page scrolls sideways", name)
			p.isAccessible(fmt.Sprintf("%s, %d wide, %s", name, size.width, scheme))
			p.screenshot(fmt.Sprintf("%s-%dx%d-%s", name, size.width, size.height, scheme))
		}
	}
	p.do("emulating", chromedp.EmulateViewport(1280, 800), colorScheme("light"))
}
