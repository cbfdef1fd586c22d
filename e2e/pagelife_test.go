package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/wsxgo/wsx"
)

// Libraries that replace parts of a page. They come with npm ci in client/, which ci/client.sh does.
var libraries = map[string]string{
	"/turbo.js":     "@hotwired/turbo/dist/turbo.es2017-umd.js",
	"/htmx2.js":     "htmx.org/dist/htmx.min.js",
	"/htmx4.js":     "htmx4/dist/htmx.min.js",
	"/idiomorph.js": "idiomorph/dist/idiomorph.min.js",
	"/alpine.js":    "alpinejs/dist/cdn.min.js",
}

// A site has pages, and two hubs, /live and /other.
type site struct {
	*httptest.Server
	t    *testing.T
	made chan struct{} // closed when /made answers

	mu   sync.Mutex
	seen []string // what the hubs and /note saw, in order; guarded by mu
}

// newSite serves pages, by their paths.
func newSite(t *testing.T, pages map[string]string) *site {
	s := &site{t: t, made: make(chan struct{})}
	mux := http.NewServeMux()
	mux.Handle("/wsx.js", wsx.Script())
	for path, file := range libraries {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, "../client/node_modules/"+file)
		})
	}
	for _, path := range []string{"/live", "/other"} {
		hub := wsx.New(&wsx.Options{Logger: slog.New(slog.DiscardHandler)})
		t.Cleanup(func() { hub.Shutdown(context.Background()) })
		hub.OnConnect(func(context.Context, *wsx.Connection) error {
			s.note("connect " + path)
			return nil
		})
		hub.OnDisconnect(func(*wsx.Connection, error) { s.note("disconnect " + path) })
		for _, name := range []string{"press", "part", "enter"} {
			hub.On(name, func(context.Context, *wsx.Request) (*wsx.Response, error) {
				s.note(name + " " + path)
				return nil, nil
			})
		}
		mux.Handle(path, hub)
	}
	mux.HandleFunc("/note", func(_ http.ResponseWriter, r *http.Request) { s.note(r.URL.RawQuery) })
	mux.HandleFunc("/made", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-s.made:
		case <-r.Context().Done():
		}
	})
	for path, page := range pages {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, page)
		})
	}
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// needs skips the test if a library is not installed. In CI it fails.
func (s *site) needs(path string) {
	s.t.Helper()
	if _, err := os.Stat("../client/node_modules/" + libraries[path]); err != nil {
		if os.Getenv("CI") == "true" {
			s.t.Fatal(err)
		}
		s.t.Skip(err)
	}
}

func (s *site) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, what)
}

// count returns how often the site saw something.
func (s *site) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(s.seen), func(one string) bool { return one != what }))
}

// wait returns once the site has seen something n times.
func (s *site) wait(what string, n int) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for s.count(what) < n {
		if time.Now().After(deadline) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.t.Fatalf("never %d times %q, only %q", n, what, s.seen)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestAPrerenderedPageWaitsUntilItIsVisited(t *testing.T) {
	t.Parallel()
	path := findEngine(t, "Chromium", "WSX_CHROMIUM", "chromium", "chromium-browser", "google-chrome")
	s := newSite(t, map[string]string{
		"/a": `<!doctype html><title>A</title>
			<script type="speculationrules">{"prerender":[{"urls":["/b"],"eagerness":"immediate"}]}</script>
			<script>fetch("/made").then(() => location.href = "/b")</script>`,
		"/b": `<!doctype html><title>B</title><script>
			const note = (what) => fetch("/note?" + what + "-" + (document.prerendering ? "early" : "visited"))
			window.WebSocket = class extends WebSocket { constructor(url) { super(url); note("socket") } }
			addEventListener("load", () => setTimeout(() => note("made"), 100))
			</script><script src="/wsx.js" defer></script>
			<body wx-config='{"url":"/live"}'><p wx-send="enter" wx-trigger="load"></p>`,
	})
	// Chromium prerenders nothing while it is driven, so the page drives itself.
	start(t, exec.Command(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), s.URL+"/a"))
	s.wait("made-early", 1)
	assert.Zero(t, s.count("socket-early"))
	assert.Zero(t, s.count("connect /live"))
	close(s.made)
	s.wait("enter /live", 1)
	s.wait("socket-visited", 1)
	assert.Equal(t, []int{1, 1, 0}, []int{s.count("connect /live"), s.count("enter /live"), s.count("socket-early")})
}

// page returns one that loads wsx.js and a library. Its links lead to the others.
func page(library, rest string) string {
	return `<!doctype html><head><title>Page</title><script src="` + library + `"></script><script src="/wsx.js" defer></script></head>` + rest +
		`<a id="to-login" href="/login">Login</a> <a id="to-a" href="/a">A</a> <a id="to-b" href="/b">B</a> <a id="to-c" href="/c">C</a></html>`
}

func TestTurboStartsKeepsAndEndsClients(t *testing.T) {
	t.Parallel()
	body := func(id, url string) string {
		return page("/turbo.js", `<body id="`+id+`" wx-config='{"url":"`+url+`"}'><form wx-send="press"><button id="press">Press</button></form>
			<section wx-config='{"url":"/other"}'><button id="part" wx-send="part">Part</button></section>`)
	}
	s := newSite(t, map[string]string{
		"/login": page("/turbo.js", `<body id="login">`),
		"/a":     body("a", "/live"), "/b": body("b", "/live"), "/c": body("c", "/live?c"),
	})
	s.needs("/turbo.js")
	p := newBrowser(t).open(s.URL + "/login")
	p.eval("window.visits = 0; addEventListener('turbo:load', () => window.visits++)", nil)
	visit := func(to string) {
		t.Helper()
		// The event says that the visit is over. The id alone says nothing when a page is visited from itself.
		p.eval("window.visits = 0", nil)
		p.click("#to-" + to)
		p.wait("window.visits > 0 && document.body.id === '" + to + "'")
	}
	visit("a")
	s.wait("connect /live", 1)
	s.wait("connect /other", 1)
	for n, to := range []string{"a", "b", "a"} {
		visit(to)
		p.click("#press")
		s.wait("press /live", n+1)
		p.click("#part")
		s.wait("part /other", n+1)
	}
	assert.Equal(t, []int{1, 1}, []int{s.count("connect /live"), s.count("connect /other")}, "one connection for all visits")
	visit("c")
	s.wait("disconnect /live", 1)
	s.wait("connect /live", 2)
	p.click("#press")
	s.wait("press /live", 4)
	p.click("#part")
	s.wait("part /other", 4)
	assert.Equal(t, 1, s.count("connect /other"), "its element has the same config")
	visit("login")
	s.wait("disconnect /live", 2)
	s.wait("disconnect /other", 1)
	p.eval("history.back()", nil)
	s.wait("connect /live", 3)
	p.wait("'visits' in window && wsx.isConnected()")
}

func TestHtmxBoostStartsAndEndsClients(t *testing.T) {
	t.Parallel()
	for _, library := range []string{"/htmx2.js", "/htmx4.js"} {
		t.Run(strings.Trim(library, "/."), func(t *testing.T) {
			boosted := `<body hx-boost:inherited="true" hx-boost="true">`
			main := func(id string) string {
				return page(library, boosted+`<main id="`+id+`" wx-config='{"url":"/live"}'><form hx-boost="false" wx-send="press"><button id="press">Press</button></form></main>`)
			}
			s := newSite(t, map[string]string{
				"/login": page(library, boosted+`<main id="login"></main>`),
				"/a":     main("a"), "/b": main("b"),
			})
			s.needs(library)
			p := newBrowser(t).open(s.URL + "/login")
			p.eval("window.stays = true", nil)
			visit := func(to string) {
				t.Helper()
				p.click("#to-" + to)
				p.wait("document.querySelector('main').id === '" + to + "' && window.stays")
			}
			visit("a")
			s.wait("connect /live", 1)
			for n, to := range []string{"b", "a", "b"} {
				visit(to)
				p.click("#press")
				s.wait("press /live", n+1)
			}
			assert.Equal(t, 1, s.count("connect /live"), "one connection for all visits")
			visit("login")
			s.wait("disconnect /live", 1)
		})
	}
}

func TestAPageThatIsWrittenAnewStartsAgain(t *testing.T) {
	t.Parallel()
	const rest = `<body wx-config='{"url":"/live"}'><form wx-send="press"><button id="press">Press</button></form><p wx-status></p>`
	s := newSite(t, map[string]string{"/a": `<!doctype html><title>A</title><script src="/wsx.js"></script>` + rest})
	p := newBrowser(t).open(s.URL + "/a")
	s.wait("connect /live", 1)
	p.wait("document.querySelector('[wx-status]').textContent === 'live'")
	p.eval("document.open(); document.write(`<!doctype html><title>B</title>"+rest+"`); document.close()", nil)
	s.wait("connect /live", 2)
	s.wait("disconnect /live", 1)
	p.wait("document.querySelector('[wx-status]').textContent === 'live'")
	p.click("#press")
	s.wait("press /live", 1)
	p.wait("document.title === 'B' && location.search === ''")
	p.eval("wsx.disconnect()", nil)
	p.wait("document.querySelector('[wx-status]').textContent === 'offline'")
}

func TestAComponentWithAShadowRootSends(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"/a": `<!doctype html><title>A</title><script src="/wsx.js" defer></script><body wx-config='{"url":"/live"}'>
		<template id="login"><form wx-send="press"><input name="secret" value="1"><button>Press</button></form>
			<select wx-send="part"><option>1</option></select><i wx-send="enter" wx-trigger="load"></i></template>
		<x-login></x-login>
		<script type="module">
		const template = document.querySelector("#login").innerHTML
		customElements.define("x-login", class extends HTMLElement {
			connectedCallback() {
				this.attachShadow({ mode: "open" }).innerHTML = template
				WSX.process(this.shadowRoot)
			}
		})
		</script>`})
	p := newBrowser(t).open(s.URL + "/a")
	s.wait("enter /live", 1)
	p.eval("document.body.append(document.createElement('x-login'))", nil)
	s.wait("enter /live", 2)
	for n := range 2 {
		p.eval(fmt.Sprintf("document.querySelectorAll('x-login')[%d].shadowRoot.querySelector('form').requestSubmit()", n), nil)
		s.wait("press /live", n+1)
		p.eval(fmt.Sprintf("document.querySelectorAll('x-login')[%d].shadowRoot.querySelector('select').dispatchEvent(new Event('change', { bubbles: true }))", n), nil)
		s.wait("part /live", n+1)
	}
	p.wait("location.search === ''")
}
