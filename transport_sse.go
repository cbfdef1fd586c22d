package wsx

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/httpio"
	"github.com/wsxgo/wsx/internal/limit"
	"github.com/wsxgo/wsx/internal/protocol"
)

// sseTransport carries frames over a stream of server-sent events (HTML, section 9.2), one event
// for each frame. The browser sends with POST; see transport_post.go. The goroutine of the request
// is the reader: it only waits for the end.
type sseTransport struct {
	// immutable
	request *http.Request
	w       http.ResponseWriter
	out     *httpio.DeadlineWriter
	cut     chan struct{} // closed when nothing more will be written
	cutOnce sync.Once

	// owned by the writer
	begun bool // the header has been written
}

// stream turns an admitted request into a connection and returns when the connection has ended.
func (h *Hub) stream(w http.ResponseWriter, r *http.Request, who Identity, ip string, entry limit.Slot) {
	t := &sseTransport{request: r, w: w, out: httpio.NewDeadlineWriter(w, writeChunk, h.opts.WriteTimeout), cut: make(chan struct{})}
	if !httpio.ClearDeadlines(w) {
		h.streamHint.Do(func() {
			h.opts.Logger.Warn("wsx: a middleware's http.ResponseWriter has no deadlines, so the server's timeouts end streams, and a browser that stops reading keeps its stream open; give it an Unwrap method, see http.ResponseController", "type", fmt.Sprintf("%T", w))
		})
	}
	c := h.newHTTPSession(r, who, ip, entry, nil).conn
	defer h.httpSessions.Delete(c.id)
	defer c.abandon()
	c.open()
	c.startWriterAndWorker(t)
	c.run()
	t.out.Finish()
}

// read waits for the end of the connection.
func (t *sseTransport) read(*Connection) closeReason {
	select {
	case <-t.request.Context().Done():
		if t.out.IsLate() { // a late write ends the request too, and net/http may report that first
			return closeReason{cause: ErrSlow, code: 4008, mode: closeAbort}
		}
	case <-t.cut:
	}
	return closeReason{code: 1006, mode: closeAbort}
}

// try leaves everything to write, because net/http can't write without waiting.
func (t *sseTransport) try([]byte) (int, error) { return 0, nil }

func (t *sseTransport) write(frames []byte) error {
	events, free := protocol.Events(frames)
	defer free()
	return t.send(events)
}

// send writes the header before the first events. safely contains a panic of a middleware's
// ResponseWriter, which would end the process on this goroutine.
func (t *sseTransport) send(events []byte) error {
	if !t.begun {
		t.begun = true
		if err := safely(func() error { t.writeHeader(t.w); return nil }); err != nil {
			return err
		}
	}
	return t.out.Write(events)
}

// writeHeader sends the response header. The writer calls it before the first event.
func (t *sseTransport) writeHeader(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no") // or nginx would buffer the events
	if httpio.IsWrapped(w) && header.Get("Content-Encoding") == "" {
		// Middleware that compresses holds a body back until it is long enough, whatever is flushed. It leaves alone what is
		// encoded already. Only a name that means nothing says so.
		header.Set("Content-Encoding", "identity")
	}
	header.Set("X-Content-Type-Options", "nosniff")
	httpio.Isolate(w, t.request) // no later response may inherit the deadlines of this one
	w.WriteHeader(http.StatusOK)
}

// close sends the close code as an event. The browser doesn't answer it.
func (t *sseTransport) close(code int, reason string) {
	if err := t.write(frame.Text(protocol.Close(code, reason))); err != nil {
		t.abort()
		return
	}
	t.cutOnce.Do(func() { close(t.cut) })
}

func (t *sseTransport) linger() {}
func (t *sseTransport) free()   {}

// abort ends a write in progress and lets no other begin.
func (t *sseTransport) abort() {
	t.cutOnce.Do(func() {
		t.out.Abort()
		close(t.cut)
	})
}
