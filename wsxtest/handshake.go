package wsxtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
)

// A handshake is an http.RoundTripper that calls a handler directly. An upgraded connection is a
// net.Pipe, which synctest can wait for, unlike a socket.
type handshake struct{ handler http.Handler }

func (h handshake) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	in.Host = req.URL.Host
	in.RemoteAddr = "192.0.2.1:1234" // TEST-NET-1 (RFC 5737)
	w := &responseWriter{header: make(http.Header), status: http.StatusOK}
	h.handler.ServeHTTP(w, in)
	resp := &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Header: w.header, Request: req,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(strings.NewReader(w.body.String())),
	}
	if w.client != nil {
		resp.Body = w.client
	}
	return resp, nil
}

// A responseWriter records a response, or the browser's end of an upgraded connection.
type responseWriter struct {
	header http.Header
	status int
	body   strings.Builder
	client net.Conn
}

func (w *responseWriter) Header() http.Header         { return w.header }
func (w *responseWriter) WriteHeader(status int)      { w.status = status }
func (w *responseWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// Hijack connects the handler to the browser by a pipe.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	client, server := net.Pipe()
	w.client = client
	return server, bufio.NewReadWriter(bufio.NewReader(server), bufio.NewWriter(server)), nil
}
