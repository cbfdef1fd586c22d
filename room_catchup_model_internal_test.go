package wsx

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx/internal/frame"
	"github.com/wsxgo/wsx/internal/limit"
)

// A lane is a transport whose network a test can stop, and cut.
type lane struct {
	mu      sync.Mutex
	change  sync.Cond
	stalled bool
	cut     bool
	frames  [][]byte // that have left
}

func newLane() *lane {
	l := new(lane)
	l.change.L = &l.mu
	return l
}

func (l *lane) set(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
	l.change.Broadcast()
}

func (l *lane) read(*Connection) closeReason {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.cut {
		l.change.Wait()
	}
	return closeReason{code: 1006, mode: closeAbort}
}

func (l *lane) try(frames []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stalled || l.cut {
		return 0, nil
	}
	l.frames = append(l.frames, slices.Clone(frames))
	return len(frames), nil
}

func (l *lane) write(frames []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.stalled && !l.cut {
		l.change.Wait()
	}
	if l.cut {
		return context.Canceled
	}
	l.frames = append(l.frames, slices.Clone(frames))
	return nil
}

func (l *lane) close(int, string) { l.abort() }
func (l *lane) linger()           {}
func (l *lane) free()             {}
func (l *lane) abort()            { l.set(func() { l.cut = true }) }

// take returns the payloads of the text frames that have left since the last time.
func (l *lane) take() (payloads [][]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, joined := range l.frames {
		for len(joined) > 0 {
			size, opcode := frameSize(joined)
			if opcode == frame.OpText {
				payloads = append(payloads, frame.Payload(joined[:size]))
			}
			joined = joined[size:]
		}
	}
	l.frames = nil
	return payloads
}

// connectLane opens a connection over a new lane.
func connectLane(t testing.TB, hub *Hub) (*Connection, *lane) {
	l := newLane()
	require.Equal(t, limit.Admitted, hub.admission.Enter(limit.Slot{}))
	c := hub.newConnection(t.Context(), Identity{}, "192.0.2.1", limit.Slot{})
	c.open()
	c.start(l)
	return c, l
}

// A site is a program with a database: what was said in one room, in the order of saying.
type historySite struct {
	t       *testing.T
	options Options
	room    RoomOptions
	hub     *Hub
	said    []string
}

func (s *historySite) start() {
	s.hub = New(&s.options)
	s.hub.ConfigureRooms("tea", s.room)
	s.hub.On("enter", func(ctx context.Context, r *Request) (*Response, error) {
		if err := r.Conn.Join(ctx, "tea"); err != nil {
			return nil, err
		}
		return r.ReplyTo("#list", template.HTML(strings.Join(s.said, " ")), Inner), nil
	})
}

// say commits, then publishes.
func (s *historySite) say(filters ...Filter) {
	text := fmt.Sprintf("m%d", len(s.said))
	s.said = append(s.said, text)
	require.NoError(s.t, s.hub.Broadcast("#list", template.HTML(text+strings.Repeat(".", 200)), Append, append(filters, Room("tea"))...))
}

// A page is what a browser does with all this, without the browser.
type modelPage struct {
	t    *testing.T
	site *historySite

	shown    []string // what it shows
	rendered int      // how much of that it was rendered with
	ticket   string
	position string // the last that it applied
	clock    string

	lane    *lane
	conn    *Connection
	gen     int
	joined  bool
	last    uint64 // the number of the last fragment of this delivery path
	resets  int
	settled bool
}

// render loads the page: first the ticket, then the data.
func (p *modelPage) render(between func()) {
	ticket, err := p.site.hub.Ticket(p.t.Context(), "", "tea")
	require.NoError(p.t, err)
	between()
	p.shown, p.rendered = slices.Clone(p.site.said), len(p.site.said)
	p.ticket, p.position = ticket, ""
}

// connect opens a connection and joins.
func (p *modelPage) connect() {
	p.joined, p.settled = false, false
	p.conn, p.lane = connectLane(p.t, p.site.hub)
	p.conn.receive([]byte(`{"type":"hello","v":1,"page":"page"}`))
	p.join()
}

func (p *modelPage) join() {
	p.gen++
	p.joined = false
	j := map[string]any{"type": "join", "gen": p.gen, "tickets": []string{p.ticket}}
	if p.position != "" {
		j["pos"] = map[string]string{"tea": p.position}
		j["t"] = p.clock
	}
	text, err := json.Marshal(j)
	require.NoError(p.t, err)
	p.conn.receive(text)
}

// cut loses the connection, and what of the frames had not arrived.
func (p *modelPage) cut(arrived func(all int) int) {
	if p.conn == nil {
		return
	}
	p.lane.abort()
	p.conn.end(closeReason{code: 1006, mode: closeAbort})
	p.apply(arrived)
	p.conn = nil
}

// apply applies what has arrived.
func (p *modelPage) apply(arrived func(all int) int) {
	payloads := p.lane.take()
	for _, payload := range payloads[:arrived(len(payloads))] {
		p.frame(payload)
	}
}

// frameSize returns the length of the frame that b begins with.
func frameSize(b []byte) (size int, opcode frame.Opcode) {
	switch n := int(b[1] & 127); n {
	case 126:
		return 4 + int(b[2])<<8 + int(b[3]), frame.Opcode(b[0] & 15)
	case 127:
		panic("too long for this test")
	default:
		return 2 + n, frame.Opcode(b[0] & 15)
	}
}

func (p *modelPage) frame(payload []byte) {
	var f struct {
		Type, Room, Pos, HTML, T string
		Gen                      int
		Rooms                    json.RawMessage
		Tickets                  []any
	}
	require.NoError(p.t, json.Unmarshal(payload, &f), "%s", payload)
	switch f.Type {
	case "joined":
		if f.Gen != p.gen {
			return
		}
		var rooms map[string]string
		require.NoError(p.t, json.Unmarshal(f.Rooms, &rooms))
		p.ticket, p.joined = f.Tickets[0].(string), true
		p.note(rooms["tea"])
	case "pos":
		var rooms map[string]string
		require.NoError(p.t, json.Unmarshal(f.Rooms, &rooms))
		if p.joined {
			p.note(rooms["tea"])
		}
	case "ping":
		if p.joined {
			p.clock = f.T
		}
	case "reset":
		if f.Gen == p.gen {
			p.resets++
			p.joined, p.settled = false, true
		}
	case "":
		if f.Room == "tea" && p.joined {
			p.append(f.HTML, f.Pos)
		}
	}
}

// note records a position. On one delivery path they only grow.
func (p *modelPage) note(position string) {
	n, ok := p.site.hub.history.parse(position)
	require.True(p.t, ok, position)
	p.position, p.last = position, n
}

func (p *modelPage) append(html, position string) {
	n, ok := p.site.hub.history.parse(position)
	require.True(p.t, ok, position)
	require.Greater(p.t, n, p.last, "twice, or out of order, on one delivery path")
	p.note(position)
	text := strings.TrimRight(html, ".")
	if i := slices.Index(p.shown[:p.rendered], text); i >= 0 {
		return // its page was rendered with it: an element of that id is there
	}
	p.shown = append(p.shown, text)
}

// sync brings the page up to date, as a browser does in the end.
func (p *modelPage) sync() {
	for range 3 {
		if p.conn == nil || p.conn.ctx.Err() != nil {
			p.cut(all)
			p.connect()
		}
		p.lane.set(func() { p.lane.stalled = false })
		synctest.Wait()
		p.apply(all)
		if p.settled { // a reset: it fetches itself again
			p.settled = false
			p.render(func() {})
			p.join()
			synctest.Wait()
			p.apply(all)
		}
		if p.joined && !p.settled && p.conn.ctx.Err() == nil {
			return
		}
	}
	p.t.Fatal("the page does not come to rest")
}

func all(n int) int { return n }

func TestNoLostUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		met := make(map[string]uint64)
		for seed := range uint64(schedules) {
			randomSchedule(t, seed, met)
			if t.Failed() {
				t.Fatalf("the schedule of seed %d", seed)
			}
		}
		t.Logf("%d schedules met %v", schedules, met)
		for _, what := range []string{"cuts", "resets", "behind", "replayed", "restarts"} {
			require.Greater(t, met[what], uint64(schedules/50), "too few schedules met: %s", what)
		}
	})
}

// randomSchedule lets one page live through whatever may happen, and asks in the end whether it shows what was said.
func randomSchedule(t *testing.T, seed uint64, met map[string]uint64) {
	random := rand.New(rand.NewPCG(seed, 4))
	some := func(n int) int { return random.IntN(n + 1) }
	site := &historySite{t: t, options: Options{
		Logger: slog.New(slog.DiscardHandler), Secrets: [][]byte{[]byte("the secret of a test, 32 bytes..")},
		QueueBytes: 4 << 10, PingInterval: 20 * time.Second, WriteTimeout: time.Hour, PongTimeout: -1,
	}, room: RoomOptions{History: 1 + random.IntN(20), TTL: time.Minute}}
	site.start()
	page := &modelPage{t: t, site: site}
	talk := func() {
		for range some(8) {
			site.say()
		}
	}
	page.render(talk)
	for range 6 + random.IntN(10) {
		switch random.IntN(10) {
		case 0, 1, 2:
			talk()
		case 3:
			if page.conn == nil {
				page.connect()
			}
		case 4:
			page.cut(some)
			met["cuts"]++
		case 5:
			if page.conn != nil {
				page.lane.set(func() { page.lane.stalled = !page.lane.stalled })
			}
		case 6:
			synctest.Wait()
			if page.conn != nil {
				page.apply(all)
			}
		case 7:
			time.Sleep(time.Duration(random.IntN(90)) * time.Second)
		case 8:
			if random.IntN(4) == 0 { // the program restarts
				page.cut(some)
				require.NoError(t, site.hub.Shutdown(t.Context()))
				site.start()
				met["restarts"]++
			}
		case 9: // while it is being written to
			go talkLater(site, some(3))
			if page.conn == nil {
				page.connect()
			}
			synctest.Wait()
		}
	}
	page.sync()
	met["resets"] += uint64(page.resets)
	met["behind"] += site.hub.Stats().Dropped[dropBehind]
	met["replayed"] += uint64(len(page.shown) - page.rendered)
	require.Equal(t, site.said, page.shown, "seed %d", seed)
	page.cut(all)
	require.NoError(t, site.hub.Shutdown(t.Context()))
}

func talkLater(site *historySite, n int) {
	for range n {
		site.say()
	}
}
