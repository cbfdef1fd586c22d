package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func open(t *testing.T) *server {
	s := newServer()
	t.Cleanup(func() { s.hub.Shutdown(context.Background()) })
	return s
}

func (s *server) shown(t *testing.T) string {
	w := httptest.NewRecorder()
	s.page(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func found(text, pattern string) (all []string) {
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestPageIsConsistent(t *testing.T) {
	s := open(t)
	page := s.shown(t)
	t.Run("every handler exists", func(t *testing.T) {
		for _, name := range found(page, `wx-send="([^"]*)"`) {
			assert.Contains(t, s.handlers(), name)
		}
	})
	t.Run("ids are unique", func(t *testing.T) {
		ids := regexp.MustCompile(` id="([^"]*)"`).FindAllString(page, -1)
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), len(ids))
	})
	t.Run("every linked or targeted id exists", func(t *testing.T) {
		ids := found(page, ` id="([^"]*)"`)
		for _, id := range found(page, `(?:href|wx-target|wx-error|wx-indicator|wx-loading|wx-unseen)="#([^"]*)"`) {
			assert.Contains(t, ids, id)
		}
	})
	t.Run("every demonstration is on the page", func(t *testing.T) {
		for _, name := range found(pages.DefinedTemplates(), `"demo/([^"]*)"`) {
			assert.Contains(t, page, `id="`+demo{Name: name}.ID()+`"`)
		}
	})
	t.Run("code is shown as written", func(t *testing.T) {
		assert.Contains(t, page, `&lt;button <b>wx-send</b>=&#34;count&#34; <b>wx-target</b>=&#34;#out-confirm&#34; <b>wx-confirm</b>=`)
		assert.Contains(t, page, "{{.Ticket}}")
	})
}

func TestGalleryIsComplete(t *testing.T) {
	t.Run("every constructor of verbs", func(t *testing.T) {
		source, err := os.ReadFile("../../dom/dom.go")
		require.NoError(t, err)
		names := found(string(source), `(?m)^func ([A-Z]\w*)\(.*\) wsx\.Fragment`)
		require.NotEmpty(t, names)
		for _, name := range names {
			assert.Contains(t, verbs, name)
		}
	})
	t.Run("every event and every method", func(t *testing.T) {
		types, err := os.ReadFile("../../client/wsx.d.ts")
		require.NoError(t, err)
		page := open(t).shown(t)
		for _, name := range found(string(types), `"(wsx:\w+)": CustomEvent`) {
			assert.Contains(t, page, `id="`+demo{Name: name}.ID()+`"`)
		}
		for _, name := range found(string(types), `(?m)^  (\w+)\(.*\): (?:void|boolean|string|Promise)`) {
			assert.True(t, strings.Contains(page, "wsx."+name+"(") || strings.Contains(page, "second."+name+"("), name)
		}
	})
	t.Run("every attribute of the guide", func(t *testing.T) {
		guide, err := os.ReadFile("../../docs/guide/client.md")
		require.NoError(t, err)
		page := open(t).shown(t)
		names := found(string(guide), "(?m)^\\| `(wx-[a-z-]+)`")
		require.NotEmpty(t, names)
		for _, name := range names {
			assert.Contains(t, page, " <b>"+name+"</b>", "no demonstration")
		}
	})
}

func TestHandlers(t *testing.T) {
	s := open(t)
	b := wsxtest.Open(t, s.hub, nil)
	for name := range verbs {
		t.Run("verb "+name+" can be sent", func(t *testing.T) {
			assert.Len(t, b.Ask("verb", map[string]string{"name": name}), 1)
		})
	}
	t.Run("a text reaches the room, escaped, and the newest are kept", func(t *testing.T) {
		for _, text := range []string{"1", "2", "3", "4", "5", "<6>"} {
			require.NoError(t, s.say(t.Context(), text))
		}
		page := s.shown(t)
		assert.Contains(t, page, "<li>2</li><li>3</li><li>4</li><li>5</li><li>&lt;6&gt;</li>")
		assert.Len(t, s.said, kept)
		var user *wsx.UserError
		assert.ErrorAs(t, s.say(t.Context(), strings.Repeat("x", maxText+1)), &user)
	})
	t.Run("an internal error is not shown to the user", func(t *testing.T) {
		code, text := b.AskError("broken", nil)
		assert.Equal(t, "internal", code)
		assert.NotContains(t, string(text), "disk")
	})
}
