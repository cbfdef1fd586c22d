package main

import (
	"cmp"
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
	maxPeople = 200
	kept      = 40  // posts, and notes per person
	maxText   = 280 // characters per post
	everyone  = "everyone"
)

type post struct {
	ID           int
	Author, Text string
	At           time.Time
}

type person struct {
	Name    string
	Online  bool
	Notes   []post // posts of followed people, newest first
	Unread  int
	follows map[string]bool
}

// IsNew reports whether the i-th note is unread.
func (p *person) IsNew(i int) bool { return i < p.Unread }

type board struct {
	hub *wsx.Hub

	// mu is held while changing state and broadcasting the change, so that all browsers receive changes in the same order.
	// Holding it while sending is fine: sending never blocks on a browser.
	mu          sync.Mutex
	people      map[string]*person
	posts       []post // newest first
	lastID      int
	maintenance string
}

func newBoard(authenticate func(*http.Request) (wsx.Identity, error)) *board {
	b := &board{people: make(map[string]*person)}
	b.hub = wsx.New(&wsx.Options{MaxPerUser: 20, Authenticate: func(r *http.Request) (wsx.Identity, error) {
		id, err := authenticate(r)
		id.Rooms = []string{everyone}
		return id, err
	}})
	b.hub.ConfigureRooms(everyone, wsx.RoomOptions{OnPresence: b.presence})
	b.hub.OnConnect(b.welcome)
	b.hub.On("follow", wsx.Typed(b.follow))
	b.hub.On("post", wsx.Typed(b.post))
	b.hub.On("read", b.read)
	b.hub.On("maintain", wsx.Typed(b.maintain))
	return b
}

// admit adds the user who logs in. The number of users is limited, because they are kept until the program exits.
func (b *board) admit(id wsx.Identity) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.people[id.User] != nil {
		return nil
	}
	if len(b.people) >= maxPeople {
		return fmt.Errorf("This example is full: it takes %d people.", maxPeople)
	}
	p := &person{Name: id.User, follows: make(map[string]bool)}
	b.people[p.Name] = p
	html, err := wsx.Execute(pages, "other", p)
	if err != nil {
		return err
	}
	return b.hub.Broadcast("#others", html, wsx.Append)
}

// known returns all people except p, split by whether p follows them. The caller holds mu.
func (b *board) known(p *person) (friends, others []*person) {
	for _, one := range b.people {
		switch {
		case one == p:
		case p.follows[one.Name]:
			friends = append(friends, one)
		default:
			others = append(others, one)
		}
	}
	byName := func(a, b *person) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) }
	slices.SortFunc(friends, byName)
	slices.SortFunc(others, byName)
	return friends, others
}

// follow starts or stops following a person, and updates all tabs of the user.
func (b *board) follow(ctx context.Context, r *wsx.Request, in struct {
	Name string
	On   bool
}) (*wsx.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	me, whom := b.people[r.Conn.User()], b.people[in.Name]
	if whom == nil || whom == me {
		return nil, wsx.UserErrorf("You cannot follow %q.", in.Name)
	}
	// The request states the wanted result, so a repeated click or a resent request does no harm.
	if delete(me.follows, whom.Name); in.On {
		me.follows[whom.Name] = true
	}
	html, err := wsx.Execute(pages, "people", b.view(me))
	if err != nil {
		return nil, err
	}
	return nil, b.hub.Broadcast("#people", html, wsx.MorphInner, wsx.User(me.Name))
}

// post broadcasts a post to all pages, and notifies the author's followers.
func (b *board) post(ctx context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
	text := strings.TrimSpace(in.Text)
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return nil, wsx.UserErrorf("Write something first.")
	case n > maxText:
		return nil, wsx.UserErrorf("That is %d characters too long.", n-maxText)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastID++
	p := post{b.lastID, r.Conn.User(), text, time.Now()}
	html, err := wsx.Execute(pages, "post", p)
	if err != nil {
		return nil, err
	}
	b.posts = newest(b.posts, p)
	fragments := []wsx.Fragment{
		{Target: "#posts", HTML: html, Swap: wsx.Prepend},
		{Target: tooMany("#posts"), Swap: wsx.Delete},
	}
	if err := b.hub.Publish(ctx, wsx.Message{Fragments: fragments}); err != nil {
		return nil, err
	}
	notified, err := b.notifyFollowers(ctx, p)
	return r.ReplyTo("#told", wsx.HTMLf("Posted. Followers notified: %d.", notified), wsx.Inner), err
}

// newest inserts p at the front and drops the oldest post if there are too many.
func newest(posts []post, p post) []post {
	posts = slices.Insert(posts, 0, p)
	return posts[:min(len(posts), kept)]
}

// tooMany selects the element that exceeds the limit of a list in a page.
func tooMany(list string) string { return fmt.Sprintf("%s > :nth-child(%d)", list, kept+1) }

// read marks all notes as read, and removes the number from the bell in all tabs of the user.
func (b *board) read(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	me := b.people[r.Conn.User()]
	me.Unread = 0
	fragments, err := unread(me)
	if err != nil {
		return nil, err
	}
	return nil, b.hub.Publish(ctx, wsx.Message{Key: "unread", Fragments: fragments}, wsx.User(me.Name))
}

// maintain shows a notice on all pages. An empty text removes it.
func (b *board) maintain(_ context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
	if utf8.RuneCountInString(in.Text) > maxText {
		return nil, wsx.UserErrorf("That is over %d characters.", maxText)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.maintenance = strings.TrimSpace(in.Text)
	html, err := wsx.Execute(pages, "maintenance", b.maintenance)
	if err != nil {
		return nil, err
	}
	return nil, b.hub.Broadcast("#maintenance", html, wsx.Inner)
}
