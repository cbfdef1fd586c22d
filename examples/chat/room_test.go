package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhoMayConnect(t *testing.T) {
	chat, url := open(t)
	ann := visit(t, url)
	ann.login("Ann")

	_, status := visit(t, url).dial("?room=general")
	assert.Equal(t, http.StatusForbidden, status, "without a cookie")
	for _, query := range []string{"", "?room=", "?room=secret", "?room=General", "?room=general%00", "?room=secret&room=general"} {
		_, status := ann.dial(query)
		assert.Equal(t, http.StatusForbidden, status, query)
	}
	assert.Zero(t, chat.hub.Count())

	_, status = ann.dial("?room=general")
	assert.Equal(t, http.StatusSwitchingProtocols, status)
	status, page := ann.get("/rooms/secret")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Contains(t, page, "There is no such room")
}

func TestPost(t *testing.T) {
	_, url := open(t)
	ann, bob := visit(t, url), visit(t, url)
	ann.login("Ann")
	bob.login("Bob")
	a, _ := ann.dial("?room=general")
	b, _ := bob.dial("?room=general")
	elsewhere, _ := bob.dial("?room=help")

	t.Run("reaches the room, escaped", func(t *testing.T) {
		a.send("post", map[string]string{"text": "  <script>alert(1)</script> "})
		got := b.next("#messages")
		assert.Equal(t, got, a.next("#messages"))
		assert.Equal(t, "beforeend", got.Swap)
		assert.Contains(t, got.HTML, "&lt;script&gt;alert(1)&lt;/script&gt;</p>")
		assert.NotContains(t, got.HTML, "<script")
		_, page := bob.get("/rooms/general")
		assert.Contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;</p>")
		_, page = bob.get("/rooms/help")
		assert.NotContains(t, page, "alert(1)")
	})
	t.Run("reaches no other room", func(t *testing.T) {
		b.send("post", map[string]string{"text": "said in general"})
		b.next("#messages")
		elsewhere.send("post", map[string]string{"text": "said in help"})
		assert.Contains(t, elsewhere.next("#messages").HTML, "said in help")
	})
	for name, text := range map[string]string{"empty": "", "blank": " \n\t", "too long": strings.Repeat("ä", maxText+1)} {
		t.Run("refuses a text that is "+name, func(t *testing.T) {
			a.send("post", map[string]string{"text": text})
			assert.Contains(t, a.next("#problem").HTML, `<div class="error">`)
			_, page := ann.get("/rooms/general")
			assert.Equal(t, 2, strings.Count(page, `<li id="m`))
		})
	}
}

func TestHistory(t *testing.T) {
	chat, url := open(t)
	ctx := context.Background()
	for i := range shown + 10 {
		require.NoError(t, chat.store.add(ctx, "general", "Ann", fmt.Sprintf("message %d.", i)))
	}
	ann := visit(t, url)
	ann.login("Ann")
	_, page := ann.get("/rooms/general")
	assert.Equal(t, shown, strings.Count(page, `<li id="m`))
	assert.NotContains(t, page, "message 9.")
	assert.Less(t, strings.Index(page, "message 10."), strings.Index(page, "message 59."))

	a, _ := ann.dial("?room=general")
	a.send("history", map[string]int{"last": 58})
	got := a.next("#messages")
	assert.Equal(t, "innerHTML", got.Swap)
	assert.Equal(t, shown, strings.Count(got.HTML, `<li id="m`))

	a.send("history", map[string]int{"last": shown + 10})
	a.send("post", map[string]string{"text": "next"})
	assert.Contains(t, a.next("#messages").HTML, "next", "a page that missed nothing gets nothing")
}

func TestPresence(t *testing.T) {
	chat, url := open(t)
	ann, bob := visit(t, url), visit(t, url)
	ann.login("Ann")
	bob.login("Bob")
	a, _ := ann.dial("?room=general")
	b, _ := bob.dial("?room=general")
	again, _ := bob.dial("?room=general")
	bob.dial("?room=help")

	here := func(names ...string) {
		t.Helper()
		for html := ""; ; {
			html = a.next("#people").HTML
			if strings.Count(html, "<li>") == len(names) {
				for _, name := range names {
					assert.Contains(t, html, name)
				}
				return
			}
		}
	}
	here("Ann", "Bob")
	for chat.hub.Count() < 4 { // until the second tab counts
		here("Ann", "Bob")
	}
	b.conn.CloseNow()
	here("Ann", "Bob")
	again.conn.CloseNow()
	here("Ann")
}

func TestTyping(t *testing.T) {
	chat, url := open(t)
	ann, bob := visit(t, url), visit(t, url)
	ann.login("Ann")
	bob.login("Bob")
	a, _ := ann.dial("?room=general")
	b, _ := bob.dial("?room=general")

	a.send("typing", map[string]string{"text": "he"})
	assert.Contains(t, b.next("#typing").HTML, "Ann</b> is typing")
	line := "#" + typist{"general", "Ann"}.ID()

	b.send("history", map[string]int{})
	assert.Contains(t, b.next("#typing").HTML, "Ann", "who connects now sees it too")
	a.send("typing", map[string]string{"text": ""})
	assert.Equal(t, "delete", b.next(line).Swap, "when the box is emptied")

	a.send("typing", map[string]string{"text": "he"})
	b.next("#typing")
	assert.Equal(t, "delete", b.next(line).Swap, "by itself")

	a.send("history", map[string]int{})
	assert.Empty(t, a.next("#typing").HTML, "nobody is told of themselves")
	chat.mu.Lock()
	defer chat.mu.Unlock()
	assert.Empty(t, chat.typists)
}

// A handler whose browser leaves is cancelled in the middle of a query. The messages must survive that, also in memory,
// where they are gone with the last connection.
func TestStoreOutlivesCancelledQueries(t *testing.T) {
	store, err := openStore("")
	require.NoError(t, err)
	defer store.Close()
	require.NoError(t, store.add(context.Background(), "general", "Ann", "still here"))
	for i := range 200 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*time.Microsecond)
		store.recent(ctx, "general", shown)
		store.add(ctx, "help", "Ann", "perhaps")
		cancel()
	}
	found, err := store.recent(context.Background(), "general", shown)
	require.NoError(t, err)
	assert.Len(t, found, 1)
}
