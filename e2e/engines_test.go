package e2e

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// engines are the browsers that run the client's tests. They only have to show a page.
var engines = []struct {
	name string
	// show opens url in a window until the test ends. If the engine exits earlier, the context ends.
	show func(t *testing.T, url string) context.Context
}{
	{"Chromium", showInChromium},
	{"Firefox", showInFirefox},
	{"WebKit", showInWebKit},
}

func showInChromium(t *testing.T, url string) context.Context {
	page := newBrowser(t).open(url)
	page.allow("/nowhere", "wx-config cannot be used") // from the frames of script.test.js
	page.allow("/turbo.js", "/htmx2.js", "/htmx4.js")  // which say when a change takes what they were working on
	page.allow("404 (Not Found)", "AbortError")        // of a connection that was cut
	return page.ctx
}

// firefoxSettings skips the pages for new users. It sends requests that are not on loopback to a proxy that doesn't exist, so that
// Firefox contacts no other machine.
const firefoxSettings = `
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("devtools.console.stdout.content", true);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.proxy.allow_bypass", false);
user_pref("network.proxy.failover_direct", false);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
`

func showInFirefox(t *testing.T, url string) context.Context {
	path := findEngine(t, "Firefox", "WSX_FIREFOX", "firefox-esr", "firefox")
	profile := t.TempDir()
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxSettings), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(t, exec.Command(path, "--headless", "--no-remote", "--profile", profile, url), "HOME="+profile)
}

// showInWebKit uses the test browser of WebKitGTK, which needs a screen.
func showInWebKit(t *testing.T, url string) context.Context {
	browsers := []string{"MiniBrowser"}
	for _, pattern := range []string{"/usr/lib*/webkit*gtk-*/MiniBrowser", "/usr/lib*/*/webkit*gtk-*/MiniBrowser"} {
		found, _ := filepath.Glob(pattern) // fails only for an invalid pattern
		browsers = append(browsers, found...)
	}
	path := findEngine(t, "WebKit", "WSX_WEBKIT", browsers...)
	return start(t, exec.Command(path, "--private", url), "DISPLAY="+newScreen(t), "HOME="+t.TempDir(), "GDK_BACKEND=x11")
}

// newScreen starts an X server without hardware and returns its address.
func newScreen(t *testing.T) string {
	t.Helper()
	path := findEngine(t, "Xvfb", "WSX_XVFB", "Xvfb")
	number, told, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	// It picks a free display number, and writes it to file descriptor 3 when it is ready.
	cmd := exec.Command(path, "-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{told}
	start(t, cmd)
	told.Close()
	number.SetReadDeadline(time.Now().Add(patience))
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb told no number: %v", err)
	}
	return ":" + strings.TrimSpace(line)
}

// start runs cmd until the test ends. The context ends when the program exits. If the test fails, the log contains its output.
func start(t *testing.T, cmd *exec.Cmd, env ...string) context.Context {
	t.Helper()
	path := filepath.Join(t.TempDir(), "output")
	output, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	// A file, because the engine's processes would keep a pipe open.
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, ended := context.WithCancelCause(context.Background())
	go func() { ended(fmt.Errorf("%s ended: %v", cmd.Path, cmd.Wait())) }()
	t.Cleanup(func() {
		// Not SIGKILL, so that its child processes end too.
		kill := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer kill.Stop()
		cmd.Process.Signal(os.Interrupt)
		<-ctx.Done()
		if said, err := os.ReadFile(path); err == nil && t.Failed() {
			t.Logf("%s:\n%s", cmd.Path, said)
		}
	})
	return ctx
}

// findEngine returns the path in the environment variable, or of the first program that exists. Without one, the test is skipped.
// In CI it fails, so that a passing run means that all engines ran.
func findEngine(t *testing.T, name, variable string, programs ...string) string {
	t.Helper()
	if program := os.Getenv(variable); program != "" {
		programs = []string{program}
	}
	for _, program := range programs {
		if path, err := exec.LookPath(program); err == nil {
			return path
		}
	}
	missing := fmt.Sprintf("no %s: install it or set %s to its path", name, variable)
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}
