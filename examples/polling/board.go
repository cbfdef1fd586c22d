package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

const (
	kept    = 8   // notes
	maxText = 140 // characters in one
	maxTag  = 40
)

type note struct {
	Text string
	Tag  string // by which the page that sent it knows it again
	At   time.Time
}

type board struct {
	hub   *wsx.Hub
	costs costs

	// mu makes one step of "change and tell", so that all pages see the notes in one order.
	mu      sync.Mutex
	notes   []note // newest first
	version int
}

func newBoard() *board {
	b := &board{hub: wsx.New(nil)}
	b.hub.Use(b.costs.message)
	b.hub.OnConnect(b.welcome)
	b.hub.On("add", wsx.Typed(func(_ context.Context, _ *wsx.Request, in struct{ Text, Tag string }) (*wsx.Response, error) {
		return nil, b.add(in.Text, in.Tag)
	}))
	return b
}

// add is what both ways of sending come to.
func (b *board) add(text, tag string) error {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return wsx.UserErrorf("Write something first.")
	case n > maxText:
		return wsx.UserErrorf("That is %d characters too long.", n-maxText)
	case len(tag) > maxTag:
		return wsx.UserErrorf("This page is not ours.")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = slices.Insert(b.notes, 0, note{text, tag, time.Now()})
	b.notes = b.notes[:min(len(b.notes), kept)]
	b.version++
	html, err := wsx.Execute(pages, "notes", b.notes)
	if err != nil {
		return err
	}
	return b.hub.Broadcast("#pushed", html, wsx.Inner)
}

// list is what pages poll: nothing but headers if nothing is new, which is the best that polling can do.
func (b *board) list(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	tag := fmt.Sprintf(`"%d"`, b.version)
	html, err := wsx.Execute(pages, "notes", b.notes)
	b.mu.Unlock()
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if err != nil {
		http.Error(w, "The notes cannot be shown just now.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache") // keep it, but ask each time
	w.Header().Set("ETag", tag)
	io.WriteString(w, string(html))
}

// post is sending without a socket.
func (b *board) post(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	err := b.add(r.PostFormValue("text"), r.PostFormValue("tag"))
	var user *wsx.UserError
	switch {
	case errors.As(err, &user):
		http.Error(w, user.Text, http.StatusUnprocessableEntity)
	case err != nil:
		http.Error(w, "This was not added. Please try again.", http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// welcome shows a page that comes, or comes back, what it has missed.
func (b *board) welcome(_ context.Context, c *wsx.Connection) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	html, err := wsx.Execute(pages, "notes", b.notes)
	if err != nil {
		return err
	}
	return c.Send("#pushed", html, wsx.Inner)
}

func (b *board) page(w http.ResponseWriter, _ *http.Request) {
	b.mu.Lock()
	notes := slices.Clone(b.notes)
	b.mu.Unlock()
	look.Show(w, http.StatusOK, pages, "page", map[string]any{"Notes": notes, "MaxText": maxText})
}
