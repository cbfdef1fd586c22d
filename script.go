package wsx

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

//go:embed client/dist
var dist embed.FS

var (
	clientScript = newScript("wsx.js")
	// What the script loads on demand, by the query that it asks with.
	clientParts = map[string]*script{
		"http":  newScript("wsx-http.js"),  // what is below WebSocket
		"morph": newScript("wsx-morph.js"), // morphs, and resets, which morph
		"more":  newScript("wsx-more.js"),  // what some attributes and verbs take
		"debug": newScript("wsx-debug.js"), // the panel for developers
	}
)

// A script is one file of the browser client.
type script struct {
	plain, brotli []byte
	gzip          func() []byte
	tag           func() string // names the version, so that browsers fetch it once for each that there is
}

func newScript(name string) *script {
	plain, _ := dist.ReadFile("client/dist/" + name) // what is embedded is there
	brotli, _ := dist.ReadFile("client/dist/" + name + ".br")
	return &script{plain, brotli,
		sync.OnceValue(func() []byte {
			var b bytes.Buffer
			w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a known one
			_, _ = w.Write(plain)                                 // a bytes.Buffer takes everything
			_ = w.Close()
			return b.Bytes()
		}),
		sync.OnceValue(func() string {
			sum := sha256.Sum256(plain)
			return base64.RawURLEncoding.EncodeToString(sum[:9])
		}),
	}
}

// Script returns a handler that serves the browser script, compressed with brotli or gzip for browsers that can read it.
// Browsers may keep the script but ask each time whether it is still the one (Cache-Control: no-cache and an ETag), so that a
// deploy never leaves an old script with a new server. Mount it where pages load it: <script src="/wsx.js" defer>.
//
// What few pages need comes in files of their own, which the script asks for at its own address: with the query ?http the
// transports that are there for when WebSocket does not get through, with ?morph the morphs,
// with ?more what some attributes and verbs take, with ?debug the panel of wsx.debug(). This handler answers all of them. Who serves
// client/dist as static files gets the same: the script then finds wsx-http.js and the others beside itself.
func Script() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		asked := clientScript
		for query := range r.URL.Query() {
			if part := clientParts[query]; part != nil {
				asked = part
			}
		}
		asked.serve(w, r)
	})
}

// serve answers a GET or HEAD.
func (s *script) serve(w http.ResponseWriter, r *http.Request) {
	body, encoding := s.plain, ""
	switch {
	case acceptsEncoding(r, "br"):
		body, encoding = s.brotli, "br"
	case acceptsEncoding(r, "gzip"):
		body, encoding = s.gzip(), "gzip"
	}
	header := w.Header()
	header.Set("Content-Type", "text/javascript; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding")
	header.Set("X-Content-Type-Options", "nosniff")
	etag := `"` + s.tag() + "-" + encoding + `"` // each encoding is a representation of its own (RFC 9110, section 8.8.3)
	header.Set("ETag", etag)
	if matchesETag(r.Header.Values("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // an error is the browser's, which has gone
	}
}

// acceptsEncoding reports that r names an encoding and does not refuse it with q=0 (RFC 9110, section 12.5.3).
func acceptsEncoding(r *http.Request, encoding string) bool {
	for _, item := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		q, found := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !found || err == nil && weight > 0
	}
	return false
}

// matchesETag answers If-None-Match, by the weak comparison (RFC 9110, section 13.1.2).
func matchesETag(header []string, etag string) bool {
	for _, item := range strings.Split(strings.Join(header, ","), ",") {
		if item = strings.TrimSpace(item); item == "*" || strings.TrimPrefix(item, "W/") == etag {
			return true
		}
	}
	return false
}
