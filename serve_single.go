package wsx

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/httpio"
	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/protocol"
)

// serveSingle handles a request without a connection. Its handler gets a Connection that behaves
// like one that has ended: no filter selects it, it joins no rooms, no hook is called for it, and
// it shows nothing. The request counts as a connection while it is handled, because it costs as
// much.
func (h *Hub) serveSingle(w http.ResponseWriter, r *http.Request, who Identity) {
	slot := limit.Slot{User: who.User, Addr: limit.Addr(h.origins.ClientAddr(r))}
	if !h.addrLimiters.Allow(slot.Addr) {
		h.refuse(w, r, http.StatusTooManyRequests)
		return
	}
	if refusal := h.admission.Enter(slot); refusal != limit.Admitted {
		h.refuse(w, r, refusal.Status())
		return
	}
	defer h.admission.Leave()
	defer h.admission.ReleaseSlot(slot)
	w.Header().Set("Cache-Control", "no-store")
	r.Body = httpio.NewTimedBody(w, r, h.opts.MaxMessage, messageTime)
	switch mediaType(r) {
	case "application/json":
		h.serveFrame(w, r, who)
	case "application/x-www-form-urlencoded", "multipart/form-data":
		h.serveForm(w, r, who)
	default:
		h.refuse(w, r, http.StatusUnsupportedMediaType)
	}
}

// serveFrame responds to a script's request with the frame that a connection would have carried.
func (h *Hub) serveFrame(w http.ResponseWriter, r *http.Request, who Identity) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.refuse(w, r, bodyStatus(err))
		return
	}
	if !utf8.Valid(body) {
		h.refuse(w, r, http.StatusBadRequest)
		return
	}
	in, err := protocol.ReadRequest(body)
	switch {
	case err != nil:
		h.opts.Logger.Debug("wsx: refused a bad frame", "error", err)
		h.writeFrame(w, errorMessage(in.ID, "", protocol.CodeBadRequest, ""))
	case in.Control != "":
		h.refuse(w, r, http.StatusBadRequest)
	default:
		req := newRequest(&in)
		h.serveDetached(w, r, who, &req, func(result handlerResult) {
			if m := req.Conn.reply(&req, result.resp, result.err); m != nil {
				h.writeFrame(w, m)
			}
		})
	}
}

// serveDetached runs the handler of req with a Connection of its own. It calls answer once, as soon
// as there is a result, which is at the latest when HandlerTimeout is over. It returns when the
// handler has returned too, which may be later: net/http ends the request's context then.
func (h *Hub) serveDetached(w http.ResponseWriter, r *http.Request, who Identity, req *Request, answer func(handlerResult)) {
	c := h.newConnection(r.Context(), who, h.origins.ClientAddr(r), limit.Slot{})
	c.out.encoding, c.closeReason = encodingFull, &closeReason{}
	req.Conn = c
	results := make(chan handlerResult, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.serve(&task{Context: c.ctx, Request: *req, result: results})
	}()
	defer func() {
		<-done
		c.cancel(nil)
		c.closeSessionData()
	}()
	result := <-results
	if errors.Is(result.err, errTimeout) {
		httpio.Isolate(w, r) // the next request on this TCP connection would wait for the handler
	}
	answer(result)
}

// writeFrame responds with the payload of m.
func (h *Hub) writeFrame(w http.ResponseWriter, m *message) {
	if err := h.writeJSON(w, frame.Payload(m.frame(encodingFull))); err != nil {
		h.opts.Logger.Debug("wsx: writing a response failed", "error", err)
	}
}

// writeJSON responds with body, which holds frames. They are for one browser, so caches must not
// store them.
func (h *Hub) writeJSON(w http.ResponseWriter, body []byte) error {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	return h.writeResponse(w, http.StatusOK, body)
}

// writeResponse writes a whole response. If it returns no error, the response has left, even if the
// handler returns much later.
func (h *Hub) writeResponse(w http.ResponseWriter, status int, body []byte) error {
	if status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	return httpio.NewDeadlineWriter(w, writeChunk, h.opts.WriteTimeout).Write(body)
}
