package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// open returns a house that takes the user from the header X-User.
func open(t *testing.T) *house {
	h := newHouse(func(r *http.Request) (wsx.Identity, error) { return wsx.Identity{User: r.Header.Get("X-User")}, nil })
	t.Cleanup(func() { h.hub.Shutdown(t.Context()) })
	return h
}

func (h *house) visit(t *testing.T, name, room string) *wsxtest.Browser {
	b := wsxtest.Open(t, h.hub, http.Header{"X-User": {name}})
	if room != "" {
		b.Ask("join", map[string]string{"Room": room})
	}
	synctest.Wait()
	b.Pushed()
	return b
}

// shown returns the targets and swaps of the fragments pushed to b, and their concatenated HTML.
func shown(b *wsxtest.Browser) (what []string, html string) {
	synctest.Wait()
	for _, f := range b.Pushed() {
		what = append(what, fmt.Sprint(f.Target, " ", f.Swap))
		html += string(f.HTML)
	}
	return what, html
}

func TestPrivateMessagesReachOnlyTheirRecipient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		ann, bob, eve := h.visit(t, "Ann", "kitchen"), h.visit(t, "Bob", "kitchen"), h.visit(t, "Eve", "kitchen")
		elsewhere := h.visit(t, "Bob", "library")
		shown(ann)
		shown(bob)
		shown(eve)
		ann.Ask("say", map[string]string{"Text": "<b>secret</b>", "To": "Bob"})
		for _, b := range []*wsxtest.Browser{ann, bob} {
			what, html := shown(b)
			assert.Equal(t, []string{"#feed-kitchen beforeend"}, what)
			assert.Contains(t, html, "&lt;b&gt;secret")
		}
		for _, b := range []*wsxtest.Browser{eve, elsewhere} {
			what, _ := shown(b)
			assert.Empty(t, what)
			b.Ask("join", map[string]any{"Room": "kitchen"})
		}
		_, html := shown(eve)
		assert.NotContains(t, html, "secret", "a later page doesn't show it either")
		_, html = shown(elsewhere)
		assert.Contains(t, html, "secret")

		code, text := ann.AskError("say", map[string]string{"Text": "Psst", "To": "Zoe"})
		assert.Equal(t, "user Zoe is no longer here.", fmt.Sprint(code, " ", text))
	})
}

func TestRejections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		ann := h.visit(t, "Ann", "")
		for want, ask := range map[string]map[string]string{
			"Join a room first.": {"Text": "Hello"}, "There is no such room.": {"Room": "Kitchen"},
		} {
			handler := map[bool]string{true: "join", false: "say"}[ask["Room"] != ""]
			_, text := ann.AskError(handler, ask)
			assert.EqualValues(t, want, text)
		}
		ann.Ask("join", map[string]string{"Room": "kitchen"})
		for text, want := range map[string]string{
			" \n": "Write something first.", strings.Repeat("ä", maxText+2): "That is 2 characters too long.",
		} {
			_, got := ann.AskError("say", map[string]string{"Text": text})
			assert.EqualValues(t, want, got)
		}
		synctest.Wait()
		assert.Len(t, h.rooms[0].feed, 1, "Ann joined")
	})
}

func TestFeedIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		ann := h.visit(t, "Ann", "kitchen")
		for i := range kept {
			ann.Ask("say", map[string]string{"Text": fmt.Sprint("number ", i)})
		}
		synctest.Wait()
		assert.Len(t, h.rooms[0].feed, kept)
		what, _ := shown(ann)
		assert.Contains(t, what, "#e1 delete", "the pages remove it too")
	})
}

// Run with -race. Many users switch rooms and write; in the end the counts are right.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		var crowd sync.WaitGroup
		for i := range 8 {
			b := h.visit(t, fmt.Sprint("visitor ", i), "")
			crowd.Go(func() {
				for j := range 12 {
					b.Ask("join", map[string]string{"Room": h.rooms[(i+j)%len(h.rooms)].ID})
					b.Ask("say", map[string]string{"Text": "Hello"})
				}
				b.Ask("join", map[string]string{"Room": "library"})
			})
		}
		crowd.Wait()
		b := h.visit(t, "last", "library")
		code, _ := b.AskError("nothing", nil)
		require.Equal(t, "unknown", code)
		for {
			synctest.Wait()
			members, err := h.hub.Presence(t.Context(), "kitchen")
			require.NoError(t, err)
			if len(members) == 0 {
				break
			}
			assert.Contains(t, members[0].User, "visitor")
			time.Sleep(time.Second) // of the bubble's clock
		}
		assert.Len(t, h.list(t.Context()), len(h.rooms))
		assert.Equal(t, 9, h.list(t.Context())[2].Members)
	})
}
