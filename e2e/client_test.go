package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The policy that the client supports.
const strictPolicy = "default-src 'self'; require-trusted-types-for 'script'; trusted-types wsx"

// suitePatience is how long an engine may take to start and to run all cases.
const suitePatience = 2 * time.Minute

// report is the result of the suite, sent by its page.
type report struct {
	Results    []struct{ Name, Error, LeftOut string }
	Complaints []string // errors in the console
}

// TestClient runs client/test/*.test.js in every engine. Go's test cache does not see changes in client/: use -count=1.
func TestClient(t *testing.T) {
	t.Parallel()
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			origin, reports := serveClient(t)
			shown := engine.show(t, origin+"/test/index.html?report=/report")
			var told report
			select {
			case told = <-reports:
			case <-shown.Done():
				t.Fatal(context.Cause(shown))
			case <-time.After(suitePatience):
				t.Fatalf("no report of the suite after %v", suitePatience)
			}
			if len(told.Results) == 0 {
				t.Error("no case ran")
			}
			for _, complaint := range told.Complaints {
				t.Errorf("console: %s", complaint)
			}
			for _, r := range told.Results {
				t.Run(r.Name, func(t *testing.T) {
					if r.Error != "" {
						t.Error(r.Error)
					}
					if r.LeftOut != "" {
						// Other engines test it.
						if engine.name == "Chromium" {
							t.Errorf("left out in every engine: %s", r.LeftOut)
						}
						t.Skip(r.LeftOut)
					}
				})
			}
		})
	}
}

// serveClient serves client/ from the tree, the golden frames and a list of their names below /frames/, and /report, which receives
// the suite's report.
func serveClient(t *testing.T) (origin string, _ <-chan report) {
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
	reports := make(chan report, 1)
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		var told report
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case reports <- told:
		default: // the page was loaded twice
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", strictPolicy)
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, reports
}
