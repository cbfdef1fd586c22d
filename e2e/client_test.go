package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// The policy that the client promises to work under.
const strictPolicy = "default-src 'self'; require-trusted-types-for 'script'; trusted-types wsx"

// TestClient runs client/test/*.test.js in Chromium.
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
