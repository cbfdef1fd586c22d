package wsx

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wsxgo/wsx/internal/limit"
)

// authenticate asks the program who has sent r. It also checks the answer, so that a mistake in it
// shows at the first request and not at a later join. On an error it returns the status of the
// response.
func (h *Hub) authenticate(r *http.Request) (who Identity, status int, err error) {
	defer func() {
		if p := recover(); p != nil {
			status, err = http.StatusInternalServerError, panicError(p)
		}
	}()
	if who, err = h.opts.Authenticate(r); err != nil {
		return who, http.StatusForbidden, err
	}
	if !who.Expires.IsZero() && !time.Now().Before(who.Expires) {
		return who, http.StatusForbidden, ErrExpired
	}
	for _, room := range who.Rooms {
		if err = checkRoom(room); err != nil {
			return who, http.StatusInternalServerError, fmt.Errorf("Identity.Rooms: %w", err)
		}
	}
	if limit := h.opts.MaxRooms; limit >= 0 && len(who.Rooms) > limit {
		return who, http.StatusInternalServerError, fmt.Errorf("Identity.Rooms: %w: %d rooms; Options.MaxRooms is %d", ErrRoom, len(who.Rooms), limit)
	}
	return who, http.StatusOK, nil
}

// admit turns a request into a connection, unless the ResponseWriter can't carry it or there are
// too many. The slot is taken last, so that every later failure goes through Connection.abandon,
// which gives it back.
func (h *Hub) admit(w http.ResponseWriter, r *http.Request, who Identity, asked requestKind) {
	if !asked.supportedBy(w) {
		h.opts.Logger.Error("wsx: a middleware's http.ResponseWriter hides the connection; give it an Unwrap method, see http.ResponseController", "type", fmt.Sprintf("%T", w))
		h.refuse(w, r, http.StatusNotImplemented)
		return
	}
	ip := h.origins.ClientAddr(r)
	slot := limit.Slot{User: who.User, Addr: limit.Addr(ip)}
	if refusal := h.admission.Enter(slot); refusal != limit.Admitted {
		h.refuse(w, r, refusal.Status())
		return
	}
	switch asked {
	case eventStream:
		h.stream(w, r, who, ip, slot)
	case firstPoll:
		h.startPolls(w, r, who, ip, slot)
	default:
		h.connect(w, r, who, ip, slot)
	}
}

// connect upgrades an admitted request and starts the connection. On an error the response has been
// written.
func (h *Hub) connect(w http.ResponseWriter, r *http.Request, who Identity, ip string, entry limit.Slot) {
	c := h.newConnection(r.Context(), who, ip, entry)
	defer c.abandon()
	t, err := h.upgrade(w, r, c, c.open)
	if err != nil {
		h.opts.Logger.Debug("wsx: the handshake failed", "error", err)
		return
	}
	c.start(t)
}
