package wsx

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
)

// piped serves the handshakes of a client over a net.Pipe, for tests in a bubble.
type piped struct{ hub *Hub }

func (p piped) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &pipedWriter{ResponseRecorder: httptest.NewRecorder()}
	p.hub.ServeHTTP(w, r.Clone(r.Context()))
	resp := w.Result()
	if w.client != nil {
		resp.Body = w.client
	}
	return resp, nil
}

type pipedWriter struct {
	*httptest.ResponseRecorder
	client net.Conn
}

func (w *pipedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	client, server := net.Pipe()
	w.client = client
	return server, bufio.NewReadWriter(bufio.NewReader(server), bufio.NewWriter(server)), nil
}

// A panicker is a ResponseWriter that fails when the connection is taken over.
type panicker struct{ http.ResponseWriter }

func (panicker) Hijack() (net.Conn, *bufio.ReadWriter, error) { panic("no") }
