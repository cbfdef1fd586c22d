package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program is this example in a process of its own, so that it can be killed.
type program struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

func build(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "outbox")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

func run(t *testing.T, path, db, pause string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(path, "-addr", "127.0.0.1:0", "-db", db, "-pause", pause)}
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	lines := bufio.NewScanner(stderr)
	for p.url == "" && lines.Scan() {
		_, p.url, _ = strings.Cut(lines.Text(), "is ready: ")
	}
	require.NotEmpty(t, p.url)
	t.Cleanup(p.kill)
	return p
}

// kill kills the program with SIGKILL. A second call does nothing.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

// orders places n orders like a page, and returns the ids of the confirmed ones.
func (p *program) orders(n int) (committed []string) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, p.url+"live", nil)
	if err != nil {
		return nil // it was killed before
	}
	defer conn.CloseNow()
	for i := range n {
		id := fmt.Sprint("ask-", i)
		request := fmt.Sprintf(`{"id":%q,"handler":"order","data":{"name":"Maya","drink":"Espresso"}}`, id)
		if conn.Write(ctx, websocket.MessageText, []byte(request)) != nil {
			return committed
		}
		for answer := (struct{ ID, HTML string }{}); answer.ID != id; {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return committed
			}
			require.NoError(p.t, json.Unmarshal(data, &answer), "%s", data)
			if order := 0; answer.ID == id {
				_, err := fmt.Sscanf(answer.HTML, "Order %d is committed.", &order)
				require.NoError(p.t, err, answer.HTML)
				committed = append(committed, fmt.Sprint(order))
			}
		}
	}
	return committed
}

func (p *program) page() string {
	p.t.Helper()
	resp, err := http.Get(p.url)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return string(page)
}

// shows checks that the page contains each of the orders once.
func (p *program) shows(ids []string) {
	p.t.Helper()
	page := p.page()
	for _, id := range ids {
		assert.Equal(p.t, 1, strings.Count(page, fmt.Sprintf(`<li id="order-%s">`, id)), "order %s", id)
	}
}

func TestKilledBetweenCommitAndPublish(t *testing.T) {
	path, db := build(t), newPath(t)
	p := run(t, path, db, "1h")
	committed := p.orders(3)
	require.Equal(t, []string{"1", "2", "3"}, committed)
	p.kill()

	store, err := openStore(db)
	require.NoError(t, err)
	defer store.Close()
	e, ok, err := store.next(t.Context())
	require.NoError(t, err)
	assert.True(t, ok, "nothing was published")
	assert.EqualValues(t, 1, e.Order)

	p = run(t, path, db, "0")
	emptied(t, store)
	p.shows(committed)
}

func TestKilledAtAnyMoment(t *testing.T) {
	path, db := build(t), newPath(t)
	store, err := openStore(db)
	require.NoError(t, err)
	defer store.Close()
	var committed []string
	left := 0
	for range 20 {
		p := run(t, path, db, "0")
		timer := time.AfterFunc(rand.N(80*time.Millisecond), func() { p.cmd.Process.Kill() })
		committed = append(committed, p.orders(4)...)
		timer.Stop()
		p.kill()
		if _, ok, err := store.next(t.Context()); assert.NoError(t, err) && ok {
			left++
		}
	}
	t.Logf("%d orders committed; the outbox was not empty after %d of 20 kills", len(committed), left)
	assert.NotEmpty(t, committed)

	p := run(t, path, db, "0")
	emptied(t, store)
	p.shows(committed)
	open, err := store.open(t.Context())
	require.NoError(t, err)
	assert.Equal(t, len(open), strings.Count(p.page(), `<li id="order-`), "no order is shown twice")
}
