package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/dom"
)

// Attack vectors from the OWASP filter evasion cheat sheet and a few more, one per line. Vectors that load a script load /alert.js, so
// that the test notices each.
//
//go:embed testdata/vectors.txt
var vectorFile string

// Without a nonce, so that only script files of the server may run.
const xssPolicy = "default-src 'self'; require-trusted-types-for 'script'; trusted-types wsx"

var policies = []struct{ name, policy string }{{"strict policy", xssPolicy}, {"no policy", ""}}

// A way is a call that sends text of a user. HTML goes to the list with the way's name, as the text of an element.
type way struct {
	name   string
	isHTML bool
	send   func(s *xssServer, r *wsx.Request, list, text string) error
}

var itemPage = template.Must(template.New("item").Parse(`<li title="{{.}}" data-text='{{.}}'>{{.}}</li>`))

func asItem(text string) template.HTML { return wsx.HTMLf(`<li title="%s">%s</li>`, text, text) }

func publish(s *xssServer, f wsx.Fragment) error {
	return s.hub.Publish(context.Background(), wsx.Message{Fragments: []wsx.Fragment{f}})
}

var ways = []way{
	{"Broadcast", true, func(s *xssServer, _ *wsx.Request, list, text string) error {
		return s.hub.Broadcast(list, asItem(text), wsx.Append)
	}},
	{"Execute", true, func(s *xssServer, _ *wsx.Request, list, text string) error {
		html, err := wsx.Execute(itemPage, "item", text)
		if err != nil {
			return err
		}
		return s.hub.Broadcast(list, html, wsx.Append)
	}},
	{"Text", true, func(s *xssServer, _ *wsx.Request, list, text string) error {
		return s.hub.Broadcast(list, "<li>"+wsx.Text(text)+"</li>", wsx.Append)
	}},
	{"Publish", true, func(s *xssServer, _ *wsx.Request, list, text string) error {
		return publish(s, wsx.Fragment{Target: list, HTML: asItem(text), Swap: wsx.Append})
	}},
	{"Flush", true, func(s *xssServer, _ *wsx.Request, list, text string) error {
		var b wsx.Batch
		b.Add("#nothing", wsx.Text(text), wsx.Inner)
		b.Add(list, asItem(text), wsx.Append)
		return s.hub.Flush(&b)
	}},
	{"SendToConnection", true, func(s *xssServer, r *wsx.Request, list, text string) error {
		return s.hub.SendToConnection(r.Conn.ID(), list, asItem(text), wsx.Append)
	}},
	{"Send", true, func(s *xssServer, r *wsx.Request, list, text string) error {
		return r.Conn.Send(list, asItem(text), wsx.Append)
	}},
	{"SetText", true, func(s *xssServer, _ *wsx.Request, list, text string) error {
		err := s.hub.Broadcast(list, "<li></li>", wsx.Append)
		if err != nil {
			return err
		}
		return publish(s, dom.SetText(list+" > :last-child", text))
	}},
	{"SetValue", false, func(s *xssServer, _ *wsx.Request, _, text string) error {
		return publish(s, dom.SetValue("#field", text))
	}},
	{"SetAttr", false, func(s *xssServer, _ *wsx.Request, _, text string) error {
		return publish(s, dom.SetAttr("#field", "title", text))
	}},
	{"SetAttr of an address", false, func(s *xssServer, _ *wsx.Request, _, text string) error {
		return publish(s, dom.SetAttr("#link", "href", text))
	}},
	{"SetAttr of a name", false, func(s *xssServer, _ *wsx.Request, _, text string) error {
		return publish(s, dom.SetAttr("#field", text, "alert(1)"))
	}},
	{"AddClass", false, func(s *xssServer, _ *wsx.Request, _, text string) error {
		return publish(s, dom.AddClass("#field", text))
	}},
	{"Dispatch", false, func(s *xssServer, _ *wsx.Request, _, text string) error {
		return publish(s, dom.Dispatch("#field", "told", text))
	}},
	{"SetTitle", false, func(s *xssServer, _ *wsx.Request, _, text string) error { return publish(s, dom.SetTitle(text)) }},
	{"PushURL", false, func(s *xssServer, _ *wsx.Request, _, text string) error { return publish(s, dom.PushURL(text)) }},
	{"ReplaceURL", false, func(s *xssServer, _ *wsx.Request, _, text string) error { return publish(s, dom.ReplaceURL(text)) }},
	{"Announce", false, func(s *xssServer, _ *wsx.Request, _, text string) error { return publish(s, dom.Announce(text)) }},
}

// xssServer serves a page with a list for each way.
type xssServer struct {
	t   *testing.T
	hub *wsx.Hub
	url string
}

func newXSSServer(t *testing.T, policy string) *xssServer {
	s := &xssServer{t: t, hub: wsx.New(&wsx.Options{Logger: slog.New(slog.DiscardHandler)})}
	s.hub.ConfigureRooms("remembers", wsx.RoomOptions{History: 1000})
	t.Cleanup(func() { s.hub.Shutdown(context.Background()) })
	type said struct{ Texts []string }
	for _, w := range ways {
		s.hub.On(w.name, wsx.Typed(func(_ context.Context, r *wsx.Request, in said) (*wsx.Response, error) {
			for _, text := range in.Texts {
				if err := w.send(s, r, listOf(w.name), text); err != nil && w.isHTML {
					return nil, err
				}
			}
			return nil, nil
		}))
	}
	s.hub.On("Reply", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
		return r.Reply(asItem(in.Text)).And("#nothing", wsx.Text(in.Text), wsx.Inner), nil
	}))
	s.hub.On("UserError", wsx.Typed(func(_ context.Context, _ *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
		return nil, wsx.UserErrorf("%s", in.Text)
	}))
	mux := http.NewServeMux()
	mux.Handle("/live", s.hub)
	mux.Handle("/wsx.js", wsx.Script())
	mux.Handle("/wsx-more.js", wsx.Script())
	mux.HandleFunc("/alert.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, "window.parent.alert('a file')")
	})
	mux.HandleFunc("/page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, xssScript)
	})
	mux.HandleFunc("/{$}", s.page)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if policy != "" {
			w.Header().Set("Content-Security-Policy", policy)
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// xssScript records every script that runs, and shows errors as HTML, like a careless page.
const xssScript = `
window.ran = [];
window.alert = (what) => window.ran.push(String(what));
addEventListener("wsx:error", ({ detail }) => {
  const item = document.createElement("li");
  try { item.innerHTML = detail.html; } catch { item.textContent = detail.text; } // Trusted Types allow it only for a policy
  document.querySelector("#UserError").append(item);
});
`

func listOf(way string) string { return "#" + strings.ReplaceAll(way, " ", "-") }

// page takes a ticket and publishes all vectors before it responds, so that the browser receives them from the room's history.
func (s *xssServer) page(w http.ResponseWriter, r *http.Request) {
	ticket, err := s.hub.Ticket(r.Context(), "", "remembers")
	for _, text := range vectors() {
		if err == nil {
			err = s.hub.Broadcast("#remembers", asItem(text), wsx.Append, wsx.Room("remembers"))
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, `<!doctype html><title>XSS</title><script src="/page.js"></script><script src="/wsx.js" defer></script>
<body wx-config='{"url": "/live"}'><input id="field"><a id="link">link</a><p id="nothing"></p><ul id="remembers" wx-ticket="%s"></ul>`, ticket)
	for _, list := range append([]string{"Reply", "UserError"}, names()...) {
		fmt.Fprintf(w, `<ul id="%s"></ul>`, listOf(list)[1:])
	}
	fmt.Fprint(w, `<ul id="raw"><li></li></ul>`)
}

func names() (list []string) {
	for _, w := range ways {
		list = append(list, w.name)
	}
	return list
}

func vectors() []string { return strings.Split(strings.TrimSuffix(vectorFile, "\n"), "\n") }

// open opens the page and waits until it has received the room's history.
func (s *xssServer) open(chromium *browser) *tab {
	p := (&browser{s.t, chromium.ctx}).open(s.url)
	p.allow("") // the browser reports blocked scripts there
	p.wait("window.wsx?.isConnected()")
	p.wait(fmt.Sprintf("document.querySelector('#remembers').childElementCount === %d", len(vectors())))
	return p
}

// settle waits until all earlier messages are shown and their effects have started.
func (s *xssServer) settle(p *tab, mark string) {
	require.NoError(s.t, s.hub.Broadcast("#nothing", wsx.Text(mark), wsx.Inner))
	p.wait(fmt.Sprintf("document.querySelector('#nothing').textContent === %q", mark))
	p.eval(`Promise.all([...document.images].map((i) => i.complete || new Promise((done) => (i.onload = i.onerror = done))))
		.then(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 200))))`, nil)
}

func (p *tab) ranNothing(what string) {
	p.t.Helper()
	var ran []string
	p.eval("window.ran.splice(0)", &ran)
	assert.Empty(p.t, ran, "%s: scripts ran", what)
}

func TestNoScriptOfAUserRuns(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(vectors()), 80)
	given, err := json.Marshal(vectors())
	require.NoError(t, err)
	chromium := newBrowser(t)
	for _, policy := range policies {
		t.Run(policy.name, func(t *testing.T) {
			s := newXSSServer(t, policy.policy)
			p := s.open(chromium)
			p.eval(fmt.Sprintf("window.vectors = %s; 0", given), nil)
			p.eval(`for (const name of ["Reply", "UserError"])
				for (const text of vectors) wsx.send(name, { target: "#Reply", swap: "beforeend", data: { text } })`, nil)
			p.wait(`["#Reply", "#UserError"].every((list) => document.querySelector(list).childElementCount === vectors.length)`)
			for _, w := range ways {
				p.eval(fmt.Sprintf(`new Promise((done) => {
					const id = wsx.send(%q, { data: { texts: vectors } });
					done(id);
				})`, w.name), nil)
			}
			for _, w := range ways {
				if w.isHTML {
					p.wait(fmt.Sprintf("document.querySelector(%q).childElementCount === vectors.length", listOf(w.name)))
				}
			}
			s.settle(p, "all")
			for _, list := range append(names(), "Reply", "UserError", "remembers") {
				t.Run(list, func(t *testing.T) {
					var shown []string
					p.eval(fmt.Sprintf("[...document.querySelectorAll('%s > li')].map((e) => e.textContent)", listOf(list)), &shown)
					if len(shown) > 0 {
						assert.Equal(t, vectors(), shown, "what was written is what is read")
					}
				})
			}
			p.ranNothing("escaped")
		})
	}
}

func TestAddressesOfUsersAreNoScripts(t *testing.T) {
	t.Parallel()
	s := newXSSServer(t, "")
	for _, text := range vectors() {
		if before, _, ok := strings.Cut(strings.ToLower(text), ":"); !ok || !strings.HasSuffix(before, "script") && before != "data" {
			continue
		}
		for name, f := range map[string]wsx.Fragment{
			"Navigate": dom.Navigate(text), "PushURL": dom.PushURL(text), "ReplaceURL": dom.ReplaceURL(text),
			"SetAttr": dom.SetAttr("#link", "onclick", text),
		} {
			assert.ErrorIs(t, publish(s, f), wsx.ErrSwap, "%s of %s", name, text)
		}
	}
}

// Scripts in HTML from the program itself don't run. Handlers in attributes are only stopped by the page's policy.
func TestScriptsInFragmentsDoNotRun(t *testing.T) {
	t.Parallel()
	chromium := newBrowser(t)
	for _, policy := range policies {
		for _, swap := range []wsx.Swap{wsx.Inner, wsx.Outer, wsx.MorphInner, wsx.Morph, wsx.Append, wsx.Prepend, wsx.Before, wsx.After} {
			t.Run(policy.name+" "+string(swap), func(t *testing.T) {
				s := newXSSServer(t, policy.policy)
				p := s.open(chromium)
				for i, text := range vectors() {
					if policy.policy == "" && !isScript(text) {
						continue
					}
					require.NoError(t, s.hub.Broadcast("#raw", `<ul id="raw"><li></li></ul>`, wsx.Outer))
					html := template.HTML(text) // like a program that trusts untrusted text
					if swap == wsx.Outer || swap == wsx.Morph {
						html = `<ul id="raw"><li>` + html + `</li></ul>`
					}
					require.NoError(t, s.hub.Broadcast("#raw", html, swap), "vector %d", i)
				}
				s.settle(p, "raw")
				p.ranNothing("raw")
			})
		}
	}
}

// isScript reports whether only script elements could run in it.
func isScript(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "<script") && !strings.Contains(lower, "iframe") && !strings.Contains(lower, " on") && !strings.Contains(lower, "/on")
}
