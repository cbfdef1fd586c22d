package wsx

import (
	"net/http"
	"sync"

	"github.com/wsxgo/wsx/internal/frame"
)

// sseTransport carries frames over a stream of server-sent events (HTML, section 9.2): one event for each. What the browser
// sends comes with POST, see upload.go. The handler of the request is the reader: it has nothing to read, but it waits for the end.
type sseTransport struct {
	// immutable
	request *http.Request
	out     *pacedWriter
	cut     chan struct{} // closed when nothing more will be written
	cutOnce sync.Once

	begun bool // owned by the writer: the header has been written
}

// stream makes a connection of a request, and returns when it has ended. The gate has been entered.
func (h *Hub) stream(w http.ResponseWriter, r *http.Request, who Identity, ip string, entry admission) {
	t := &sseTransport{request: r, out: newPacedWriter(w, h.opts.WriteTimeout), cut: make(chan struct{})}
	c := h.newLine(r, who, ip, entry, nil).conn
	defer h.lines.Delete(c.id)
	defer c.abandon()
	c.open()
	c.begin(t)
	c.run()
	t.out.finish()
}

func (t *sseTransport) read(*Connection) ending {
	select {
	case <-t.request.Context().Done():
		if t.out.isLate() { // net/http may tell the reader first
			return ending{cause: ErrSlow, code: 4008, how: atOnce}
		}
	case <-t.cut:
	}
	return ending{code: 1006, how: atOnce}
}

// try leaves everything to write: net/http cannot write without waiting.
func (t *sseTransport) try([]byte) (int, error) { return 0, nil }

func (t *sseTransport) write(frames []byte) error {
	s := newScratch()
	events := (*s)[:0]
	for payload := range frame.Texts(frames) {
		events = append(append(append(events, "data: "...), payload...), "\n\n"...)
	}
	defer s.free(events)
	return t.send(events)
}

func (t *sseTransport) send(events []byte) error {
	if !t.begun {
		t.begun = true
		if err := safely(func() error { t.writeHeader(t.out.w); return nil }); err != nil {
			return err
		}
	}
	return t.out.write(events)
}

func (t *sseTransport) writeHeader(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no") // or nginx keeps the events back
	header.Set("X-Content-Type-Options", "nosniff")
	isolate(w, t.request) // no later answer meets the deadlines of this one
	w.WriteHeader(http.StatusOK)
}

// close says goodbye with an event. There is no answer to wait for.
func (t *sseTransport) close(code int, reason string) {
	if err := t.write(frame.Text(closePayload(code, reason))); err != nil {
		t.abort()
		return
	}
	t.cutOnce.Do(func() { close(t.cut) })
}

func (t *sseTransport) linger() {}
func (t *sseTransport) free()   {}

func (t *sseTransport) abort() {
	t.cutOnce.Do(func() {
		t.out.abort()
		close(t.cut)
	})
}
