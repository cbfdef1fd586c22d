package main

import (
	"context"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

// tellFollowers gives every follower of the author a toast, a note behind the bell and a number on it: fragments at
// four places of the page, in one frame. Who is away finds note and number later. mu is held.
func (b *board) tellFollowers(ctx context.Context, p post) (told int, err error) {
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
			return told, err
		}
		fragments = append(fragments,
			wsx.Fragment{Target: "#toasts", HTML: toast, Swap: wsx.Append},
			wsx.Fragment{Target: "#notes", HTML: note, Swap: wsx.Prepend},
			wsx.Fragment{Target: tooMany("#notes"), Swap: wsx.Delete})
		if err := b.hub.Publish(ctx, wsx.Message{Fragments: fragments}, wsx.User(follower.Name)); err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}

// unread is the number on the bell and in the title of the tab. mu is held.
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

// presence hears who has come and who has gone; a reload is neither, because the hub waits a little before it says that
// somebody has gone. What it returns goes to everybody, and does nothing in pages that do not show that person. The hub
// calls it for one change after the other, so whoever connects meanwhile cannot be shown an older state after a newer one.
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

// welcome shows a new connection what may have changed since its page was made, or while it was away.
func (b *board) welcome(_ context.Context, c *wsx.Connection) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	view := b.view(b.people[c.User()])
	for target, template := range map[string]string{
		"#people": "people", "#posts": "posts", "#badge": "mybadge", "title": "mytitle", "#notes": "notes", "#maintenance": "mymaintenance",
	} {
		html, err := wsx.Execute(pages, template, view)
		if err != nil {
			return err
		}
		if err := c.Send(target, html, wsx.MorphInner); err != nil {
			return err
		}
	}
	return nil
}
