package main

import (
	"context"

	"github.com/wsxgo/wsx"
)

// presence handles users who join or leave a room. Several tabs of a user count as one, and a reload counts as neither. The hub
// would send the returned fragments to the room. presence returns none and broadcasts under mu instead, so that a browser that
// joins at the same time doesn't receive an older list after a newer one.
func (h *house) presence(ctx context.Context, id string, p wsx.PresenceDiff) []wsx.Fragment {
	room, ok := h.find(id)
	if !ok {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range p.Joined {
		h.add(room, entry{Kind: "joined", User: m.User}, wsx.Room(id))
	}
	for _, m := range p.Left {
		h.add(room, entry{Kind: "left", User: m.User}, wsx.Room(id))
	}
	if html, err := wsx.Execute(pages, "members", p.Members); err == nil {
		h.hub.Broadcast("#members-"+id, html, wsx.MorphInner, wsx.Room(id))
	}
	h.sendCounts(ctx)
	return nil
}

// sendCounts broadcasts the number of members of each room to all pages, in one message. With a key, a slow browser receives only
// the newest counts. The caller holds mu.
func (h *house) sendCounts(ctx context.Context) error {
	var counts []wsx.Fragment
	for _, room := range h.list(ctx) {
		counts = append(counts, wsx.Fragment{
			Target: "#count-" + room.ID, HTML: wsx.HTMLf("%d", room.Members), Swap: wsx.TextContent,
		})
	}
	return h.hub.Publish(ctx, wsx.Message{Key: "counts", Fragments: counts})
}

// welcome sends the list of rooms to a new connection. It may have changed since the page was rendered.
func (h *house) welcome(ctx context.Context, c *wsx.Connection) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.send(c, "#rooms", "rooms", h.list(ctx))
}

// send renders a template and sends it to one connection.
func (h *house) send(c *wsx.Connection, target, template string, data any) error {
	html, err := wsx.Execute(pages, template, data)
	if err != nil {
		return err
	}
	return c.Send(target, html, wsx.Inner)
}
