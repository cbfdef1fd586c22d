package e2e

import (
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
)

const (
	nonce       = "r4nd0m"
	noncePolicy = "default-src 'self'; script-src 'self' 'nonce-" + nonce + "'; require-trusted-types-for 'script'; trusted-types wsx wsx-scripts"
	noncePage   = `<!doctype html><title>Nonce</title><script nonce="` + nonce + `">window.ran = []; window.note = (what) => ran.push(what)</script>
<script src="/wsx.js" nonce="` + nonce + `" defer></script>
<body wx-config='{"url":"/live"}'><p id="mark"></p><div id="list" %s></div>`
)

// openNonce opens a page that has a nonce.
func openNonce(t *testing.T, attribute, policy string) (*wsx.Hub, *tab) {
	hub := wsx.New(&wsx.Options{Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { hub.Shutdown(context.Background()) })
	mux := http.NewServeMux()
	mux.Handle("/live", hub)
	mux.Handle("/wsx.js", wsx.Script())
	mux.HandleFunc("/note.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, "note('file')")
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, noncePage, attribute) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if policy != "" {
			w.Header().Set("Content-Security-Policy", policy)
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := newBrowser(t).open(server.URL)
	p.allow("Content Security Policy")
	p.wait("window.wsx?.isConnected()")
	return hub, p
}

func note(nonce, what string) template.HTML {
	return template.HTML(fmt.Sprintf(`<p>%s</p><script nonce="%s">note('%s')</script>`, what, nonce, what))
}

// show sends html to the list and returns the scripts that have run.
func show(t *testing.T, hub *wsx.Hub, p *tab, swap wsx.Swap, html ...template.HTML) (ran []string) {
	t.Helper()
	for _, h := range html {
		require.NoError(t, hub.Broadcast("#list", h, swap))
	}
	mark := fmt.Sprint(t.Name(), swap, len(html))
	require.NoError(t, hub.Broadcast("#mark", wsx.Text(mark), wsx.Inner))
	p.wait(fmt.Sprintf("document.querySelector('#mark').textContent === %q", mark))
	p.eval("window.ran.splice(0)", &ran)
	return ran
}

func TestAScriptWithTheNonceOfThePageRuns(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{noncePolicy, ""} {
		t.Run("policy "+policy, func(t *testing.T) {
			hub, p := openNonce(t, "wx-nonce", policy)
			p.wait("performance.getEntriesByType('resource').some((e) => e.name.endsWith('/wsx.js?more'))")
			p.eval("import('/wsx.js?more').then(() => 0)", nil) // by then the client has it too, because it asked first
			t.Run("once, in the order of the page", func(t *testing.T) {
				ran := show(t, hub, p, wsx.Append, note(nonce, "a"), note("guess", "b"), note("", "c"), "<script>note('d')</script>", note(nonce, "e"))
				assert.Equal(t, []string{"a", "e"}, ran)
			})
			t.Run("not again with what follows", func(t *testing.T) {
				assert.Empty(t, show(t, hub, p, wsx.Append, "<p>later</p>"))
			})
			t.Run("not what a morph brings", func(t *testing.T) {
				assert.Empty(t, show(t, hub, p, wsx.MorphInner, note(nonce, "f")))
			})
			t.Run("from a file", func(t *testing.T) {
				html := template.HTML(fmt.Sprintf(`<script nonce="%s" src="/note.js"></script>`, nonce))
				require.NoError(t, hub.Broadcast("#list", html, wsx.Inner))
				p.wait("window.ran.join() === 'file'")
				p.eval("window.ran.length = 0", nil)
			})
			t.Run("and leaves text as it is", func(t *testing.T) {
				assert.Empty(t, show(t, hub, p, wsx.Inner, wsx.Text(`<script nonce="`+nonce+`">note('g')</script>`)))
				p.wait(`document.querySelector("#list").textContent === "<script nonce=\"` + nonce + `\">note('g')<\/script>"`)
			})
		})
	}
}

func TestWithoutOptingInNoNonceRunsAScript(t *testing.T) {
	t.Parallel()
	hub, p := openNonce(t, "", noncePolicy)
	p.eval("import('/wsx.js?more').then(() => 0)", nil)
	assert.Empty(t, show(t, hub, p, wsx.Append, note(nonce, "a")))
}
