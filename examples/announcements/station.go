package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
)

const (
	kept    = 30   // announcements
	maxText = 400  // characters per announcement
	maxSeen = 1000 // readers tracked per announcement
)

type announcement struct {
	ID     int
	Level  level
	Author string
	Text   string
	At     time.Time
	seen   map[string]bool // by user
}

// shown is an announcement as one user sees it.
type shown struct {
	*announcement
	Seen int
	Mine bool // whether this user has seen it
}

// station is the state of the example: its hub and the announcements.
type station struct {
	hub *wsx.Hub

	// mu is held while changing state and broadcasting the change, so that all browsers receive changes in the same order.
	// Holding it while sending is fine: sending never blocks on a browser.
	mu     sync.Mutex
	news   []*announcement // newest first
	lastID int
}

func newStation(authenticate func(*http.Request) (wsx.Identity, error)) *station {
	s := &station{}
	s.hub = wsx.New(&wsx.Options{MaxPerUser: 20, Authenticate: func(r *http.Request) (wsx.Identity, error) {
		id, err := authenticate(r)
		if err != nil {
			return wsx.Identity{}, nil // a visitor: no user, no tag
		}
		return id, nil
	}})
	s.hub.OnConnect(s.welcome)
	s.hub.OnDisconnect(func(*wsx.Connection, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sendReach(context.Background())
	})
	s.hub.On("announce", wsx.RequireTag("role", "admin")(wsx.Typed(s.announce)))
	s.hub.On("seen", wsx.RequireUser(wsx.Typed(s.seen)))
	return s
}

// announce broadcasts an announcement to the readers of its level, and replies with their number. Only admins can call it.
func (s *station) announce(_ context.Context, r *wsx.Request, in struct{ Level, Text string }) (*wsx.Response, error) {
	level, ok := findLevel(in.Level)
	text := strings.TrimSpace(in.Text)
	switch n := utf8.RuneCountInString(text); {
	case !ok:
		return nil, wsx.UserErrorf("Choose a priority.")
	case n == 0:
		return nil, wsx.UserErrorf("Write something first.")
	case n > maxText:
		return nil, wsx.UserErrorf("That is %d characters too long.", n-maxText)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	a := &announcement{ID: s.lastID, Level: level, Author: r.Conn.User(), Text: text, At: time.Now(), seen: make(map[string]bool)}
	html, err := wsx.Execute(pages, "announcement", shown{announcement: a})
	if err != nil {
		return nil, err
	}
	if s.news = slices.Insert(s.news, 0, a); len(s.news) > kept {
		s.news = s.news[:kept] // pages remove it too, see web/app.js
	}
	if err := s.hub.Broadcast("#news", html, wsx.Prepend, level.audience()...); err != nil {
		return nil, err
	}
	reached, all := s.hub.Count(level.audience()...), s.hub.Count()
	return r.ReplyTo("#reached", wsx.HTMLf("Reached %d of %d open pages.", reached, all), wsx.Inner), nil
}

// seen marks an announcement as read by the user. All its readers receive the new count, and the user's own tabs receive a tick.
// The batch sends each browser its fragments in one frame.
func (s *station) seen(_ context.Context, r *wsx.Request, in struct{ ID int }) (*wsx.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := r.Conn.User()
	i := slices.IndexFunc(s.news, func(a *announcement) bool { return a.ID == in.ID && a.Level.visibleTo(r.Conn.Tag("role")) })
	if i < 0 {
		return nil, wsx.UserErrorf("That announcement no longer exists.")
	}
	a := s.news[i]
	if len(a.seen) < maxSeen {
		a.seen[user] = true
	}
	tick, err := wsx.Execute(pages, "tick", nil)
	if err != nil {
		return nil, err
	}
	var batch wsx.Batch
	batch.Add(fmt.Sprintf("#seen-%d", a.ID), wsx.HTMLf("%d", len(a.seen)), wsx.TextContent, a.Level.audience()...)
	batch.Add(fmt.Sprintf("#mine-%d", a.ID), tick, wsx.Inner, wsx.User(user))
	return nil, s.hub.Flush(&batch)
}

// visible returns the announcements that a user with that role may read. The caller holds mu.
func (s *station) visible(user, role string) (all []shown) {
	for _, a := range s.news {
		if a.Level.visibleTo(role) {
			all = append(all, shown{a, len(a.seen), a.seen[user]})
		}
	}
	return all
}

// welcome sends the announcements to a new connection. They may have changed since the page was rendered, or while the browser
// was disconnected.
func (s *station) welcome(ctx context.Context, c *wsx.Connection) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	html, err := wsx.Execute(pages, "news", s.visible(c.User(), c.Tag("role")))
	if err != nil {
		return err
	}
	if err := c.Send("#news", html, wsx.MorphInner); err != nil {
		return err
	}
	return s.sendReach(ctx)
}

// reached is a level with the number of open pages that an announcement would reach.
type reached struct {
	level
	Pages int
}

// reach counts open pages, with the filters that an announcement would use. So the number shown
// beforehand is the number reached.
func (s *station) reach() (all []reached) {
	for _, l := range levels {
		all = append(all, reached{l, s.hub.Count(l.audience()...)})
	}
	return all
}

// sendReach sends admins the number of pages that each level would reach. With a key, a slow browser receives only the newest
// numbers. The caller holds mu.
func (s *station) sendReach(ctx context.Context) error {
	var fragments []wsx.Fragment
	for _, l := range s.reach() {
		fragments = append(fragments, wsx.Fragment{Target: "#reach-" + l.ID, HTML: wsx.HTMLf("%d", l.Pages), Swap: wsx.TextContent})
	}
	return s.hub.Publish(ctx, wsx.Message{Key: "reach", Fragments: fragments}, wsx.Tag("role", "admin"))
}
