package wsx

import (
	"container/list"
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/wsxgo/wsx/internal/protocol"

	"github.com/wsxgo/wsx/internal/ring"
)

// A history holds what the rooms that remember have been sent lately. A room takes memory from its first message until one
// RoomOptions.TTL after its last one.
type history struct {
	sequence
	limit int64 // bytes of all rooms together; immutable

	mu           sync.Mutex // guards what follows; taken after a memory's mu
	rooms        map[string]*roomHistory
	order        list.List                // of the memories that keep something; the one that has been quiet longest is first
	bytes        int64                    // of what they keep
	freedThrough map[time.Duration]uint64 // by TTL, the newest message of all rooms that have been freed
	floor        uint64                   // what forgotten came to when options were set later
	underway     []uint64                 // messages that have a number and are not queued everywhere yet
	sweeping     *time.Timer
	stopped      bool
}

// A memory is what one room remembers.
type roomHistory struct {
	room string // immutable

	// guarded by history.mu
	users   int           // who is between enter and leave; while there is one, it is not freed
	place   *list.Element // in history.order; nil: it keeps nothing
	touched time.Duration // when the last message came
	ttl     time.Duration // as it was then

	// The publish lock: held from the numbering of a message to its last enqueuing, so that all members of the room see one
	// order, and taken before any connection's lock. No user code and no I/O runs under it.
	mu             sync.Mutex
	kept           ring.Ring[keptMessage] // guarded by mu
	bytes          int64                  // guarded by mu; of kept
	evictedThrough uint64                 // guarded by mu; whoever has seen everything up to here has missed nothing that is not in kept
	last           uint64                 // guarded by mu; the newest message; 0: there was none
}

// A keptMessage is as little as a message can be made again from. The message itself is shared with whoever still has it in a
// queue, as it is when a crowd comes back.
type keptMessage struct {
	offset    uint64
	fragments []protocol.Fragment
	extra     *keptExtra // nil for most
	message   weak.Pointer[message]
}

type keptExtra struct {
	filters []Filter // that still decide who sees it, besides the room
	key     string
	batch   bool
}

// What is to be counted besides the texts, in bytes.
const (
	keptOverhead     = 112 // with the first fragment
	fragmentOverhead = 48
	filterOverhead   = 160
)

func (k *keptMessage) size() int64 {
	size := rawSize(k.fragments) + keptOverhead + int64(len(k.fragments)-1)*fragmentOverhead
	if k.extra != nil {
		size += int64(len(k.extra.key)) + filtersSize(k.extra.filters)
	}
	return size
}

// filters returns those that decide who sees the message, besides the room.
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

// begin numbers a message; done says that it is queued for all who are to see it.
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

// queued returns a number up to which every message has been queued for all who are to see it.
func (h *history) queued() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.underway) > 0 {
		return slices.Min(h.underway) - 1
	}
	return h.next()
}

// configured says that rooms may have another TTL from now on.
func (h *history) configured() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.freedThrough {
		h.floor = max(h.floor, n)
	}
}

// enter returns the memory of a room with such a TTL, which is to be given back with leave, and not locked.
func (h *history) acquire(room string, ttl time.Duration) *roomHistory {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.rooms[room]
	if m == nil {
		m = &roomHistory{room: room, evictedThrough: max(h.floor, h.freedThrough[ttl])}
		if h.rooms == nil {
			h.rooms = make(map[string]*roomHistory)
		}
		h.rooms[room] = m
	}
	m.users++
	return m
}

// leave gives back what enter returned, which must be unlocked. A room that nothing was published in is forgotten again.
func (h *history) release(m *roomHistory) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.users--; m.users == 0 && m.ttl == 0 {
		delete(h.rooms, m.room)
	}
}

// keep numbers a message of m's room and remembers it, by the options of the room. The caller holds m.mu, and calls shrink when
// it does so no more.
func (h *history) keep(m *roomHistory, msg *message, filters []Filter, o RoomOptions) {
	m.last = msg.offset
	k := keptMessage{offset: msg.offset, fragments: msg.fragments, message: weak.Make(msg)}
	if len(filters) > 0 || msg.key != "" || msg.batch {
		k.extra = &keptExtra{filters, msg.key, msg.batch}
	}
	before := m.bytes
	for m.kept.Len() >= o.History {
		m.trim()
	}
	m.kept.Push(k, o.History)
	m.bytes += k.size()
	for m.bytes > int64(o.HistoryBytes) {
		m.trim()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bytes += m.bytes - before
	m.touched, m.ttl = time.Since(h.started), o.TTL
	if m.place == nil {
		m.place = h.order.PushBack(m)
	} else {
		h.order.MoveToBack(m.place)
	}
	if h.sweeping == nil && !h.stopped {
		h.sweeping = time.AfterFunc(sweepEvery(o.TTL), h.sweep)
	}
}

// trim forgets the oldest message. The caller holds mu.
func (m *roomHistory) trim() {
	k := m.kept.Pop()
	m.bytes -= k.size()
	m.evictedThrough = k.offset
}

// complete reports that whoever has seen everything up to from, or, by a clock that may be newer, up to heard, gets everything
// else from what is kept. The caller holds mu.
func (m *roomHistory) complete(from, heard uint64) bool { return max(from, heard) >= m.evictedThrough }

// after returns where in kept the messages after a number begin. The caller holds mu.
func (m *roomHistory) after(offset uint64) int {
	low, high := 0, m.kept.Len()
	for low < high {
		middle := (low + high) / 2
		if m.kept.At(middle).offset <= offset {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// keptMessage returns a message of a room as it was published. The caller holds mem.mu.
func (h *Hub) keptMessage(mem *roomHistory, i int) *message {
	k := mem.kept.At(i)
	msg := k.message.Value()
	if msg == nil {
		extra := k.extra
		if extra == nil {
			extra = new(keptExtra)
		}
		msg = h.roomMessage(k.fragments, extra.batch, mem.room, k.offset)
		msg.key = extra.key
		k.message = weak.Make(msg)
	}
	return msg
}

// shrink forgets what the rooms that have been quiet longest remember, until all together is within the limit. No memory's lock
// is held.
func (h *history) enforceLimit() {
	for {
		m := h.quietest()
		if m == nil {
			return
		}
		m.mu.Lock()
		freed := m.bytes
		m.kept.Clear()
		m.bytes, m.evictedThrough = 0, max(m.evictedThrough, m.last)
		m.mu.Unlock()
		h.mu.Lock()
		h.bytes -= freed
		h.mu.Unlock()
		h.release(m)
	}
}

// quietest returns the memory to be emptied, entered; nil: there is enough space.
func (h *history) quietest() *roomHistory {
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.order.Front()
	if h.bytes <= h.limit || first == nil {
		return nil
	}
	m := first.Value.(*roomHistory)
	h.order.Remove(first)
	m.place = nil
	m.users++
	return m
}

// sweep frees the rooms that have been quiet for their TTL, and comes again while there are others.
func (h *history) sweep() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now, next := time.Since(h.started), time.Duration(0)
	for name, m := range h.rooms {
		if m.ttl > 0 && m.users == 0 && now-m.touched >= m.ttl {
			h.free(name, m)
		} else if m.ttl > 0 && (next == 0 || m.ttl < next) {
			next = m.ttl
		}
	}
	if h.sweeping = nil; next > 0 && !h.stopped {
		h.sweeping = time.AfterFunc(sweepEvery(next), h.sweep)
	}
}

// free forgets that there was such a room, but for how far its messages went. The caller holds mu, and nobody uses m.
func (h *history) free(name string, m *roomHistory) {
	delete(h.rooms, name)
	if h.freedThrough == nil {
		h.freedThrough = make(map[time.Duration]uint64)
	}
	h.freedThrough[m.ttl] = max(h.freedThrough[m.ttl], m.last)
	h.bytes -= m.bytes
	if m.place != nil {
		h.order.Remove(m.place)
	}
}

// sweepEvery is how often rooms of a TTL are looked at. That a room is freed late costs memory and nothing else.
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
