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
	"github.com/wsxgo/wsx"
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
	a, b, elsewhere := ann.show("general"), bob.show("general"), bob.show("help")

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
			a.until(func(f frame) bool { return f.Type == "error" })
			_, page := ann.get("/rooms/general")
			assert.Equal(t, 2, strings.Count(page, `<li id="m`))
		})
	}
}

func TestPage(t *testing.T) {
	chat, url := open(t)
	for i := range shown + 10 {
		_, err := chat.store.add(t.Context(), "general", "Ann", fmt.Sprintf("message %d.", i))
		require.NoError(t, err)
	}
	ann := visit(t, url)
	ann.login("Ann")
	_, page := ann.get("/rooms/general")
	assert.Equal(t, shown, strings.Count(page, `<li id="m`))
	assert.NotContains(t, page, "message 9.")
	assert.Less(t, strings.Index(page, "message 10."), strings.Index(page, "message 59."))
}

func TestNothingIsLost(t *testing.T) {
	chat, url := open(t)
	ann, bob := visit(t, url), visit(t, url)
	ann.login("Ann")
	bob.login("Bob")
	a := ann.show("general")
	say := func(text string) frame {
		t.Helper()
		a.send("post", map[string]string{"text": text})
		return a.next("#messages")
	}
	var last frame
	ticket := bob.ticket("general")

	t.Run("between the page and its connection", func(t *testing.T) {
		last = say("You have the page, but no connection yet.")
		b, _ := bob.dial("?room=general")
		b.join(ticket, map[string]string{})
		assert.Equal(t, last, b.next("#messages"))
	})
	t.Run("while the connection was lost", func(t *testing.T) {
		first, second := say("One."), say("Two.")
		b, _ := bob.dial("?room=general")
		b.join(ticket, map[string]string{last.Room: last.Pos})
		assert.Equal(t, first, b.next("#messages"))
		assert.Equal(t, second, b.next("#messages"))
	})
	t.Run("because the author left before the answer", func(t *testing.T) {
		gone, leave := context.WithCancel(t.Context())
		leave()
		request := &wsx.Request{Conn: chat.hub.GetConnections(wsx.User("Ann"))[0]}
		_, err := chat.post(gone, request, struct{ Text string }{"And gone."})
		require.NoError(t, err)
		assert.Contains(t, a.next("#messages").HTML, "And gone.")
	})
}

func TestATicketIsForOneVisitor(t *testing.T) {
	_, url := open(t)
	ann, eve := visit(t, url), visit(t, url)
	ann.login("Ann")
	eve.login("Eve")
	e, _ := eve.dial("?room=general")
	assert.Equal(t, "reset", e.join(ann.ticket("general"), map[string]string{}).Type)
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
	b.next("#typing") // empty so far

	a.send("typing", map[string]string{"text": "he"})
	assert.Contains(t, b.next("#typing").HTML, "Ann</b> is typing")
	line := "#" + typist{"general", "Ann"}.ID()

	late, _ := bob.dial("?room=general")
	assert.Contains(t, late.next("#typing").HTML, "Ann", "a new connection receives it too")
	a.send("typing", map[string]string{"text": ""})
	assert.Equal(t, "delete", b.next(line).Swap, "when the box is emptied")

	a.send("typing", map[string]string{"text": "he"})
	b.next("#typing")
	assert.Equal(t, "delete", b.next(line).Swap, "after a while")

	assert.Empty(t, a.next("#typing").HTML, "typists don't see their own indicator")
	chat.mu.Lock()
	defer chat.mu.Unlock()
	assert.Empty(t, chat.typists)
}

// A handler is canceled in the middle of a query when its browser leaves. The messages must survive that, including those in
// an in-memory database, which disappears when its last connection closes.
func TestStoreOutlivesCanceledQueries(t *testing.T) {
	store, err := openStore(":memory:")
	require.NoError(t, err)
	defer store.Close()
	_, err = store.add(context.Background(), "general", "Ann", "still here")
	require.NoError(t, err)
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
