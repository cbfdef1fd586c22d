package wsx

import (
	"net/http"
	"strings"

	"github.com/wsxgo/wsx/internal/httpio"
)

// A requestKind is what a request asks a hub for.
type requestKind int

const (
	unknownRequest requestKind = iota
	webSocket                  // a connection over a WebSocket
	eventStream                // a connection over a stream of events
	firstPoll                  // a connection over long polls
	nextPoll                   // what is queued for such a connection
	upload                     // frames for a connection over HTTP
	closeSession               // the end of a connection over HTTP
	single                     // one request without a connection
	preflight                  // whether another origin may send any of these (Fetch, section 4.8)
)

// The headers of connections over HTTP.
const (
	headerConn = "Wsx-Conn" // the connection's id and its key
	headerPoll = "Wsx-Poll" // the number of an answer; in a poll, of the last answer read
)

// requestKindOf returns the kind of r by its method and headers. The body isn't needed, so a
// request can be refused before its body is read.
func requestKindOf(r *http.Request) requestKind {
	named := len(r.Header.Values(headerConn)) > 0
	switch {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		return webSocket
	case r.Method == http.MethodGet && accepts(r, "text/event-stream"):
		return eventStream
	case r.Method == http.MethodGet && accepts(r, "application/json") && named:
		return nextPoll
	case r.Method == http.MethodGet && accepts(r, "application/json"):
		return firstPoll
	case r.Method == http.MethodPost && named:
		return upload
	case r.Method == http.MethodPost:
		return single
	case r.Method == http.MethodDelete:
		return closeSession
	case r.Method == http.MethodOptions:
		return preflight
	}
	return unknownRequest
}

// accepts reports whether r names the media type in its Accept header (RFC 9110, section 12.5.1).
// Wildcards don't count, because a page opened in a browser has one.
func accepts(r *http.Request, mediaType string) bool {
	for _, value := range r.Header.Values("Accept") {
		for one := range strings.SplitSeq(value, ",") {
			name, _, _ := strings.Cut(one, ";")
			if strings.EqualFold(strings.TrimSpace(name), mediaType) {
				return true
			}
		}
	}
	return false
}

// begins reports whether a request starts something new, as opposed to continuing a connection.
// Shutdown refuses only new ones.
func (k requestKind) begins() bool {
	return k == webSocket || k == eventStream || k == firstPoll || k == single
}

// hasBody reports whether a request of this kind may have a body. An unknown kind may, because 426
// is more helpful than 400.
func (k requestKind) hasBody() bool { return k == upload || k == single || k == unknownRequest }

// supportedBy reports whether w can do what a request of this kind needs. Without this check, the
// browser would see a success before the failure.
func (k requestKind) supportedBy(w http.ResponseWriter) bool {
	switch k {
	case webSocket:
		return httpio.Implements[http.Hijacker](w)
	case eventStream:
		return httpio.Flushes(w)
	}
	return true
}
