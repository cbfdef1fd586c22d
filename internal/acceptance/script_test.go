package acceptance

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
)

// askScript asks wsx.Script for an address with these headers.
func askScript(method, target string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	wsx.Script().ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

func dist(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../client/dist/" + name)
	require.NoError(t, err)
	return string(text)
}

// The addresses of the client's files, and what each has.
var scriptFiles = []struct{ address, name string }{
	{"/wsx.js", "wsx.js"},
	{"/wsx.js?v=7", "wsx.js"},
	{"/wsx.js?http", "wsx-http.js"},
	{"/wsx.js?more", "wsx-more.js"},
	{"/wsx.js?morph", "wsx-morph.js"},
	{"/wsx.js?debug", "wsx-debug.js"},
	{"/wsx.js?http&2", "wsx-http.js"}, // asked again after it was lost
}

func TestScriptFiles(t *testing.T) {
	for _, f := range scriptFiles {
		t.Run(f.address+" as it is", func(t *testing.T) {
			resp := askScript("GET", f.address)
			assert.Equal(t, dist(t, f.name), read(t, resp.Body))
			assert.Equal(t, "text/javascript; charset=utf-8", resp.Header.Get("Content-Type"))
			assert.Equal(t, "no-cache", resp.Header.Get("Cache-Control"))
			assert.Equal(t, "Accept-Encoding", resp.Header.Get("Vary"))
			assert.Empty(t, resp.Header.Get("Content-Encoding"))
		})
		t.Run(f.address+" by brotli", func(t *testing.T) {
			resp := askScript("GET", f.address, "Accept-Encoding", "gzip, br")
			assert.Equal(t, "br", resp.Header.Get("Content-Encoding"))
			assert.Equal(t, dist(t, f.name+".br"), read(t, resp.Body))
		})
		t.Run(f.address+" by gzip", func(t *testing.T) {
			resp := askScript("GET", f.address, "Accept-Encoding", "gzip, br;q=0")
			assert.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
			unpacked, err := gzip.NewReader(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, dist(t, f.name), read(t, unpacked))
		})
		t.Run(f.address+" by HEAD has its length and no body", func(t *testing.T) {
			resp := askScript("HEAD", f.address)
			assert.Equal(t, strconv.Itoa(len(dist(t, f.name))), resp.Header.Get("Content-Length"))
			assert.Empty(t, read(t, resp.Body))
		})
		t.Run(f.address+" is not sent to who has it", func(t *testing.T) {
			etag := askScript("GET", f.address, "Accept-Encoding", "br").Header.Get("ETag")
			resp := askScript("GET", f.address, "Accept-Encoding", "br", "If-None-Match", `"old", W/`+etag)
			assert.Equal(t, http.StatusNotModified, resp.StatusCode)
			assert.Empty(t, read(t, resp.Body))
			assert.Equal(t, http.StatusOK, askScript("GET", f.address, "If-None-Match", etag).StatusCode, "another encoding")
		})
	}
	t.Run("the two have names of their own", func(t *testing.T) {
		assert.NotEqual(t, askScript("GET", "/wsx.js").Header.Get("ETag"), askScript("GET", "/wsx.js?http").Header.Get("ETag"))
	})
	t.Run("nothing else than GET and HEAD", func(t *testing.T) {
		resp := askScript("POST", "/wsx.js")
		assert.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
		assert.Equal(t, "GET, HEAD", resp.Header.Get("Allow"))
	})
	t.Run("the others are modules, which the first asks for", func(t *testing.T) {
		assert.Contains(t, dist(t, "wsx-http.js"), "export{")
		assert.Contains(t, dist(t, "wsx-more.js"), "export{")
		assert.Equal(t, 2, strings.Count(dist(t, "wsx.js"), "import("), "by a query, or else beside itself")
	})
}
