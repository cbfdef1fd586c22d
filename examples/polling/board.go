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
	maxText = 140 // characters per note
	maxTag  = 40  // bytes
)

type note struct {
	Text string
	Tag  string // chosen by the page that sent the note, which measures the latency with it
	At   time.Time
}

type board struct {
	hub   *wsx.Hub
	costs costs

	// mu is held while changing the notes and broadcasting them, so that all pages receive changes in the same order.
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

// add adds a note. Both sides call it.
func (b *board) add(text, tag string) error {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return wsx.UserErrorf("Write something first.")
	case n > maxText:
		return wsx.UserErrorf("That is %d characters too long.", n-maxText)
	case len(tag) > maxTag:
		return wsx.UserErrorf("The tag is too long.")
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

// list handles polls. If the notes haven't changed, the response has no body.
func (b *board) list(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	// The tag and the list are read under one lock, so that they belong together.
	tag := fmt.Sprintf(`"%d"`, b.version)
	html, err := wsx.Execute(pages, "notes", b.notes)
	b.mu.Unlock()
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if err != nil {
		http.Error(w, "The notes can't be shown right now.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache") // may be stored, but must be revalidated
	w.Header().Set("ETag", tag)
	io.WriteString(w, string(html))
}

// post adds a note sent by HTTP.
func (b *board) post(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	err := b.add(r.PostFormValue("text"), r.PostFormValue("tag"))
	var user *wsx.UserError
	switch {
	case errors.As(err, &user):
		http.Error(w, user.Text, http.StatusUnprocessableEntity)
	case err != nil:
		http.Error(w, "The note was not added. Please try again.", http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// welcome sends the current notes to a new connection.
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
