package main

import (
	"context"

	"github.com/wsxgo/wsx"
)

// presence hears who came into a room and who went, in this order and each once however many tabs they have; a reload is
// neither. What it returned would be sent to the room; it sends by itself instead, under mu, so that no browser that joins
// at this moment sees an older list after a newer one.
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
	h.tellCounts(ctx)
	return nil
}

// tellCounts shows everybody how many are in each room: several fragments in one frame. With a key the newest counts are
// enough: a slow browser skips those in between. mu is held.
func (h *house) tellCounts(ctx context.Context) error {
	var counts []wsx.Fragment
	for _, room := range h.list(ctx) {
		counts = append(counts, wsx.Fragment{
			Target: "#count-" + room.ID, HTML: wsx.HTMLf("%d", room.Members), Swap: wsx.TextContent,
		})
	}
	return h.hub.Publish(ctx, wsx.Message{Key: "counts", Fragments: counts})
}

// welcome shows the new connection what may have changed since its page was made.
func (h *house) welcome(ctx context.Context, c *wsx.Connection) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.send(c, "#rooms", "rooms", h.list(ctx))
}

func (h *house) send(c *wsx.Connection, target, template string, data any) error {
	html, err := wsx.Execute(pages, template, data)
	if err != nil {
		return err
	}
	return c.Send(target, html, wsx.Inner)
}
