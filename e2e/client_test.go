package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The policy that the client promises to work under.
const strictPolicy = "default-src 'self'; require-trusted-types-for 'script'; trusted-types wsx"

// TestClient runs client/test/*.test.js in Chromium. Go's test cache does not see changes in client/: use -count=1.
func TestClient(t *testing.T) {
	server := serveClient(t)
	page := newBrowser(t).open(server.URL + "/test/index.html")
	page.wait("window.done")

	var results []struct {
		Name, Error string
		OK          bool
	}
	page.eval("window.results", &results)
	if len(results) == 0 {
		t.Fatal("no case ran")
	}
	for _, r := range results {
		t.Run(r.Name, func(t *testing.T) {
			if !r.OK {
				t.Error(r.Error)
			}
		})
	}
}

// serveClient offers client/ as it is in the tree, and below /frames/ the golden frames with a list of their names.
func serveClient(t *testing.T) *httptest.Server {
	t.Helper()
	frames := filepath.Join("..", "testdata", "frames")
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(filepath.Join("..", "client"))))
	mux.Handle("/frames/", http.StripPrefix("/frames/", http.FileServer(http.Dir(frames))))
	mux.HandleFunc("/frames/{$}", func(w http.ResponseWriter, _ *http.Request) {
		entries, err := os.ReadDir(frames)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		names := []string{}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		json.NewEncoder(w).Encode(names)
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", strictPolicy)
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// TestClientScript loads the bundle the ways that pages do, under the strict policy and against a server that is not there.
func TestClientScript(t *testing.T) {
	server := serveClient(t)
	b := newBrowser(t)
	for _, c := range []struct{ name, page, ready string }{
		{"deferred in the head", "deferred.html", "window.wsx instanceof WSX"},
		{"deferred before a script that wants to hear it connect", "behind.html", "window.wsx instanceof WSX && window.early === false"},
		{"at the end of the body", "atend.html", "window.wsx instanceof WSX"},
		{"added after the page was ready", "later.html", "window.wsx instanceof WSX"},
		{"twice, beside an element with the id wsx", "twice.html", "window.wsx instanceof WSX && window.loaded === 2"},
		{"with a config that is no JSON", "badconfig.html", "window.WSX && document.readyState === 'complete'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := b.open(server.URL + "/test/pages/" + c.page)
			page.allow("WebSocket connection to", "/nowhere", "wx-config cannot be used")
			page.wait(c.ready)
			var url string
			page.eval("window.wsx instanceof WSX ? wsx.config.url : ''", &url)
			want := "ws" + strings.TrimPrefix(server.URL, "http") + "/nowhere"
			if c.page == "badconfig.html" {
				want = ""
			}
			if url != want {
				t.Errorf("url: got %q, want %q", url, want)
			}
		})
	}
}
