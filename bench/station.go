//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/wsxgo/wsx/bench/internal/child"
	"github.com/wsxgo/wsx/bench/internal/client"
	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/report"
	"github.com/wsxgo/wsx/bench/internal/server"
)

// The roles of child processes.
const (
	roleServer = "bench-server"
	roleClient = "bench-client"
)

// playRole runs the role of a child process, if this process is one.
func playRole(args []string) (played bool, err error) {
	if len(args) < 2 {
		return false, nil
	}
	switch args[1] {
	case roleServer:
		s := server.New(acks())
		return true, child.Serve(map[string]child.Handler{
			"start":  child.Does(s.Start),
			"await":  child.Does(s.Await),
			"memory": child.Does(s.Memory),
			"run":    child.Does(s.Run),
			"pace":   child.Does(s.Pace),
		})
	case roleClient:
		c, err := client.New(acks())
		if err != nil {
			return true, err
		}
		return true, child.Serve(map[string]child.Handler{
			"dial":   child.Does(func(d client.Dial) (struct{}, error) { return struct{}{}, c.Dial(d) }),
			"expect": child.Does(func(e client.Expect) (struct{}, error) { c.Expect(e); return struct{}{}, nil }),
			"count":  func(json.RawMessage) (any, error) { return count(c.Seen()), nil },
		})
	}
	return false, nil
}

// acks returns the pipe on which the client acknowledges messages to the server.
func acks() *os.File { return os.NewFile(3, "acks") }

// A counted is the client's report of what it has received.
type counted struct {
	client.Seen
	Delay report.Delay
}

// count reduces the delays to two percentiles, because a million of them would be slow to send to
// the parent.
func count(s client.Seen) counted {
	delays := slices.Sorted(slices.Values(s.Delays))
	s.Delays = nil
	c := counted{Seen: s}
	if n := len(delays); n > 0 {
		c.Delay = report.Delay{P50: delays[n/2], P99: delays[n*99/100]}
	}
	return c
}

// A station is one contender: a server process and a client process.
type station struct {
	entry   contender.Entry
	sockets int
	addr    string
	server  *child.Process
	client  *child.Process
	broken  bool // a message was lost, so further measurements are invalid
}

// newStation starts both processes, without connections.
func newStation(ctx context.Context, entry contender.Entry, sockets, sendBuffer int) (_ *station, err error) {
	s := &station{entry: entry, sockets: sockets}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	// Acknowledgments take a pipe of their own, one byte each. Parsing them as requests would cost
	// the server CPU, which would count.
	acked, acking, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer acked.Close()
	defer acking.Close()
	if s.server, err = child.Start(ctx, acked, roleServer); err != nil {
		return nil, err
	}
	if s.client, err = child.Start(ctx, acking, roleClient); err != nil {
		return nil, err
	}
	s.addr, err = child.Call[string](s.server, "start", server.Start{Contender: entry.Name, Sockets: sockets, SendBuffer: sendBuffer})
	return s, err
}

// connect adds connections and waits until the server has all of them.
func (s *station) connect(from, count int, stalled bool) error {
	_, err := child.Call[struct{}](s.client, "dial", client.Dial{
		Addr: s.addr, From: from, Count: count, Sockets: s.sockets, Contender: s.entry.Name, Stalled: stalled,
	})
	if err == nil {
		_, err = child.Call[struct{}](s.server, "await", from+count)
	}
	return err
}

func (s *station) memory() (server.Memory, error) {
	return child.Call[server.Memory](s.server, "memory", struct{}{})
}

func (s *station) expect(e client.Expect) error {
	e.Sockets = s.sockets
	_, err := child.Call[struct{}](s.client, "expect", e)
	return err
}

// seen returns the client's counts.
func (s *station) seen() (counted, error) {
	return child.Call[counted](s.client, "count", struct{}{})
}

// measure measures one cell and checks that all messages arrived.
func (s *station) measure(c cell, joined bool) (server.Cost, counted, error) {
	if err := s.expect(client.Expect{Room: c.Room, Step: c.Burst * c.receivers()}); err != nil {
		return server.Cost{}, counted{}, err
	}
	cost, err := child.Call[server.Cost](s.server, "run", server.Run{
		Rounds: c.rounds, Burst: c.Burst, Size: c.Size, Room: c.Room, Joined: joined,
	})
	// The client is asked even after an error of the server, because it may know the reason.
	seen, unseen := s.seen()
	if seen.Messages != c.deliveries() || seen.Wrong > 0 || seen.Closed > 0 {
		unseen = errors.Join(unseen, fmt.Errorf("%d of %d messages arrived, %d were wrong, %d connections ended, at last: %s",
			seen.Messages, c.deliveries(), seen.Wrong, seen.Closed, seen.Worst))
	}
	return cost, seen, errors.Join(err, unseen)
}

func (s *station) stop() {
	if s.client != nil {
		s.client.Stop()
	}
	if s.server != nil {
		s.server.Stop()
	}
}
