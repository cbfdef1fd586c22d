package wsx

import (
	"net/http"
	"time"

	"github.com/wsxgo/wsx/internal/httpio"
)

// ServeHTTP serves browsers over the transport that they ask for. docs/protocol.md has the details.
//
//   - A request with Upgrade: websocket becomes a WebSocket (RFC 6455). ServeHTTP returns at once:
//     the connection doesn't keep its goroutine.
//   - A GET that accepts text/event-stream becomes a stream of server-sent events. ServeHTTP
//     returns when the connection has ended.
//   - A GET that accepts application/json begins a chain of long polls. On both of these
//     transports, browsers send with POST.
//   - A POST that names no connection is a single request: of a script as JSON, or of a form
//     without JavaScript.
//
// ServeHTTP rejects, in this order:
//
//   - requests that have a body but must not (400)
//   - requests of none of these kinds (426)
//   - a foreign origin (403)
//   - new connections and single requests once Shutdown has begun (503)
//   - requests that Options.Authenticate refuses (403, or 500 if it panics)
//   - requests whose http.ResponseWriter hides the connection, such as that of a middleware without
//     an Unwrap method (501)
//   - too many connections or single requests of one user or address (429), or of all (503)
//   - handshakes that break RFC 6455, section 4.2.1 (400, 405 or 426)
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.cluster.start()
	asked := requestKindOf(r)
	if r.ContentLength != 0 {
		// The deadline bounds the whole body, even the part that net/http reads after the response.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(messageTime))
		if !asked.hasBody() {
			h.refuse(w, r, http.StatusBadRequest)
			return
		}
	}
	if asked == unknownRequest {
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		h.refuse(w, r, http.StatusUpgradeRequired)
		return
	}
	if err := h.origins.Check(r); err != nil {
		h.opts.Logger.Warn("wsx: refused a request from another origin; see Options.Origins and Options.TrustedProxies", "error", err)
		h.refuse(w, r, http.StatusForbidden)
		return
	}
	if asked != webSocket {
		h.allowOrigin(w, r)
	}
	if asked == preflight {
		answerPreflight(w)
		return
	}
	if asked.begins() && h.admission.IsDraining() {
		h.refuse(w, r, http.StatusServiceUnavailable)
		return
	}
	who, status, err := h.authenticate(r)
	if err != nil {
		h.opts.Logger.Warn("wsx: refused a request", "status", status, "error", err)
		h.refuse(w, r, status)
		return
	}
	if asked != webSocket {
		// A poll may wait for longer than the server's WriteTimeout. All writes here set deadlines
		// of their own.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
	switch asked {
	case webSocket, eventStream, firstPoll:
		h.admit(w, r, who, asked)
	case single:
		h.serveSingle(w, r, who)
	default:
		h.resume(w, r, who, asked)
	}
}

// refuse responds with a status. The reason is only logged, because it would help an attacker. It
// doesn't wait for the body of the request.
func (h *Hub) refuse(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		header.Set("Retry-After", retryAfter)
	}
	if r.ContentLength != 0 {
		httpio.Isolate(w, r)
	}
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	// It fails only if the browser has gone.
	_ = h.writeResponse(w, status, []byte(http.StatusText(status)+"\n"))
}

// allowOrigin lets a page of one of Options.Origins read the response (Fetch, section 3.3). The
// origin has been checked already.
func (h *Hub) allowOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if !h.origins.Allows(origin) {
		return
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", headerPoll+", Retry-After")
	header.Add("Vary", "Origin")
}

// answerPreflight allows the methods and headers that the protocol needs (Fetch, section 4.8).
func answerPreflight(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "content-type, wsx-conn, wsx-poll")
	w.WriteHeader(http.StatusNoContent)
}
