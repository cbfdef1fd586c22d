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
	maxText = 1000 // characters in a message
)

type room struct{ ID, Name, About string }

// messages is where the hub sends what is said in a room, and remembers it for browsers that were away. Who is here and who is
// typing goes to the room of the ID itself, which forgets: of these only now counts.
func messages(room string) string { return "messages/" + room }

var rooms = []room{
	{"general", "General", "What everybody should hear"},
	{"help", "Help", "Ask, and somebody may know"},
	{"music", "Music", "What are you listening to?"},
	{"random", "Random", "Everything else"},
}

func findRoom(id string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return r.ID == id })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// tagRoom is the tag with the one room that a connection is for. Authenticate sets it, so it is always a known room.
const tagRoom = "room"

type chat struct {
	hub      *wsx.Hub
	store    *store
	sessions *sessions

	// mu makes one step of "change and tell the room", so that all browsers see the changes in the order in which they
	// were made. It may be held while sending: wsx never waits for a browser.
	mu      sync.Mutex
	typists map[typist]*time.Timer
}

func newChat(store *store, sessions *sessions) *chat {
	c := &chat{store: store, sessions: sessions, typists: map[typist]*time.Timer{}}
	c.hub = wsx.New(&wsx.Options{Authenticate: c.authenticate, MaxPerUser: 20})
	c.hub.ConfigureRooms("messages/*", wsx.RoomOptions{History: 200})
	c.hub.OnConnect(func(ctx context.Context, conn *wsx.Connection) error {
		return errors.Join(c.tellPeople(ctx, conn.Tag(tagRoom)), c.sendTypists(conn))
	})
	c.hub.OnDisconnect(func(conn *wsx.Connection, _ error) {
		c.stopTyping(typist{conn.Tag(tagRoom), conn.User()})
		c.tellPeople(context.Background(), conn.Tag(tagRoom))
	})
	c.hub.On("post", wsx.Typed(c.post))
	c.hub.On("typing", wsx.Typed(c.typing))
	return c
}

// authenticate decides who may connect, before there is a connection: whoever has a cookie of ours, to a room of ours.
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

// post stores a message and shows it to the room, the sender included. There is nothing else to answer.
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
	m, err := c.store.add(context.WithoutCancel(ctx), room, user, text) // what is stored is told, even if the author leaves now
	if err != nil {
		return nil, err
	}
	html, err := wsx.Execute(pages, "message", m)
	if err != nil {
		return nil, err
	}
	return nil, c.hub.Broadcast("#messages", html, wsx.Append, wsx.Room(messages(room)))
}
