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

// presenceGrace is how long a user may be away unnoticed. A reload takes less.
const presenceGrace = 5 * time.Second

// Member is a user who is present in a room.
type Member struct {
	User        string
	Connections int       // 0 during the 5 seconds in which the user may return
	Since       time.Time // when the first of them joined
}

// PresenceDiff says what has changed in a room. Each list is sorted by User.
type PresenceDiff struct {
	Joined, Left []Member
	Members      []Member // all users present now
}

// Presence returns the users who are present in a room, sorted by User. Anonymous connections don't
// count. The result is empty for a room without Presence or OnPresence in its [RoomOptions], and
// after Shutdown.
//
// Presence returns ErrRoom for a name that can't be a room's, and ctx's error.
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

// presence tracks who is in which room. Connections report changes with their mu held, so a user is
// never counted for a room that the connection has left. Listeners are called later, by one
// goroutine for each room with changes, because user code must not run under a lock.
type presence struct {
	hub *Hub // immutable

	// guarded by mu, which is taken after a connection's mu
	mu    sync.Mutex
	rooms map[string]*attendance
}

// An attendance holds the users of one room. presence.mu guards it.
type attendance struct {
	users     map[string]*attendant
	changed   map[string]struct{} // users that may have to be reported
	notifying bool                // notify runs for this room
}

// An attendant is one user of a room. presence.mu guards it.
type attendant struct {
	member    Member
	announced bool        // the user was reported as joined
	exits     int         // how often the last connection has left; identifies a timer
	leave     *time.Timer // runs while the user has no connection
}

// enter counts one more connection of user in room. It reports whether it did: anonymous
// connections and rooms without presence aren't counted, and then exit must not be called.
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

// exit uncounts a connection that enter has counted. If the connection was lost, the user stays for
// presenceGrace. If it left on purpose, the user leaves at once.
func (p *presence) exit(room, user string, lost bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[room]
	a := r.users[user]
	if a.member.Connections--; a.member.Connections > 0 {
		return
	}
	if p.hub.admission.IsDraining() {
		p.remove(room, r, user) // all members are leaving, so none is left to notify
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

// graceOver is called presenceGrace after an exit. The timer may fire while the user returns, so
// exit says whether it is the latest one.
func (p *presence) graceOver(room, user string, a *attendant, exit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.rooms[room]
	if r == nil || r.users[user] != a || a.exits != exit || a.member.Connections > 0 {
		return // the user has returned, and perhaps left again
	}
	if !a.announced || p.hub.admission.IsDraining() {
		p.remove(room, r, user) // the user was never reported, or no member is left to notify
		return
	}
	a.leave = nil
	p.change(room, r, user)
}

// remove removes a user, and the room if it is empty. notify removes the room otherwise. The caller
// holds mu.
func (p *presence) remove(room string, r *attendance, user string) {
	delete(r.users, user)
	if len(r.users) == 0 && !r.notifying {
		delete(p.rooms, room)
	}
}

// change marks a user as possibly changed and starts notify. It holds the hub's admission, so that
// Shutdown waits for the listener. The caller holds mu.
func (p *presence) change(room string, r *attendance, user string) {
	r.changed[user] = struct{}{}
	if !r.notifying && p.hub.admission.Hold() {
		r.notifying = true
		go p.notify(room, r)
	}
}

// notify calls the listener of a room until nothing has changed. One goroutine for each room keeps
// the reports in order.
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
			p.hub.opts.Logger.Error("wsx: RoomOptions.OnPresence failed", "room", textcut.Truncate(room, maxLogName), "error", err)
		}
	}
}

// next returns the changes since the last call. The boolean reports whether there are any; without
// them, notify has ended when next returns.
func (p *presence) next(room string, r *attendance) (diff PresenceDiff, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for user := range r.changed {
		a := r.users[user]
		switch {
		case a == nil:
		case !a.announced: // even if the user has left again: Left must only name users that were in Joined
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

// members returns a copy, which the caller may keep.
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

// members returns the users sorted by name. The caller holds mu.
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
