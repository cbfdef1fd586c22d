// Package e2e drives real browsers against the library, as a visitor would.
package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a condition may take to become true. It is generous, because CI machines share their cores. A passing
// test doesn't wait that long.
const patience = 30 * time.Second

// browser is one Chromium process with its own profile. It ends with the test.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// tab is one page. Errors in its console fail the test when it ends, unless [tab.allow] expected them.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	console []string // everything, for the log of a failed test
	errors  []string
	allowed []string
}

// newBrowser starts Chromium.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := findEngine(t, "Chromium", "WSX_CHROMIUM", "chromium", "chromium-browser", "google-chrome")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	// t.Context() would end before the cleanups, which still use the page.
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	t.Cleanup(closeBrowser)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return &browser{t, ctx}
}

// open shows url in a new tab that shares cookies with the browser's other tabs.
func (b *browser) open(url string) *tab {
	b.t.Helper()
	return b.newTab(url)
}

// openAlone shows url in a tab with its own cookies and storage: another visitor.
func (b *browser) openAlone(url string) *tab {
	b.t.Helper()
	return b.newTab(url, chromedp.WithNewBrowserContext())
}

func (b *browser) newTab(url string, options ...chromedp.ContextOption) *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, options...)
	p := &tab{t: b.t, ctx: ctx}
	messages := chromedp.Console(ctx)
	var reading sync.WaitGroup
	reading.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			p.note(m)
		}
	})
	b.t.Cleanup(func() {
		p.eval("0", nil) // a round trip, so that all console messages have been read
		cancel()
		reading.Wait()
		p.report()
	})
	p.do("opening "+url, chromedp.Navigate(url))
	return p
}

func (p *tab) note(m chromedp.ConsoleMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.console = append(p.console, m.String()+" "+m.URL)
	if m.Type != chromedp.ConsoleError && !m.IsException() || strings.HasSuffix(m.URL, "/favicon.ico") {
		return
	}
	p.errors = append(p.errors, m.String()+" "+m.URL)
}

// allow allows console errors that contain one of the texts, for example after a lost connection.
func (p *tab) allow(texts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed = append(p.allowed, texts...)
}

func (p *tab) report() {
	p.mu.Lock()
	defer p.mu.Unlock()
next:
	for _, e := range p.errors {
		for _, text := range p.allowed {
			if strings.Contains(e, text) {
				continue next
			}
		}
		p.t.Errorf("console: %s", e)
	}
	if p.t.Failed() && len(p.console) > 0 {
		p.t.Logf("the whole console:\n%s", strings.Join(p.console, "\n"))
	}
}

// do runs browser actions. If one fails, the test fails.
func (p *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.do("clicking "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// typeIn types text into a field, key by key.
func (p *tab) typeIn(selector, text string) {
	p.t.Helper()
	// Not with SendKeys, which reads attributes that change meanwhile.
	p.do("typing in "+selector, chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible), chromedp.KeyEvent(text))
}

// eval runs JavaScript in the page, awaits a promise, and decodes the value into result unless that is nil.
func (p *tab) eval(js string, result any) {
	p.t.Helper()
	if err := p.tryEval(js, result); err != nil {
		p.t.Errorf("evaluating %s: %v", js, err)
	}
}

// wait returns once the JavaScript expression is true.
func (p *tab) wait(js string) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		var ok bool
		err := p.tryEval("!!("+js+")", &ok)
		if ok {
			return
		}
		if time.Now().After(deadline) || p.ctx.Err() != nil {
			p.screenshot("failed-" + strings.ReplaceAll(p.t.Name(), "/", "-"))
			p.t.Fatalf("never true in the page: %s (%v)", js, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// screenshot writes artifacts/<name>.png, which is not in git.
func (p *tab) screenshot(name string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll("artifacts", 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join("artifacts", name+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Errorf("screenshot %s: %v", name, err)
	}
}

func (p *tab) tryEval(js string, result any) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](js, chromedp.EvalAwaitPromise))
	if err != nil || result == nil {
		return err
	}
	return json.Unmarshal(raw, result)
}
