package wsx

import (
	"net/http"
	"strings"
	"time"
)

// An exchange is what a request asks a hub for.
type requestKind int

const (
	unknownRequest requestKind = iota
	webSocket                  // a connection over a WebSocket
	eventStream                // a connection over a stream of events
	firstPoll                  // a connection over long polls
	nextPoll                   // what waits for such a connection
	upload                     // frames for a connection over HTTP
	closeSession               // the end of a connection over HTTP
	single                     // one request without a connection
	preflight                  // whether another origin may ask for any of this (Fetch, section 4.8)
)

// The headers of connections over HTTP.
const (
	headerConn = "Wsx-Conn" // the connection's id and its key
	headerPoll = "Wsx-Poll" // the number of an answer; in a poll, of the last one that was read
)

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

// accepts reports that r names a media type among those that it accepts. Wildcards do not count: every page that is opened
// by hand has one.
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

// begins reports that the exchange makes something new, as opposed to going on with a connection.
func (e requestKind) begins() bool {
	return e == webSocket || e == eventStream || e == firstPoll || e == single
}

// hasBody reports that a request for the exchange may have a body. Of an unknown one nothing is known.
func (e requestKind) hasBody() bool { return e == upload || e == single || e == unknownRequest }

// possible reports that w has what the exchange takes. Without this, the browser would be told of success before it fails.
func (e requestKind) supportedBy(w http.ResponseWriter) bool {
	switch e {
	case webSocket:
		return implements[http.Hijacker](w)
	case eventStream:
		// The server's own timeouts are for answers that end.
		flushes := implements[http.Flusher](w) || implements[interface{ FlushError() error }](w)
		return flushes && clearDeadlines(w)
	case firstPoll:
		return clearDeadlines(w)
	}
	return true
}

func clearDeadlines(w http.ResponseWriter) bool {
	control := http.NewResponseController(w)
	return control.SetReadDeadline(time.Time{}) == nil && control.SetWriteDeadline(time.Time{}) == nil
}

// reaches reports that w, or what it wraps, has the methods of T: as http.ResponseController looks for them.
func implements[T any](w http.ResponseWriter) bool {
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
