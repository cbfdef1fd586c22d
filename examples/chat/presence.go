package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/wsxgo/wsx"
)

// people returns the users in the room, sorted. A user with several tabs is listed once.
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

// sendPeople broadcasts the list of users to the room. With a key, a slow browser receives only the newest list.
func (c *chat) sendPeople(ctx context.Context, room string) error {
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

// typingFor is how long the indicator stays after the last keystroke.
const typingFor = 4 * time.Second

type typist struct{ room, user string }

func (t typist) User() string { return t.user }

// ID returns the element id of the indicator. The name is encoded, because an id must not contain spaces.
func (t typist) ID() string { return "typing-" + encode([]byte(t.user)) }

// others selects the members of the room except the typist, who may have several tabs.
func (t typist) others() []wsx.Filter {
	return []wsx.Filter{wsx.Room(t.room), wsx.Not(wsx.User(t.user))}
}

// typing handles changes of the message box. The page sends at most one per second, see web/page.html.
func (c *chat) typing(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
	t := typist{r.Conn.Tag(tagRoom), r.Conn.User()}
	if in.Text == "" { // cleared, or just sent
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

// stopTyping is called by the timer, a sent message and a disconnect, whichever comes first. The
// others find nothing to do.
func (c *chat) stopTyping(t typist) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if timer, ok := c.typists[t]; ok {
		timer.Stop()
		delete(c.typists, t)
		c.hub.Broadcast(wsx.ID(t.ID()), "", wsx.Delete, t.others()...)
	}
}

// sendTypists sends the current typing indicators to conn.
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
