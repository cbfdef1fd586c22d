package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

// open returns a board that takes the user from the header X-User.
func open(t *testing.T) *board {
	b := newBoard(func(r *http.Request) (wsx.Identity, error) { return wsx.Identity{User: r.Header.Get("X-User")}, nil })
	t.Cleanup(func() { b.hub.Shutdown(t.Context()) })
	return b
}

func (b *board) visit(t *testing.T, name string) *wsxtest.Browser {
	require.NoError(t, b.admit(wsx.Identity{User: name}))
	page := wsxtest.Open(t, b.hub, http.Header{"X-User": {name}})
	pushed(page)
	return page
}

// pushed returns the HTML pushed to page, by target.
func pushed(page *wsxtest.Browser) map[string]string {
	synctest.Wait()
	all := make(map[string]string)
	for _, f := range page.Pushed() {
		all[f.Target] += string(f.HTML)
	}
	return all
}

func TestOnlyFollowersAreNotified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		ann, bob, eve := b.visit(t, "Ann"), b.visit(t, "Bob"), b.visit(t, "Eve")
		ann.Ask("follow", map[string]any{"Name": "Bob", "On": true})
		other := b.visit(t, "Ann")
		pushed(ann)
		pushed(eve)
		answer := bob.Ask("post", map[string]string{"Text": "<b>Cake</b>"})
		assert.EqualValues(t, "Posted. Followers notified: 1.", answer[0].HTML)
		for _, page := range []*wsxtest.Browser{ann, other} {
			got := pushed(page)
			assert.Contains(t, got["#toasts"], "&lt;b&gt;Cake")
			assert.Contains(t, got["#badge"], ">1<")
			assert.Equal(t, "(1) Notifications", got["title"])
		}
		got := pushed(eve)
		assert.Contains(t, got["#posts"], "&lt;b&gt;Cake")
		assert.NotContains(t, got, "#toasts")

		other.Ask("read", nil)
		assert.Equal(t, "", pushed(ann)["#badge"])
		ann.Ask("follow", map[string]any{"Name": "Bob"})
		bob.Ask("post", map[string]string{"Text": "More cake"})
		assert.NotContains(t, pushed(ann), "#toasts")
		for _, name := range []string{"Ann", "Zoe", ""} {
			code, _ := ann.AskError("follow", map[string]any{"Name": name, "On": true})
			assert.Equal(t, "user", code)
		}
	})
}

func TestReloadStaysOnline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		ann, bob := b.visit(t, "Ann"), b.visit(t, "Bob")
		pushed(ann)
		bob.Close()
		time.Sleep(2 * time.Second)
		bob = b.visit(t, "Bob")
		time.Sleep(time.Minute)
		assert.NotContains(t, pushed(ann), "#state-Qm9i")
		bob.Close()
		time.Sleep(time.Minute)
		assert.Contains(t, pushed(ann)["#state-Qm9i"], "Offline")
		b.visit(t, "Bob")
		assert.Contains(t, pushed(ann)["#state-Qm9i"], "Online")
	})
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		ann, bob := b.visit(t, "Ann"), b.visit(t, "Bob")
		ann.Ask("follow", map[string]any{"Name": "Bob", "On": true})
		for i := range kept + 5 {
			bob.Ask("post", map[string]string{"Text": fmt.Sprint(i)})
		}
		me := b.people["Ann"]
		assert.Len(t, b.posts, kept)
		assert.Len(t, me.Notes, kept)
		assert.Equal(t, kept, me.Unread)
		assert.Equal(t, fmt.Sprint(kept+4), me.Notes[0].Text)
		for i := len(b.people); i < maxPeople; i++ {
			require.NoError(t, b.admit(wsx.Identity{User: fmt.Sprint(i)}))
		}
		assert.ErrorContains(t, b.admit(wsx.Identity{User: "one more"}), "200 people")
		assert.NoError(t, b.admit(wsx.Identity{User: "Ann"}), "a known user may log in again")
	})
}

// Run with -race.
func TestManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		var pages []*wsxtest.Browser
		for i := range 8 {
			pages = append(pages, b.visit(t, fmt.Sprint("visitor ", i)))
		}
		var crowd sync.WaitGroup
		for i, page := range pages {
			crowd.Go(func() {
				for j := range 8 {
					if i != j {
						page.Ask("follow", map[string]any{"Name": fmt.Sprint("visitor ", j), "On": true})
					}
					page.Ask("post", map[string]string{"Text": "Hello"})
					page.Ask("read", nil)
					_, err := b.page(fmt.Sprint("visitor ", j))
					assert.NoError(t, err)
				}
			})
		}
		crowd.Wait()
		assert.Len(t, b.posts, kept)
	})
}
