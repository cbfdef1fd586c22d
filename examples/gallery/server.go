package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

const (
	room    = "said"
	kept    = 5   // texts
	maxText = 200 // characters per text
)

type server struct {
	hub      *wsx.Hub
	sections []section
	nonce    string       // of scripts that may run; the same for all pages, so that broadcasts can contain scripts
	count    atomic.Int64 // makes each response different
	tries    atomic.Int64 // of the handler that fails every other time

	mu   sync.Mutex // held while changing said and publishing it
	said []string
}

func newServer() *server {
	s := &server{hub: wsx.New(nil), sections: newSections(), nonce: rand.Text()}
	s.hub.ConfigureRooms(room, wsx.RoomOptions{History: 100})
	for name, handler := range s.handlers() {
		s.hub.On(name, handler)
	}
	return s
}

// page shows the gallery. It takes the ticket before it reads the texts, so that no text is lost in between.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	ticket, err := s.hub.Ticket(r.Context(), "", room)
	if err != nil {
		look.Write(w, 0, "", err)
		return
	}
	s.mu.Lock()
	data := map[string]any{"Ticket": ticket, "Said": slices.Clone(s.said)}
	s.mu.Unlock()
	sections, err := rendered(s.sections, data)
	if err != nil {
		look.Write(w, 0, "", err)
		return
	}
	// Scripts with the nonce are allowed, to show wx-nonce.
	w.Header().Set("Content-Security-Policy", "script-src 'self' 'nonce-"+s.nonce+"'")
	look.Show(w, http.StatusOK, pages, "page", map[string]any{"Sections": sections, "Nonce": s.nonce})
}

// say publishes a text to all pages.
func (s *server) say(ctx context.Context, text string) error {
	if n := utf8.RuneCountInString(text); n == 0 || n > maxText {
		return wsx.UserErrorf("Please enter a text of at most %d characters.", maxText)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, text)
	s.said = s.said[max(0, len(s.said)-kept):]
	list, err := wsx.Execute(pages, "said", s.said)
	if err != nil {
		return err
	}
	return s.hub.Publish(ctx, wsx.Message{Fragments: []wsx.Fragment{
		{Target: "#said", HTML: list, Swap: wsx.MorphInner}, {Target: "#fetched", HTML: list, Swap: wsx.MorphInner},
	}}, wsx.Room(room))
}
