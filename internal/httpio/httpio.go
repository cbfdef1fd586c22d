// Package httpio reads requests and writes responses that may take longer than the server's own deadlines allow, and finds out what
// an http.ResponseWriter can do.
package httpio

import (
	"fmt"
	"net/http"
	"time"
)

// Implements reports whether w, or a ResponseWriter that it wraps, has the methods of T. It looks for them as
// http.ResponseController does.
func Implements[T any](w http.ResponseWriter) bool {
	for {
		if _, ok := w.(T); ok {
			return true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
}

// Flushes reports whether w can flush what is written so far.
func Flushes(w http.ResponseWriter) bool {
	return Implements[http.Flusher](w) || Implements[interface{ FlushError() error }](w)
}

// ClearDeadlines lifts the server's deadlines for this request, and reports whether w can do so.
func ClearDeadlines(w http.ResponseWriter) bool {
	control := http.NewResponseController(w)
	return control.SetReadDeadline(time.Time{}) == nil && control.SetWriteDeadline(time.Time{}) == nil
}

// IsWrapped reports whether w is a middleware's and not that of net/http.
func IsWrapped(w http.ResponseWriter) bool {
	switch fmt.Sprintf("%T", w) {
	case "*http.response", "*http.http2responseWriter":
		return false
	}
	return true
}

// TimeToAnswer returns how long an answer to r may wait, at most d: less than d if something that w doesn't let us change would cut it,
// which is the server's own deadlines or that of the request's context, as http.TimeoutHandler sets it.
func TimeToAnswer(w http.ResponseWriter, r *http.Request, d time.Duration) time.Duration {
	if deadline, ok := r.Context().Deadline(); ok {
		d = min(d, time.Until(deadline)/2)
	}
	if ClearDeadlines(w) {
		return d
	}
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		for _, timeout := range []time.Duration{server.ReadTimeout, server.WriteTimeout} {
			if timeout > 0 {
				d = min(d, timeout/2)
			}
		}
	}
	return d
}

// Isolate makes r the last request on its connection, so that net/http doesn't read the rest of r before it answers. A connection
// of HTTP/2 carries other requests in any case. Call it before the header is written.
func Isolate(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 {
		header := w.Header()
		header["Connection"] = append([]string{"close"}, header["Connection"]...) // net/http looks only at the first value
	}
}
