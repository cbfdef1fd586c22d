package wsx

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/protocol"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/httpio"
	"github.com/wsxgo/wsx/internal/limit"
)

// serveSingle answers a request that belongs to no connection. Its handler gets a Connection that behaves as if it had ended: no
// filter selects it, it joins no rooms, no hook is called for it, and it shows nothing. While it is handled, the request counts as a
// connection.
func (h *Hub) serveSingle(w http.ResponseWriter, r *http.Request, who Identity) {
	entry := limit.Slot{User: who.User, Addr: limit.Addr(h.origins.ClientAddr(r))}
	if !h.addrLimiters.Allow(entry.Addr) {
		h.refuse(w, r, http.StatusTooManyRequests)
		return
	}
	if no := h.admission.Enter(entry); no != limit.Admitted {
		h.refuse(w, r, no.Status())
		return
	}
	defer h.admission.Leave()
	defer h.admission.ReleaseSlot(entry)
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

// serveFrame answers a request of a script with the frame that a connection would have carried.
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
		h.opts.Logger.Debug("wsx: bad frame", "error", err)
		h.writeFrame(w, errorMessage(in.ID, "", protocol.CodeBadRequest, ""))
	case in.Control != "":
		h.refuse(w, r, http.StatusBadRequest)
	default:
		req := newRequest(&in)
		h.serveDetached(w, r, who, &req, func(came handlerResult) {
			if m := req.Conn.reply(&req, came.resp, came.err); m != nil {
				h.writeFrame(w, m)
			}
		})
	}
}

// serveDetached lets the handler of req run with a Connection of its own. It calls answer once, as soon as there is a result. It
// returns when the handler has returned too, which may be later.
func (h *Hub) serveDetached(w http.ResponseWriter, r *http.Request, who Identity, req *Request, answer func(handlerResult)) {
	c := h.newConnection(r.Context(), who, h.origins.ClientAddr(r), limit.Slot{})
	c.out.encoding, c.closeReason = encodingFull, &closeReason{}
	req.Conn = c
	came := make(chan handlerResult, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.serve(&task{Context: c.ctx, Request: *req, result: came})
	}()
	defer func() {
		<-done
		c.cancel(nil)
		c.closeSessionData()
	}()
	o := <-came
	if errors.Is(o.err, errTimeout) {
		httpio.Isolate(w, r) // the handler still runs, and the next request on this TCP connection would wait for it
	}
	answer(o)
}

func (h *Hub) writeFrame(w http.ResponseWriter, m *message) {
	if err := h.writeJSON(w, frame.Payload(m.frame(encodingFull))); err != nil {
		h.opts.Logger.Debug("wsx: an answer did not get through", "error", err)
	}
}

func (h *Hub) writeJSON(w http.ResponseWriter, body []byte) error {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	return h.writeResponse(w, http.StatusOK, body)
}

// writeResponse writes a whole response. It has left when writeResponse returns without an error, even if the handler returns much
// later.
func (h *Hub) writeResponse(w http.ResponseWriter, status int, body []byte) error {
	if status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	return httpio.NewDeadlineWriter(w, writeChunk, h.opts.WriteTimeout).Write(body)
}
