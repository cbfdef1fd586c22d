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
	kept    = 50  // entries in a room's feed, on the server and in the pages
	maxText = 500 // characters per entry
)

type room struct {
	ID, Name, About string
	feed            []entry // the newest entries, oldest first; guarded by house.mu
}

// entry is one line in the feed of a room.
type entry struct {
	ID       int
	Kind     string // "joined", "left", "said"
	User, To string // To is the recipient of a private message
	Text     string
	At       time.Time
}

// visible reports whether user may see the entry. For broadcasts, filters apply the same rule.
func (e entry) visible(user string) bool { return e.To == "" || e.To == user || e.User == user }

type house struct {
	hub   *wsx.Hub
	rooms []*room

	// mu is held while changing state and broadcasting the change, so that all browsers receive changes in the same order.
	// Holding it while sending is fine: sending never blocks on a browser.
	mu     sync.Mutex
	lastID int
}

func newHouse(authenticate func(*http.Request) (wsx.Identity, error)) *house {
	h := &house{rooms: []*room{
		{ID: "kitchen", Name: "Kitchen", About: "Coffee and lunch"},
		{ID: "workshop", Name: "Workshop", About: "Work in progress"},
		{ID: "library", Name: "Library", About: "Quiet, please"},
		{ID: "terrace", Name: "Terrace", About: "All other topics"},
	}}
	h.hub = wsx.New(&wsx.Options{Authenticate: authenticate, MaxPerUser: 20})
	h.hub.ConfigureRooms("*", wsx.RoomOptions{OnPresence: h.presence})
	h.hub.OnConnect(h.welcome)
	h.hub.On("join", wsx.Typed(h.join))
	h.hub.On("leave", h.leave)
	h.hub.On("to", wsx.Typed(h.to))
	h.hub.On("say", wsx.Typed(h.say))
	return h
}

func (h *house) find(id string) (*room, bool) {
	i := slices.IndexFunc(h.rooms, func(r *room) bool { return r.ID == id })
	if i < 0 {
		return nil, false
	}
	return h.rooms[i], true
}

// join moves the connection to a room and sends the room's content. After a reconnect, a page that still shows the room sets
// Again. It receives the lists only, so the text in its message box is kept.
func (h *house) join(ctx context.Context, r *wsx.Request, in struct {
	Room  string
	Again bool
}) (*wsx.Response, error) {
	room, ok := h.find(in.Room)
	if !ok {
		return nil, wsx.UserErrorf("There is no such room.")
	}
	from := ""
	if rooms := r.Conn.Rooms(); len(rooms) > 0 {
		from = rooms[0]
	}
	if err := r.Conn.Switch(ctx, from, room.ID); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	members, err := h.hub.Presence(ctx, room.ID)
	if err != nil {
		return nil, err
	}
	feed := slices.DeleteFunc(slices.Clone(room.feed), func(e entry) bool { return !e.visible(r.Conn.User()) })
	view := map[string]any{"Room": room, "Feed": feed, "Members": members}
	if !in.Again {
		return nil, h.send(r.Conn, "#room", "room", view)
	}
	if err := h.send(r.Conn, "#feed-"+room.ID, "feed", feed); err != nil {
		return nil, err
	}
	return nil, h.send(r.Conn, "#members-"+room.ID, "members", members)
}

// leave needs no name from the browser: the connection knows its rooms.
func (h *house) leave(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	for _, room := range r.Conn.Rooms() {
		r.Conn.Leave(room)
	}
	html, err := wsx.Execute(pages, "lobby", nil)
	return r.Reply(html), err
}

// to changes the recipient in the form: one member, or the whole room.
func (h *house) to(_ context.Context, r *wsx.Request, in struct{ Name string }) (*wsx.Response, error) {
	html, err := wsx.Execute(pages, "to", in.Name)
	return r.Reply(html), err
}

// say sends a message to the room, or to one member and the sender, in all of their tabs in the room.
func (h *house) say(ctx context.Context, r *wsx.Request, in struct{ Text, To string }) (*wsx.Response, error) {
	text, rooms := strings.TrimSpace(in.Text), r.Conn.Rooms()
	switch n := utf8.RuneCountInString(text); {
	case len(rooms) == 0:
		return nil, wsx.UserErrorf("Join a room first.")
	case n == 0:
		return nil, wsx.UserErrorf("Write something first.")
	case n > maxText:
		return nil, wsx.UserErrorf("That is %d characters too long.", n-maxText)
	}
	room, _ := h.find(rooms[0])
	to := []wsx.Filter{wsx.Room(room.ID)}
	if in.To != "" {
		members, err := h.hub.Presence(ctx, room.ID)
		if err != nil {
			return nil, err
		}
		// Without this check, a private message to an absent user would be lost without notice.
		if !slices.ContainsFunc(members, func(m wsx.Member) bool { return m.User == in.To }) {
			return nil, wsx.UserErrorf("%s is no longer here.", in.To)
		}
		to = append(to, wsx.User(r.Conn.User(), in.To))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return nil, h.add(room, entry{Kind: "said", User: r.Conn.User(), To: in.To, Text: text}, to...)
}

// add appends an entry to the room's feed and broadcasts it. If the feed is full, add removes the oldest entry, here and in
// the pages. The caller holds mu.
func (h *house) add(room *room, e entry, to ...wsx.Filter) error {
	h.lastID++
	e.ID, e.At = h.lastID, time.Now()
	html, err := wsx.Execute(pages, "entry", e)
	if err != nil {
		return err
	}
	if room.feed = append(room.feed, e); len(room.feed) > kept {
		oldest := fmt.Sprintf("#e%d", room.feed[0].ID)
		room.feed = slices.Delete(room.feed, 0, 1)
		if err := h.hub.Broadcast(oldest, "", wsx.Delete, wsx.Room(room.ID)); err != nil {
			return err
		}
	}
	return h.hub.Broadcast("#feed-"+room.ID, html, wsx.Append, to...)
}
