package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"

	"github.com/wsxgo/wsx"
)

// costs counts the network traffic of all pages. It leaves out the page itself and the requests for these numbers.
type costs struct {
	requests, bytes atomic.Int64 // HTTP
	upgrades        atomic.Int64 // WebSocket handshakes
	messages        atomic.Int64 // messages from browsers over WebSockets
	up              atomic.Int64 // bytes of handshakes and messages
}

// http counts a handler's requests, and the size of requests and responses.
func (c *costs) http(handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		c.bytes.Add(weight(r) + max(r.ContentLength, 0))
		counted := &weighed{ResponseWriter: w}
		handler(counted, r)
		c.bytes.Add(counted.body + headers(w.Header()) + int64(len("HTTP/1.1 200 OK\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\n\r\n")))
	})
}

// upgrade counts WebSocket handshakes.
func (c *costs) upgrade(hub http.Handler) http.Handler {
	// The hub hijacks the connection, so the response can't be counted as it is written.
	const answer = 129 + 180 // bytes of the 101 response, and of the headers that this program adds
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.upgrades.Add(1)
		c.up.Add(weight(r) + answer)
		hub.ServeHTTP(w, r)
	})
}

// message is middleware that counts messages from browsers.
func (c *costs) message(next wsx.Handler) wsx.Handler {
	const around = len(`{"id":"","handler":"","target":"","trigger":"","data":,"swap":""}`) + 8 // 8 for the frame header
	return func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
		c.messages.Add(1)
		c.up.Add(int64(around + len(r.ID) + len(r.Handler) + len(r.Target) + len(r.Trigger) + len(r.Data) + len(r.Swap)))
		return next(ctx, r)
	}
}

// weight returns the size of a request without its body.
func weight(r *http.Request) int64 {
	return int64(len(r.Method)+len(r.RequestURI)+len(r.Proto)+len("Host: ")+len(r.Host)+len(" \r\n\r\n\r\n")+1) + headers(r.Header)
}

// headers returns the size of the header fields as HTTP/1.1 writes them.
func headers(h http.Header) (size int64) {
	for key, values := range h {
		for _, value := range values {
			size += int64(len(key) + len(value) + len(": \r\n"))
		}
	}
	return size
}

// weighed counts the bytes of a response body.
type weighed struct {
	http.ResponseWriter
	body int64
}

func (w *weighed) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.body += int64(n)
	return n, err
}

// A cost is one column of the table.
type cost struct {
	Requests int64 `json:"requests"`
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
}

func (b *board) showCosts(w http.ResponseWriter, _ *http.Request) {
	c, pushed := &b.costs, b.hub.Stats()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(map[string]cost{
		"polled": {Requests: c.requests.Load(), Bytes: c.bytes.Load()},
		"pushed": {Requests: c.upgrades.Load(), Messages: c.messages.Load() + int64(pushed.Frames), Bytes: c.up.Load() + int64(pushed.Bytes)},
	})
}
