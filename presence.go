package wsx

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/wsxgo/wsx/internal/textcut"
)

// presenceGrace is how long a user may be away before that is told: as long as a reload takes.
const presenceGrace = 5 * time.Second

// Member is a user who is present in a room.
type Member struct {
	User        string
	Connections int       // 0 within the 5 seconds in which the user may come back
	Since       time.Time // when the first of them came
}

// PresenceDiff says what changed in a room. The members of each list are in the order of their names.
type PresenceDiff struct {
	Joined, Left []Member
	Members      []Member // all that are there now
}

// Presence returns who is in a room that keeps account of it, in the order of their names; nobody, if it does not. It returns
// ErrRoom for what cannot be a room, and ctx's error.
func (h *Hub) Presence(ctx context.Context, room string) ([]Member, error) {
	err := ctx.Err()
	if err == nil {
		err = checkRoom(room)
	}
	if err != nil {
		return nil, failed("presence", err)
	}
	return h.presence.members(room), nil
}

// presence keeps account of who is in which room. Connections report under their lock what changes; listeners are called
// later, by one goroutine for each room that has something to tell.
type presence struct {
	hub *Hub

	mu    sync.Mutex // guards what follows; taken after a connection's mu
	rooms map[string]*attendance
}

// An attendance is who is in one room.
type attendance struct {
	users     map[string]*attendant
	changed   map[string]struct{} // users of whom something may have to be told
	notifying bool                // a goroutine tells
}

type attendant struct {
	member    Member
	announced bool        // listeners know of this user
	exits     int         // how often the last connection has gone
	leave     *time.Timer // runs while the user has no connection
}

// enter counts one more connection of user in room; false: presence is nothing to this room, or this user is nobody, and
// there must be no exit.
func (p *presence) enter(room, user string) (counted bool) {
	if options, _ := p.hub.roomOptions.Find(room); user == "" || !options.Presence && options.OnPresence == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[room]
	if r == nil {
		r = &attendance{users: make(map[string]*attendant), changed: make(map[string]struct{})}
		if p.rooms == nil {
			p.rooms = make(map[string]*attendance)
		}
		p.rooms[room] = r
	}
	a := r.users[user]
	if a == nil {
		a = &attendant{member: Member{User: user, Since: time.Now()}}
		r.users[user] = a
	}
	if a.leave != nil {
		a.leave.Stop()
		a.leave = nil
	}
	if a.member.Connections++; !a.announced {
		p.change(room, r, user)
	}
	return true
}

// exit counts one connection less: one that enter has counted. Who has lost the connection may come back within the grace; who
// has left on purpose has gone.
func (p *presence) exit(room, user string, lost bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[room]
	a := r.users[user]
	if a.member.Connections--; a.member.Connections > 0 {
		return
	}
	if p.hub.admission.IsDraining() {
		p.forget(room, r, user) // everybody goes, and nobody is left to be told
		return
	}
	if !lost && a.announced {
		p.change(room, r, user)
		return
	}
	a.exits++
	exit := a.exits
	a.leave = time.AfterFunc(presenceGrace, func() { p.graceOver(room, user, a, exit) })
}

// gone is called presenceGrace after an exit.
func (p *presence) graceOver(room, user string, a *attendant, exit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[room]
	if r == nil || r.users[user] != a || a.exits != exit || a.member.Connections > 0 {
		return // back again, and perhaps gone again
	}
	if !a.announced || p.hub.admission.IsDraining() {
		p.forget(room, r, user) // nobody was told, or nobody is left to be
		return
	}
	a.leave = nil
	p.change(room, r, user)
}

// forget removes a user, and the room if nobody is left. The caller holds mu.
func (p *presence) forget(room string, r *attendance, user string) {
	delete(r.users, user)
	if len(r.users) == 0 && !r.notifying {
		delete(p.rooms, room)
	}
}

// change notes that something may have to be told of user. The caller holds mu.
func (p *presence) change(room string, r *attendance, user string) {
	r.changed[user] = struct{}{}
	if !r.notifying && p.hub.admission.Hold() {
		r.notifying = true
		go p.notify(room, r)
	}
}

// tell calls the listener of a room until there is nothing new.
func (p *presence) notify(room string, r *attendance) {
	finished := false
	defer func() {
		if !finished { // the listener ended the goroutine with runtime.Goexit, as a failing test does
			go p.notify(room, r)
			return
		}
		p.hub.admission.Release()
	}()
	for {
		diff, ok := p.next(room, r)
		if !ok {
			finished = true
			return
		}
		options, _ := p.hub.roomOptions.Find(room)
		if options.OnPresence == nil {
			continue
		}
		err := safely(func() error {
			if fragments := options.OnPresence(p.hub.ctx, room, diff); len(fragments) > 0 {
				return p.hub.Publish(p.hub.ctx, Message{Fragments: fragments}, Room(room))
			}
			return nil
		})
		if err != nil && p.hub.ctx.Err() == nil {
			p.hub.opts.Logger.Error("wsx: telling who is present failed", "room", textcut.Truncate(room, maxLogName), "error", err)
		}
	}
}

// next returns what is to be told; false: nothing, and nobody tells any more.
func (p *presence) next(room string, r *attendance) (diff PresenceDiff, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for user := range r.changed {
		a := r.users[user]
		switch {
		case a == nil:
		case !a.announced: // also one who has gone again: Members has everybody, and who was there is told to have left
			a.announced = true
			diff.Joined = append(diff.Joined, a.member)
		case a.member.Connections == 0 && a.leave == nil:
			diff.Left = append(diff.Left, a.member)
			delete(r.users, user)
		}
	}
	clear(r.changed)
	if len(diff.Joined)+len(diff.Left) == 0 {
		r.notifying = false
		if len(r.users) == 0 {
			delete(p.rooms, room)
		}
		return diff, false
	}
	byName(diff.Joined)
	byName(diff.Left)
	diff.Members = r.members()
	return diff, true
}

func (p *presence) members(room string) []Member {
	if p.hub.admission.IsClosed() {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.rooms[room]; r != nil {
		return r.members()
	}
	return nil
}

func (r *attendance) members() []Member {
	var all []Member
	for a := range maps.Values(r.users) {
		all = append(all, a.member)
	}
	byName(all)
	return all
}

func byName(members []Member) {
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.User, b.User) })
}
