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
	// clientParts are loaded on demand by the script, by the name of the query that selects them.
	clientParts = map[string]*script{
		"http":  newScript("wsx-http.js"),  // the transports for networks that block WebSocket
		"morph": newScript("wsx-morph.js"), // morphing, and resets, which use it
		"more":  newScript("wsx-more.js"),  // rarely used attributes and verbs
		"debug": newScript("wsx-debug.js"), // the panel for developers
	}
)

// A script is one file of the browser client. Brotli comes from the build, because the standard
// library can't write it. Gzip and the tag are computed at the first request that needs them, so
// that a program that doesn't serve the script pays nothing.
type script struct {
	plain, brotli []byte
	gzip          func() []byte
	tag           func() string // identifies the version in the ETag
}

// newScript returns the script of an embedded file.
func newScript(name string) *script {
	plain, _ := dist.ReadFile("client/dist/" + name) // an embedded file can be read
	brotli, _ := dist.ReadFile("client/dist/" + name + ".br")
	return &script{plain, brotli,
		sync.OnceValue(func() []byte {
			var b bytes.Buffer
			w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
			_, _ = w.Write(plain)                                 // a bytes.Buffer never fails
			_ = w.Close()
			return b.Bytes()
		}),
		sync.OnceValue(func() string {
			sum := sha256.Sum256(plain)
			return base64.RawURLEncoding.EncodeToString(sum[:9])
		}),
	}
}

// Script returns a handler that serves the browser client, compressed with brotli or gzip if the
// browser accepts it. Mount it where pages load it: <script src="/wsx.js" defer>.
//
// Browsers may store the script but must revalidate it (Cache-Control: no-cache and an ETag;
// RFC 9111, section 5.2.2.4), so that a deploy never leaves an old script with a new server.
// Methods other than GET and HEAD get 405.
//
// The script loads parts that few pages need from its own address with a query, which this handler
// serves too: ?http for the transports besides WebSocket, ?morph for morphing, ?more for rarely
// used attributes and verbs, and ?debug for the panel of wsx.debug(). If client/dist is served as
// static files instead, the script finds the parts beside itself, as wsx-http.js and so on.
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

// serve answers a GET or HEAD request.
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
	etag := `"` + s.tag() + "-" + encoding + `"` // encodings differ (RFC 9110, section 8.8.3)
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
		_, _ = w.Write(body) // it fails only if the browser has gone
	}
}

// acceptsEncoding reports whether r names an encoding without refusing it by q=0 (RFC 9110,
// section 12.5.3).
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

// matchesETag reports whether If-None-Match holds etag, by weak comparison (RFC 9110,
// section 13.1.2).
func matchesETag(header []string, etag string) bool {
	for _, item := range strings.Split(strings.Join(header, ","), ",") {
		if item = strings.TrimSpace(item); item == "*" || strings.TrimPrefix(item, "W/") == etag {
			return true
		}
	}
	return false
}
