package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/wsxgo/wsx"
)

// originalPage is a page written for the original client.
const originalPage = `<!doctype html><html lang="en"><title>original</title><link rel="icon" href="data:,">
<script src="/original.js"></script>
<body>
<div id="app" wx-config='{"url":"/ws","debug":false}'>
	<button id="buy" wx-send="buy" wx-target="#cart" wx-swap="beforeend" data-item-id="7">Buy</button>
	<ul id="cart"></ul>
	<form id="form" wx-send="save" wx-target="#saved">
		<input name="name"><button id="save">Save</button>
	</form>
	<p id="saved"></p><p id="count"></p>
	<button id="wrong" wx-send="wrong" wx-target="#error">Wrong</button><p id="error"></p>
	<p id="news">none</p><p id="more">none</p>
</div></body></html>`

// TestOriginalClient uses a client that behaves like the original: it doesn't know hello, batch, ack and error frames.
func TestOriginalClient(t *testing.T) {
	t.Parallel()
	hub := wsx.New(nil)
	hub.On("buy", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct {
		Item string `json:"item-id"`
	}) (*wsx.Response, error) {
		return r.Reply(wsx.HTMLf("<li>item %s</li>", in.Item)).And("#count", "1 item", wsx.TextContent), nil
	}))
	hub.On("save", wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Name string }) (*wsx.Response, error) {
		return r.Reply(wsx.HTMLf("saved %s (%s)", in.Name, r.Trigger)), nil
	}))
	hub.On("wrong", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, wsx.UserErrorf("Not <now>.") })

	mux := http.NewServeMux()
	mux.Handle("/ws", hub)
	mux.HandleFunc("/original.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join("..", "client", "test", "original.js"))
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, originalPage) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { hub.Shutdown(context.Background()) })

	page := newBrowser(t).open(server.URL)
	page.wait("window.wsx && wsx.socket.readyState === WebSocket.OPEN")

	// The page receives broadcasts without having sent a frame.
	if err := hub.Broadcast("#news", "hello all", wsx.Morph); err != nil {
		t.Fatal(err)
	}
	page.wait(`document.body.textContent.includes("hello all")`)

	page.click("#buy")
	page.wait(`document.querySelector("#cart li")?.textContent === "item 7"`)
	page.wait(`document.querySelector("#count").textContent === "1 item"`)

	page.typeIn("#form input", "Ann & <b>Bob</b>")
	page.click("#save")
	page.wait(`document.querySelector("#saved").textContent === "saved Ann & <b>Bob</b> (submit)"`)

	page.click("#wrong")
	page.wait(`document.querySelector("#error .error")?.textContent === "Not <now>."`)

	var batch wsx.Batch
	batch.Add("#more", "<b>first</b>", wsx.Inner)
	batch.Add("#cart", "<li>second</li>", wsx.Append)
	if err := hub.Flush(&batch); err != nil {
		t.Fatal(err)
	}
	page.wait(`document.querySelector("#more b") && document.querySelectorAll("#cart li").length === 2`)
}
