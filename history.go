package wsx

import (
	"container/list"
	"maps"
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/ring"
)

// A history keeps the recent messages of the rooms with history. A room takes memory from its first
// message until one RoomOptions.TTL after its last one.
//
// A room doesn't track what each browser has received. It only knows the number up to which it has
// evicted messages, and browsers send the number that they have come to.
type history struct {
	sequence
	limit int64 // immutable; bytes of all rooms together

	mu           sync.Mutex // guards what follows; taken after a roomHistory's mu
	rooms        map[string]*roomHistory
	order        list.List                // of the rooms with messages, the longest quiet first
	bytes        int64                    // of the kept messages
	freedThrough map[time.Duration]uint64 // by TTL, the newest message of all freed rooms
	floor        uint64                   // the maximum of freedThrough at the last configured
	underway     []uint64                 // numbers of messages that are not queued everywhere yet
	sweeping     *time.Timer
	stopped      bool
}

// A roomHistory keeps the recent messages of one room.
type roomHistory struct {
	room string // immutable

	// guarded by history.mu
	users   int           // between acquire and release; while there are any, it is not freed
	place   *list.Element // in history.order; nil if it keeps nothing
	touched time.Duration // when the last message came
	ttl     time.Duration // as configured then; 0 if there was no message

	// mu is the publish lock, and guards what follows. It is held from the numbering of a message
	// until it is queued for the last member, so that all members see one order. It is taken before
	// any connection's lock. No user code and no I/O runs under it.
	mu             sync.Mutex
	kept           ring.Ring[keptMessage]
	bytes          int64  // of kept
	evictedThrough uint64 // every later message is in kept
	last           uint64 // the newest message; 0 if there was none
}

// A keptMessage is the minimum from which a message can be made again. The message itself is shared
// while a queue still holds it, as when many browsers reconnect at once.
type keptMessage struct {
	offset    uint64
	fragments []protocol.Fragment
	extra     *keptExtra // nil for most
	message   weak.Pointer[message]
}

// A keptExtra is what few kept messages need, so that the others don't take memory for it.
type keptExtra struct {
	filters []Filter // evaluated for each member at a replay
	key     string
	batch   bool
}

// The bytes that count besides the texts. They are estimates: the limit is about memory, and texts
// alone would miss most of what a history of short messages takes.
const (
	keptOverhead     = 112 // including the first fragment
	fragmentOverhead = 56
	filterOverhead   = 160
)

func (k *keptMessage) size() int64 {
	size := rawSize(k.fragments) + keptOverhead + int64(len(k.fragments)-1)*fragmentOverhead
	if k.extra != nil {
		size += int64(len(k.extra.key)) + filtersSize(k.extra.filters)
	}
	return size
}

// filters returns the filters that decide, at a replay, which members get the message.
func (k *keptMessage) filters() []Filter {
	if k.extra == nil {
		return nil
	}
	return k.extra.filters
}

func filtersSize(filters []Filter) (size int64) {
	for _, f := range filters {
		size += filterOverhead
		if f.rule == nil {
			continue
		}
		for _, text := range slices.Concat(f.rule.names, f.rule.pages) {
			size += int64(len(text)) + 16
		}
		size += filtersSize(f.rule.of)
	}
	return size
}

// begin numbers a message. The caller calls done once the message is queued for all its recipients.
func (h *history) begin() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.next()
	h.underway = append(h.underway, n)
	return n
}

func (h *history) done(n uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.underway = slices.Delete(h.underway, slices.Index(h.underway, n), slices.Index(h.underway, n)+1)
}

// queued returns a number up to which every message is queued for all its recipients. A ping that
// is queued after that confirms it.
func (h *history) queued() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.underway) > 0 {
		return slices.Min(h.underway) - 1
	}
	return h.next()
}

// rebase empties the history of all rooms. Nothing is known of what came up to floor.
func (h *history) rebase(floor uint64) {
	h.mu.Lock()
	h.floor = max(h.floor, floor)
	clear(h.freedThrough)
	rooms := slices.Collect(maps.Keys(h.rooms))
	h.mu.Unlock()
	for _, room := range rooms {
		h.rebaseRoom(room, floor)
	}
}

// rebaseRoom is rebase for one room, if it has a history.
func (h *history) rebaseRoom(room string, floor uint64) {
	h.mu.Lock()
	r := h.rooms[room]
	if r == nil { // it comes as complete as those that were freed
		h.floor = max(h.floor, floor)
		h.mu.Unlock()
		return
	}
	r.users++
	h.mu.Unlock()
	defer h.release(r)
	r.mu.Lock()
	freed := r.bytes
	r.kept.Clear()
	r.bytes, r.evictedThrough = 0, max(r.evictedThrough, floor)
	r.mu.Unlock()
	h.mu.Lock()
	h.bytes -= freed
	h.mu.Unlock()
}

// configured records that the TTL of rooms may change. From now on a freed room may return with a
// different TTL, so the newest message of any freed room counts for all.
func (h *history) configured() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.freedThrough {
		h.floor = max(h.floor, n)
	}
	if h.isLog { // the log may have had messages for the rooms, which weren't kept
		h.floor = max(h.floor, h.next())
	}
}

// acquire returns the history of a room with this TTL, not locked, and keeps it from being freed
// until release. A room that was freed before, or never existed, has no record of older messages,
// so it begins as if it had evicted them.
func (h *history) acquire(room string, ttl time.Duration) *roomHistory {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[room]
	if r == nil {
		r = &roomHistory{room: room, evictedThrough: max(h.floor, h.freedThrough[ttl])}
		if h.rooms == nil {
			h.rooms = make(map[string]*roomHistory)
		}
		h.rooms[room] = r
	}
	r.users++
	return r
}

// release gives back the result of acquire, which must be unlocked. A room without any message is
// dropped at once, because no sweep would.
func (h *history) release(r *roomHistory) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.users--; r.users == 0 && r.ttl == 0 {
		delete(h.rooms, r.room)
	}
}

// keep adds a numbered message to the history of its room, as o demands. The caller holds r.mu, and
// calls enforceLimit after releasing it, because that locks other rooms.
func (h *history) keep(r *roomHistory, msg *message, filters []Filter, o RoomOptions) {
	r.last = msg.offset
	k := keptMessage{offset: msg.offset, fragments: msg.fragments, message: weak.Make(msg)}
	if len(filters) > 0 || msg.key != "" || msg.batch {
		k.extra = &keptExtra{filters, msg.key, msg.batch}
	}
	before := r.bytes
	for r.kept.Len() >= o.History {
		r.evictOldest()
	}
	r.kept.Push(k, o.History)
	r.bytes += k.size()
	for r.bytes > int64(o.HistoryBytes) {
		r.evictOldest()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bytes += r.bytes - before
	r.touched, r.ttl = time.Since(h.started), o.TTL
	if r.place == nil {
		r.place = h.order.PushBack(r)
	} else {
		h.order.MoveToBack(r.place)
	}
	if h.sweeping == nil && !h.stopped {
		h.sweeping = time.AfterFunc(sweepEvery(o.TTL), h.sweep)
	}
}

// evictOldest drops the oldest message. The caller holds mu.
func (r *roomHistory) evictOldest() {
	k := r.kept.Pop()
	r.bytes -= k.size()
	r.evictedThrough = k.offset
}

// complete reports whether kept holds every message that a browser has missed. The browser has
// received everything up to from or, by a clock that may be newer, up to heard. The caller holds
// mu.
func (r *roomHistory) complete(from, heard uint64) bool { return max(from, heard) >= r.evictedThrough }

// after returns the index in kept of the first message after offset. The caller holds mu.
func (r *roomHistory) after(offset uint64) int {
	low, high := 0, r.kept.Len()
	for low < high {
		middle := (low + high) / 2
		if r.kept.At(middle).offset <= offset {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// keptMessage returns message i of a room as it was published. It is made again if queues no
// longer hold it. The caller holds the room's mu.
func (h *Hub) keptMessage(r *roomHistory, i int) *message {
	k := r.kept.At(i)
	msg := k.message.Value()
	if msg == nil {
		extra := k.extra
		if extra == nil {
			extra = new(keptExtra)
		}
		msg = h.roomMessage(k.fragments, extra.batch, r.room, k.offset)
		msg.key = extra.key
		k.message = weak.Make(msg)
	}
	return msg
}

// enforceLimit evicts the messages of the longest quiet rooms until all rooms together are within
// the limit. No roomHistory is locked, because it locks one after the other.
func (h *history) enforceLimit() {
	for {
		r := h.quietest()
		if r == nil {
			return
		}
		r.mu.Lock()
		freed := r.bytes
		r.kept.Clear()
		r.bytes, r.evictedThrough = 0, max(r.evictedThrough, r.last)
		r.mu.Unlock()
		h.mu.Lock()
		h.bytes -= freed
		h.mu.Unlock()
		h.release(r)
	}
}

// quietest acquires and returns the room to evict, or nil if the limit holds. Taking it out of
// order keeps others from choosing it, too.
func (h *history) quietest() *roomHistory {
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.order.Front()
	if h.bytes <= h.limit || first == nil {
		return nil
	}
	r := first.Value.(*roomHistory)
	h.order.Remove(first)
	r.place = nil
	r.users++
	return r
}

// sweep frees the rooms that have been quiet for their TTL. It runs again while there are others.
func (h *history) sweep() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now, next := time.Since(h.started), time.Duration(0)
	for name, r := range h.rooms {
		if r.ttl > 0 && r.users == 0 && now-r.touched >= r.ttl {
			h.free(name, r)
		} else if r.ttl > 0 && (next == 0 || r.ttl < next) {
			next = r.ttl
		}
	}
	if h.sweeping = nil; next > 0 && !h.stopped {
		h.sweeping = time.AfterFunc(sweepEvery(next), h.sweep)
	}
}

// free drops a room but keeps its newest number: a browser that has not come that far may have
// missed messages. One number for each TTL is enough. The caller holds mu, and the room has no
// users.
func (h *history) free(name string, r *roomHistory) {
	delete(h.rooms, name)
	if h.freedThrough == nil {
		h.freedThrough = make(map[time.Duration]uint64)
	}
	h.freedThrough[r.ttl] = max(h.freedThrough[r.ttl], r.last)
	h.bytes -= r.bytes
	if r.place != nil {
		h.order.Remove(r.place)
	}
}

// sweepEvery returns the interval at which rooms of a TTL are checked. Freeing a room late costs
// memory and nothing else.
func sweepEvery(ttl time.Duration) time.Duration {
	return min(max(ttl/4, time.Millisecond), time.Minute)
}

// stop ends the sweeping for good.
func (h *history) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	if h.sweeping != nil {
		h.sweeping.Stop()
	}
}
