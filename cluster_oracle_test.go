package wsx_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

const clusterPatience = 20 * time.Second

var clusterSecret = [][]byte{[]byte("the secret of all nodes of the tests")}

// A clusterNode is a hub with an address.
type clusterNode struct {
	*wsx.Hub
	broker *wsxtest.FaultyBroker
	server *httptest.Server
	end    sync.Once
}

// newNode starts a node whose way to b has faults of its own.
func newNode(t *testing.T, b wsx.Broker) *clusterNode {
	t.Helper()
	n := &clusterNode{broker: wsxtest.Faulty(b)}
	n.Hub = wsx.New(&wsx.Options{Broker: n.broker, Secrets: clusterSecret, Logger: slog.New(slog.DiscardHandler), PingInterval: 200 * time.Millisecond})
	n.ConfigureRooms("room/*", wsx.RoomOptions{History: 500})
	n.server = httptest.NewServer(n.Hub)
	t.Cleanup(n.stop)
	return n
}

// stop ends the node as a deploy does, but closes its connections at once.
func (n *clusterNode) stop() {
	n.end.Do(func() {
		n.broker.Release()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		_ = n.Shutdown(ctx)
		n.server.CloseClientConnections()
		n.server.Close()
	})
}

// A table holds the rows of rooms, as a database does. A row is a number, from 1.
type table struct {
	mu   sync.Mutex
	rows map[string]int
}

func (x *table) newest(room string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.rows[room]
}

// publish adds a row and publishes it, with one id, until the broker has taken it.
func (x *table) publish(t *testing.T, room string, at func() *clusterNode) {
	t.Helper()
	x.mu.Lock()
	x.rows[room]++
	n := x.rows[room]
	x.mu.Unlock()
	m := wsx.Message{ID: fmt.Sprintf("%s %d", room, n), Fragments: []wsx.Fragment{{Target: "#list", HTML: template.HTML(strconv.Itoa(n)), Swap: wsx.Append}}}
	for deadline := time.Now().Add(clusterPatience); ; {
		err := at().Publish(context.Background(), m, wsx.Room(room))
		if err == nil {
			return
		}
		if !errors.Is(err, wsx.ErrUnavailable) && !errors.Is(err, wsx.ErrClosed) || time.Now().After(deadline) {
			t.Errorf("publish: %v", err)
			return
		}
	}
}

// A page follows one room as a browser does, and fails the test when it misses a row.
type page struct {
	t    *testing.T
	db   *table
	room string

	mu      sync.Mutex // guards what follows
	node    *clusterNode
	ticket  string
	isFresh bool   // the ticket is from a join
	pos     string // after which the page goes on
	clock   string
	have    int
	resets  int
	seen    []int // in the order of arrival
	ws      *websocket.Conn
	joined  bool
	changed chan struct{}
	done    sync.WaitGroup
}

func openPage(t *testing.T, db *table, room string, at *clusterNode) *page {
	p := &page{t: t, db: db, room: room, changed: make(chan struct{})}
	p.render(at)
	p.connect(at)
	t.Cleanup(func() {
		p.cut()
		p.done.Wait()
	})
	return p
}

// render fetches the page: the ticket first, then the data.
func (p *page) render(at *clusterNode) {
	ticket, err := at.Ticket(context.Background(), "", p.room)
	if err != nil {
		p.t.Errorf("ticket: %v", err)
		return
	}
	newest := p.db.newest(p.room)
	p.note(func() { p.ticket, p.isFresh, p.pos, p.have = ticket, false, "", newest })
}

func (p *page) note(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

// connect opens a connection and joins from where the page is.
func (p *page) connect(at *clusterNode) {
	ctx, cancel := context.WithTimeout(context.Background(), clusterPatience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, strings.Replace(at.server.URL, "http", "ws", 1), nil)
	if err != nil {
		return // a node that is going away; the caller connects again
	}
	ws.SetReadLimit(-1)
	p.note(func() { p.node, p.ws, p.joined = at, ws, false })
	p.write(ws, map[string]any{"type": "hello", "v": 1, "page": "p"})
	p.join(ws)
	p.done.Go(func() { p.read(ws) })
}

func (p *page) write(ws *websocket.Conn, frame any) {
	data, _ := json.Marshal(frame)
	_ = ws.Write(context.Background(), websocket.MessageText, data)
}

func (p *page) join(ws *websocket.Conn) {
	p.mu.Lock()
	frame := map[string]any{"type": "join", "gen": 1, "tickets": []string{p.ticket}, "pos": map[string]string{}}
	if p.pos != "" {
		frame["pos"] = map[string]string{p.room: p.pos}
		frame["t"] = p.clock
	}
	p.mu.Unlock()
	p.write(ws, frame)
}

func (p *page) cut() {
	p.mu.Lock()
	ws := p.ws
	p.mu.Unlock()
	if ws != nil {
		_ = ws.CloseNow()
	}
}

func (p *page) read(ws *websocket.Conn) {
	for {
		_, data, err := ws.Read(context.Background())
		if err != nil {
			return
		}
		var f struct {
			Type, HTML, Room, Pos, T string
			Rooms                    json.RawMessage
			Tickets                  []any
			Gen                      int
		}
		if err := json.Unmarshal(data, &f); err != nil {
			p.t.Errorf("a frame %s: %v", data, err)
			continue
		}
		switch f.Type {
		case "":
			p.update(f.HTML, f.Pos)
		case "joined":
			var at map[string]string
			_ = json.Unmarshal(f.Rooms, &at)
			p.note(func() { p.pos, p.joined = at[p.room], true; p.ticket, p.isFresh = f.Tickets[0].(string), true })
		case "pos":
			var at map[string]string
			_ = json.Unmarshal(f.Rooms, &at)
			p.note(func() { p.pos = at[p.room] })
		case "ping":
			p.note(func() { p.clock = f.T })
		case "reset":
			p.mu.Lock()
			node := p.node
			p.resets++
			p.mu.Unlock()
			p.render(node)
			p.join(ws)
		}
	}
}

func (p *page) update(html, pos string) {
	n, err := strconv.Atoi(html)
	if err != nil {
		return
	}
	p.note(func() {
		if !p.joined {
			return // as the client, which takes nothing before its joined
		}
		if n > p.have+1 {
			p.t.Errorf("a hole: row %d came after %d (seen %d)", n, p.have, p.seen)
		}
		p.have, p.pos = max(p.have, n), pos
		p.seen = append(p.seen, n)
	})
}

// until waits for a condition, which is called with mu held.
func (p *page) until(what string, is func() bool) {
	p.t.Helper()
	deadline := time.After(clusterPatience)
	for {
		p.mu.Lock()
		ok, changed := is(), p.changed
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			p.mu.Lock()
			defer p.mu.Unlock()
			require.FailNow(p.t, "never "+what, "have %d of %d, %d resets, joined %v, seen %d", p.have, p.db.newest(p.room), p.resets, p.joined, p.seen)
		}
	}
}

func (p *page) untilJoined() {
	p.t.Helper()
	p.until("joined", func() bool { return p.joined })
}

func (p *page) untilCurrent() {
	p.t.Helper()
	p.until("current", func() bool { return p.joined && p.have == p.db.newest(p.room) })
}

func (p *page) resetCount() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resets
}
