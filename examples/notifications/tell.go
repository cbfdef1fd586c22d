package main

import (
	"context"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

// notifyFollowers sends each follower of the author a toast, a note behind the bell, and the new number, all in one frame. A
// follower without an open page finds the note and the number later. The caller holds mu.
func (b *board) notifyFollowers(ctx context.Context, p post) (notified int, err error) {
	toast, err := wsx.Execute(pages, "toast", p)
	if err != nil {
		return 0, err
	}
	note, err := wsx.Execute(pages, "note", map[string]any{"Post": p, "New": true})
	if err != nil {
		return 0, err
	}
	for _, follower := range b.people {
		if !follower.follows[p.Author] {
			continue
		}
		follower.Notes = newest(follower.Notes, p)
		follower.Unread = min(follower.Unread+1, len(follower.Notes))
		fragments, err := unread(follower)
		if err != nil {
			return notified, err
		}
		fragments = append(fragments,
			wsx.Fragment{Target: "#toasts", HTML: toast, Swap: wsx.Append},
			wsx.Fragment{Target: "#notes", HTML: note, Swap: wsx.Prepend},
			wsx.Fragment{Target: tooMany("#notes"), Swap: wsx.Delete})
		if err := b.hub.Publish(ctx, wsx.Message{Fragments: fragments}, wsx.User(follower.Name)); err != nil {
			return notified, err
		}
		notified++
	}
	return notified, nil
}

// unread returns the fragments with the number of unread notes, for the bell and the title. The caller holds mu.
func unread(p *person) ([]wsx.Fragment, error) {
	badge, err := wsx.Execute(pages, "badge", p)
	if err != nil {
		return nil, err
	}
	title, err := wsx.Execute(pages, "title", p)
	return []wsx.Fragment{
		{Target: "#badge", HTML: badge, Swap: wsx.Inner},
		{Target: "title", HTML: title, Swap: wsx.TextContent},
	}, err
}

// presence handles users who come online or go offline. A reload is neither, because the hub waits before it considers a user
// gone. The hub sends the returned fragments to all members of the room; they do nothing in pages that don't show that user.
// The hub makes these calls one at a time, so an older state never follows a newer one.
func (b *board) presence(_ context.Context, _ string, diff wsx.PresenceDiff) (fragments []wsx.Fragment) {
	b.mu.Lock()
	defer b.mu.Unlock()
	set := func(members []wsx.Member, online bool) {
		for _, m := range members {
			p := b.people[m.User]
			p.Online = online
			if html, err := wsx.Execute(pages, "state", p); err == nil {
				fragments = append(fragments, wsx.Fragment{Target: wsx.ID("state-" + look.Slug(p.Name)), HTML: html, Swap: wsx.Inner})
			}
		}
	}
	set(diff.Joined, true)
	set(diff.Left, false)
	return fragments
}

// welcome sends the current state to a new connection, in one frame. It may have changed since the page was rendered, or while the browser
// was disconnected.
func (b *board) welcome(_ context.Context, c *wsx.Connection) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	view := b.view(b.people[c.User()])
	var fragments []wsx.Fragment
	for target, template := range map[string]string{
		"#people": "people", "#posts": "posts", "#badge": "mybadge", "title": "mytitle", "#notes": "notes", "#maintenance": "mymaintenance",
	} {
		html, err := wsx.Execute(pages, template, view)
		if err != nil {
			return err
		}
		fragments = append(fragments, wsx.Fragment{Target: target, HTML: html, Swap: wsx.MorphInner})
	}
	return c.Publish(wsx.Message{Fragments: fragments})
}
