package wsx_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wsxgo/wsx"
)

// An exampleT stands in for the *testing.T that package wsxtest gets from a test. An example has none.
type exampleT struct {
	testing.TB // nil: an example calls only the methods below
	cleanups   []func()
}

func (t *exampleT) Helper()                           {}
func (t *exampleT) Cleanup(f func())                  { t.cleanups = append(t.cleanups, f) }
func (t *exampleT) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (t *exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// end closes the example's browsers.
func (t *exampleT) end() {
	for _, f := range t.cleanups {
		f()
	}
}

// A hub is mounted like any other handler, next to the script.
func ExampleNew() {
	hub := wsx.New(nil)
	mux := http.NewServeMux()
	mux.Handle("/live", hub)
	mux.Handle("GET /wsx.js", wsx.Script())

	server := httptest.NewServer(mux)
	defer server.Close()
	for _, path := range []string{"/wsx.js", "/live"} {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			log.Fatal(err)
		}
		defer resp.Body.Close()
		fmt.Println(path, resp.Status)
	}
	// A browser that opens /live asks for a WebSocket. This client doesn't.

	// Output:
	// /wsx.js 200 OK
	// /live 426 Upgrade Required
}
