package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/wsxgo/wsx"
)

// people returns who is in the room, each once however many tabs they have open.
func (c *chat) people(room string) []string {
	var names []string
	for conn := range c.hub.Connections(wsx.Room(room)) {
		names = append(names, conn.User())
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return slices.Compact(names)
}

// tellPeople shows everybody in the room who is there. With a key the newest list is enough: a slow browser skips those
// in between.
func (c *chat) tellPeople(ctx context.Context, room string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	html, err := wsx.Execute(pages, "people", c.people(room))
	if err != nil {
		return err
	}
	return c.hub.Publish(ctx, wsx.Message{
		Key:       "people",
		Fragments: []wsx.Fragment{{Target: "#people", HTML: html, Swap: wsx.MorphInner}},
	}, wsx.Room(room))
}

// typingFor is how long somebody is said to be typing after the last key that we heard of.
const typingFor = 4 * time.Second

type typist struct{ room, user string }

func (t typist) User() string { return t.user }

// ID is the id of the line that says so. A name may hold blanks, which an id must not.
func (t typist) ID() string { return "typing-" + encode([]byte(t.user)) }

// others are those who may see it: the room without the typist, in whichever tab.
func (t typist) others() []wsx.Filter {
	return []wsx.Filter{wsx.Room(t.room), wsx.Not(wsx.User(t.user))}
}

// typing hears that the box has changed: at most once a second while somebody types, see web/page.html.
func (c *chat) typing(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
	t := typist{r.Conn.Tag(tagRoom), r.Conn.User()}
	if in.Text == "" { // deleted, or just sent
		c.stopTyping(t)
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if timer, ok := c.typists[t]; ok {
		timer.Reset(typingFor)
		return nil, nil
	}
	c.typists[t] = time.AfterFunc(typingFor, func() { c.stopTyping(t) })
	html, err := wsx.Execute(pages, "typing", []typist{t})
	if err != nil {
		return nil, err
	}
	return nil, c.hub.Broadcast("#typing", html, wsx.Append, t.others()...)
}

func (c *chat) stopTyping(t typist) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if timer, ok := c.typists[t]; ok {
		timer.Stop()
		delete(c.typists, t)
		c.hub.Broadcast(wsx.ID(t.ID()), "", wsx.Delete, t.others()...)
	}
}

// sendTypists tells conn who is typing now.
func (c *chat) sendTypists(conn *wsx.Connection) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var now []typist
	for t := range c.typists {
		if t.room == conn.Tag(tagRoom) && t.user != conn.User() {
			now = append(now, t)
		}
	}
	html, err := wsx.Execute(pages, "typing", now)
	if err != nil {
		return err
	}
	return conn.Send("#typing", html, wsx.Inner)
}
