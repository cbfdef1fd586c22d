package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// chromium is one browser process with its own profile.
type chromium struct {
	ctx     context.Context
	version string
	stop    []func()
}

// startChromium prefers the browser that WSX_CHROMIUM names, as the tests do.
func startChromium(ctx context.Context) (*chromium, error) {
	path := os.Getenv("WSX_CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		found, _ := exec.LookPath(name)
		path = cmp.Or(path, found)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("js-flags", "--expose-gc"), // so that the heap contains only live objects
	)
	b := &chromium{}
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	b.stop = append(b.stop, stop)
	b.ctx, stop = chromedp.NewContext(ctx)
	b.stop = append(b.stop, stop)
	if err := chromedp.Do(b.ctx); err != nil {
		b.close()
		return nil, fmt.Errorf("starting Chromium at %q: %w", path, err)
	}
	info, err := chromedp.CallBrowser(b.ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		b.close()
		return nil, err
	}
	b.version = info.Product
	return b, nil
}

func (b *chromium) close() {
	for i := len(b.stop) - 1; i >= 0; i-- {
		b.stop[i]()
	}
}

// open opens a page in a new tab. The returned function closes it.
func (b *chromium) open(url string) (context.Context, context.CancelFunc, error) {
	ctx, cancel := chromedp.NewContext(b.ctx)
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		cancel()
		return nil, nil, err
	}
	return ctx, cancel, nil
}

// eval runs JavaScript, awaits a promise, and decodes the value.
func eval[T any](ctx context.Context, js string) (result T, err error) {
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](js, chromedp.EvalAwaitPromise))
	if err == nil {
		err = json.Unmarshal(raw, &result)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", js, err)
	}
	return result, err
}

// serve serves this folder, the client's sources below /src, and the given handlers.
func serve(more map[string]http.Handler) *httptest.Server {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(home)))
	mux.Handle("/src/", http.StripPrefix("/src/", http.FileServer(http.Dir(filepath.Join("client", "src")))))
	for pattern, handler := range more {
		mux.Handle(pattern, handler)
	}
	return httptest.NewServer(mux)
}
