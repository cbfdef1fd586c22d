package main

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// open returns a board with the orders of a file, and a browser in its room. The relay is not running yet.
func open(t *testing.T, path string) (*board, *wsxtest.Browser) {
	t.Helper()
	store, err := openStore(path)
	require.NoError(t, err)
	b := newBoard(store, 0)
	b.stop = func() { store.Close() }
	t.Cleanup(func() { b.stop() })
	t.Cleanup(func() { b.hub.Shutdown(t.Context()) })
	page := wsxtest.Open(t, b.hub, nil)
	require.NoError(t, page.Conn().Join(t.Context(), room))
	return b, page
}

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "orders.db") }

func place(t *testing.T, s *store, name, drink string) {
	t.Helper()
	_, err := s.place(t.Context(), name, drink)
	require.NoError(t, err)
}

// emptied waits until the outbox is empty.
func emptied(t *testing.T, s *store) {
	t.Helper()
	assert.Eventually(t, func() bool {
		_, ok, err := s.next(t.Context())
		return err == nil && !ok
	}, 10*time.Second, 10*time.Millisecond, "the outbox is not empty")
}

func TestRelay(t *testing.T) {
	t.Run("publishes what a killed program left, in order and once", func(t *testing.T) {
		path := newPath(t)
		killed, err := openStore(path)
		require.NoError(t, err)
		place(t, killed, "Maya", "<b>Flat white</b>")
		place(t, killed, "Omar", "Espresso")
		require.NoError(t, killed.Close())

		b, page := open(t, path)
		b.start()
		first, second := page.Next(), page.Next()
		assert.Equal(t, "#ordered", first.Target)
		assert.Contains(t, first.HTML, `<li id="order-1">`)
		assert.Contains(t, first.HTML, "&lt;b&gt;Flat white")
		assert.Contains(t, second.HTML, `<li id="order-2">`)
		emptied(t, b.store)
		place(t, b.store, "Ada", "Green tea")
		assert.Contains(t, page.Next().HTML, `<li id="order-3">`)
	})
	t.Run("publishes what another program commits", func(t *testing.T) {
		path := newPath(t)
		b, page := open(t, path)
		b.start()
		other, err := openStore(path)
		require.NoError(t, err)
		defer other.Close()
		place(t, other, "Ines", "Cappuccino")
		assert.Contains(t, page.Next().HTML, "Cappuccino")
	})
	t.Run("publishes a row once, even if it couldn't be deleted", func(t *testing.T) {
		b, page := open(t, newPath(t))
		place(t, b.store, "Maya", "Espresso")
		e, _, err := b.store.next(t.Context())
		require.NoError(t, err)
		require.NoError(t, b.publish(t.Context(), e))
		require.NoError(t, b.publish(t.Context(), e))
		place(t, b.store, "Omar", "Green tea")
		require.NoError(t, b.publishAll(t.Context()))
		assert.Contains(t, page.Next().HTML, "Espresso")
		assert.Contains(t, page.Next().HTML, "Green tea")
	})
	t.Run("never reuses the id of a row", func(t *testing.T) {
		b, page := open(t, newPath(t))
		for range 3 {
			place(t, b.store, "Maya", "Espresso")
			require.NoError(t, b.publishAll(t.Context()))
			page.Next()
		}
	})
}

func TestOrders(t *testing.T) {
	b, page := open(t, newPath(t))
	b.start()
	order := func(name, drink string) { page.Ask("order", map[string]string{"name": name, "drink": drink}) }
	move := func(from string) { page.Ask("move", map[string]string{"id": "1", "from": from}) }
	show := func() string {
		w := httptest.NewRecorder()
		b.routes().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		return w.Body.String()
	}

	t.Run("go from column to column", func(t *testing.T) {
		order(" Maya ", "Espresso")
		assert.Equal(t, "#ordered", page.Next().Target)
		move("ordered")
		assert.Equal(t, "#making", page.Next().Target)
		move("making")
		assert.Equal(t, "#ready", page.Next().Target)
		assert.Equal(t, 1, strings.Count(show(), `<li id="order-1">`))
		move("ready")
		assert.Equal(t, wsx.Fragment{Target: "#order-1", Swap: wsx.Delete}, page.Next())
		assert.NotContains(t, show(), `<li id="order-1">`)
	})
	t.Run("are not moved twice, or from an unknown column", func(t *testing.T) {
		for _, from := range []string{"ordered", "ready", collected, "", "elsewhere"} {
			code, _ := page.AskError("move", map[string]string{"id": "1", "from": from})
			assert.Equal(t, "user", code, from)
		}
	})
	t.Run("are rejected with a message", func(t *testing.T) {
		for _, name := range []string{"", " ", strings.Repeat("ä", maxText+1)} {
			code, _ := page.AskError("order", map[string]string{"name": name, "drink": "Espresso"})
			assert.Equal(t, "user", code)
		}
		for range maxOpen {
			place(t, b.store, "Maya", "Espresso")
		}
		code, text := page.AskError("order", map[string]string{"name": "Maya", "drink": "Espresso"})
		assert.Equal(t, "user", code)
		assert.Contains(t, text, "100 orders")
	})
}
