package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHello runs the README's program on a free port.
func TestHello(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	hello := exec.Command(buildHello(t, addr))
	if err := hello.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		hello.Process.Kill()
		hello.Wait()
	})
	url := "http://" + addr + "/"
	ready := false
	for deadline := time.Now().Add(patience); !ready && time.Now().Before(deadline); {
		resp, err := http.Get(url)
		if ready = err == nil; ready {
			resp.Body.Close()
		}
	}
	b := newBrowser(t)
	first, second := b.open(url), b.open(url)
	for _, page := range []*tab{first, second} {
		page.wait("window.wsx && wsx.isConnected()")
	}
	first.isAccessible("hello")
	first.typeIn("form input", "1 < 2 & <script>")
	first.click("form button")
	for _, page := range []*tab{first, second} {
		page.wait(`document.querySelector("#messages li")?.textContent === "1 < 2 & <script>"`)
	}
}

// buildHello compiles examples/hello with only the address changed.
func buildHello(t *testing.T, addr string) (program string) {
	t.Helper()
	dir := t.TempDir()
	path, err := filepath.Abs(filepath.Join("..", "examples", "hello", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "main.go")
	overlay := filepath.Join(dir, "overlay.json")
	replace, _ := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	for name, text := range map[string]string{
		changed: strings.Replace(string(source), "127.0.0.1:8080", addr, 1), overlay: string(replace),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program = filepath.Join(dir, "hello")
	build := exec.Command("go", "build", "-overlay", overlay, "-o", program, "./examples/hello")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building hello: %v\n%s", err, out)
	}
	return program
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
