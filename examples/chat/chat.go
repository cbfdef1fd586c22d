package main

import (
	"context"
	"errors"
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
	shown   = 50   // messages on a page
	maxText = 1000 // characters per message
)

type room struct{ ID, Name, About string }

// messages returns the name of the hub's room for the messages of a chat room. That room has a history, so browsers that
// reconnect receive what they missed. Presence and typing indicators go to the room with the plain ID, which has no history,
// because only their current state matters.
func messages(room string) string { return "messages/" + room }

var rooms = []room{
	{"general", "General", "News for all of us"},
	{"help", "Help", "Questions and answers"},
	{"music", "Music", "What are you listening to?"},
	{"random", "Random", "All other topics"},
}

// findRoom rejects rooms that a browser made up. Otherwise any name could open a room.
func findRoom(id string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return r.ID == id })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// tagRoom is the tag with the chat room of a connection. Authenticate sets it, so the room always exists.
const tagRoom = "room"

type chat struct {
	hub      *wsx.Hub
	store    *store
	sessions *sessions

	// mu is held while changing state and broadcasting the change, so that all browsers receive changes in the same order.
	// Holding it while sending is fine: sending never blocks on a browser.
	mu      sync.Mutex
	typists map[typist]*time.Timer
}

func newChat(store *store, sessions *sessions) *chat {
	c := &chat{store: store, sessions: sessions, typists: map[typist]*time.Timer{}}
	c.hub = wsx.New(&wsx.Options{Authenticate: c.authenticate, MaxPerUser: 20})
	c.hub.ConfigureRooms("messages/*", wsx.RoomOptions{History: 200})
	c.hub.OnConnect(func(ctx context.Context, conn *wsx.Connection) error {
		return errors.Join(c.sendPeople(ctx, conn.Tag(tagRoom)), c.sendTypists(conn))
	})
	c.hub.OnDisconnect(func(conn *wsx.Connection, _ error) {
		c.stopTyping(typist{conn.Tag(tagRoom), conn.User()})
		c.sendPeople(context.Background(), conn.Tag(tagRoom))
	})
	c.hub.On("post", wsx.Typed(c.post))
	c.hub.On("typing", wsx.Typed(c.typing))
	return c
}

// authenticate accepts a connection if it has a valid cookie and names an existing room.
func (c *chat) authenticate(r *http.Request) (wsx.Identity, error) {
	user, expires, err := c.sessions.user(r)
	if err != nil {
		return wsx.Identity{}, err
	}
	room, ok := findRoom(r.URL.Query().Get("room"))
	if !ok {
		return wsx.Identity{}, fmt.Errorf("no room %q", r.URL.Query().Get("room"))
	}
	return wsx.Identity{User: user, Rooms: []string{room.ID}, Tags: map[string]string{tagRoom: room.ID}, Expires: expires}, nil
}

// post stores a message and broadcasts it to the room, including the sender. It needs no other response.
func (c *chat) post(ctx context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
	text := strings.TrimSpace(in.Text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return nil, wsx.UserErrorf("Write something first.")
	case n > maxText:
		return nil, wsx.UserErrorf("That is %d characters too long.", n-maxText)
	}
	room, user := r.Conn.Tag(tagRoom), r.Conn.User()
	c.stopTyping(typist{room, user})

	c.mu.Lock()
	defer c.mu.Unlock()
	m, err := c.store.add(context.WithoutCancel(ctx), room, user, text) // stored messages are always broadcast, even if the author leaves
	if err != nil {
		return nil, err
	}
	html, err := wsx.Execute(pages, "message", m)
	if err != nil {
		return nil, err
	}
	return nil, c.hub.Broadcast("#messages", html, wsx.Append, wsx.Room(messages(room)))
}
