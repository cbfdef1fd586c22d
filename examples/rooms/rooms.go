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
	kept    = 50  // entries of a room's feed, here and in the browsers
	maxText = 500 // characters in one entry
)

type room struct {
	ID, Name, About string
	feed            []entry // guarded by house.mu; the last ones
}

// entry is what happened in a room.
type entry struct {
	ID       int
	Kind     string // "joined", "left", "said"
	User, To string // To: for this one alone
	Text     string
	At       time.Time
}

// visible says whether user may see it. What is pushed, the filters decide; this is for those who come later.
func (e entry) visible(user string) bool { return e.To == "" || e.To == user || e.User == user }

type house struct {
	hub   *wsx.Hub
	rooms []*room

	// mu makes one step of "change and tell", so that all browsers see the changes in one order. It may be held while
	// sending: wsx never waits for a browser.
	mu     sync.Mutex
	lastID int
}

func newHouse(authenticate func(*http.Request) (wsx.Identity, error)) *house {
	h := &house{rooms: []*room{
		{ID: "kitchen", Name: "Kitchen", About: "Coffee and lunch"},
		{ID: "workshop", Name: "Workshop", About: "Half-done things"},
		{ID: "library", Name: "Library", About: "Quiet, please"},
		{ID: "terrace", Name: "Terrace", About: "Everything else"},
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

// join takes the connection into a room and shows it. A page that was away and still shows the room says Again: it gets
// only what may have changed, so that half a sentence in its box survives.
func (h *house) join(ctx context.Context, r *wsx.Request, in struct {
	Room  string
	Again bool
}) (*wsx.Response, error) {
	room, ok := h.find(in.Room)
	if !ok {
		return nil, wsx.UserErrorf("There is no such room.")
	}
	for _, other := range r.Conn.Rooms() {
		if other != room.ID {
			r.Conn.Leave(other)
		}
	}
	if err := r.Conn.Join(ctx, room.ID); err != nil {
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

func (h *house) leave(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
	for _, room := range r.Conn.Rooms() {
		r.Conn.Leave(room)
	}
	html, err := wsx.Execute(pages, "lobby", nil)
	return r.Reply(html), err
}

// to prepares the form for a word to one member, or to everybody again.
func (h *house) to(_ context.Context, r *wsx.Request, in struct{ Name string }) (*wsx.Response, error) {
	html, err := wsx.Execute(pages, "to", in.Name)
	return r.Reply(html), err
}

// say shows a text to the room, or to one member and the sender, in all their tabs that are there.
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
		if !slices.ContainsFunc(members, func(m wsx.Member) bool { return m.User == in.To }) {
			return nil, wsx.UserErrorf("%s is not here any more.", in.To)
		}
		to = append(to, wsx.User(r.Conn.User(), in.To))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return nil, h.add(room, entry{Kind: "said", User: r.Conn.User(), To: in.To, Text: text}, to...)
}

// add writes an entry into the room's feed and shows it to those who may see it. Everybody forgets the oldest. mu is held.
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
