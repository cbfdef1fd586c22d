package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// open returns a station that takes the role from the header X-Role, and a page for each role. The user has the role's name.
func open(t *testing.T) (*station, map[string]*wsxtest.Browser) {
	s := newStation(func(r *http.Request) (wsx.Identity, error) {
		role := r.Header.Get("X-Role")
		if role == "" {
			return wsx.Identity{}, errors.New("a visitor")
		}
		return wsx.Identity{User: role, Tags: map[string]string{"role": role}}, nil
	})
	t.Cleanup(func() { s.hub.Shutdown(t.Context()) })
	pages := make(map[string]*wsxtest.Browser)
	for _, role := range []string{"", "basic", "premium", "admin"} {
		pages[role] = wsxtest.Open(t, s.hub, http.Header{"X-Role": {role}})
	}
	for _, page := range pages {
		synctest.Wait()
		page.Pushed()
	}
	return s, pages
}

// TestEachLevelHasItsReaders checks that a broadcast and a page that loads later show the same.
func TestEachLevelHasItsReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, pages := open(t)
		for level, readers := range map[string]string{
			"high": "visitor basic premium admin ", "medium": "premium admin ", "low": "admin ",
		} {
			answer := pages["admin"].Ask("announce", map[string]string{"Level": level, "Text": "<b>" + level})
			l, _ := findLevel(level)
			assert.EqualValues(t, fmt.Sprintf("Reached %d of 4 open pages.", s.hub.Count(l.audience()...)), answer[0].HTML)
			synctest.Wait()
			got, kept := "", ""
			for _, role := range []string{"", "basic", "premium", "admin"} {
				for _, f := range pages[role].Pushed() {
					assert.Contains(t, f.HTML, "&lt;b&gt;"+level)
					got += cmp.Or(role, "visitor") + " "
				}
				for _, a := range s.visible("", role) {
					if a.Level.ID == level {
						kept += cmp.Or(role, "visitor") + " "
					}
				}
			}
			assert.Equal(t, readers, got, level)
			assert.Equal(t, readers, kept, level)
		}
	})
}

func TestAccessControl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, pages := open(t)
		pages["admin"].Ask("announce", map[string]string{"Level": "medium", "Text": "Hello"})
		for _, role := range []string{"", "basic", "premium"} {
			code, _ := pages[role].AskError("announce", map[string]string{"Level": "high", "Text": "Hello"})
			assert.Equal(t, "denied", code, role)
		}
		assert.Len(t, s.news, 1)
		code, _ := pages[""].AskError("seen", map[string]int{"ID": 1})
		assert.Equal(t, "denied", code)
		code, text := pages["basic"].AskError("seen", map[string]int{"ID": 1})
		assert.Equal(t, "user That announcement no longer exists.", fmt.Sprint(code, " ", text))
		for range 2 {
			pages["premium"].Ask("seen", map[string]int{"ID": 1})
		}
		assert.Len(t, s.news[0].seen, 1)
		for level, want := range map[string]string{"": "Choose a priority.", "urgent": "Choose a priority.", "low": "Write something first."} {
			_, text := pages["admin"].AskError("announce", map[string]string{"Level": level, "Text": " "})
			assert.EqualValues(t, want, text)
		}
	})
}

func TestListIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, pages := open(t)
		for range kept + 3 {
			pages["admin"].Ask("announce", map[string]string{"Level": "low", "Text": "Hello"})
		}
		assert.Len(t, s.news, kept)
	})
}
