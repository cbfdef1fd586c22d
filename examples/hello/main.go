package main

import (
	"context"
	_ "embed"
	"github.com/wsxgo/wsx"
	"log"
	"net/http"
)

//go:embed page.html
var page []byte

func main() {
	hub := wsx.New(nil)
	hub.On("say", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
		return nil, hub.Broadcast("#messages", wsx.HTMLf("<li>%s</li>", in.Text), wsx.Append)
	}))
	http.Handle("/live", hub)
	http.Handle("GET /wsx.js", wsx.Script())
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { w.Write(page) })
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}
