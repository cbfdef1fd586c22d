//go:build linux

// Package server runs one contender and measures what it costs.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/load"
)

// Server is one process's contender. It is used by one goroutine.
type Server struct {
	contender contender.Contender
	acks      chan struct{} // one for each Expect.Step messages that the client got
	sent      uint32        // the number of the last message
}

// New returns a server without a contender. The client's acknowledgements come from acks.
func New(acks *os.File) *Server {
	s := &Server{acks: make(chan struct{}, 1024)}
	go func() {
		buf := make([]byte, 64)
		for {
			n, err := acks.Read(buf)
			for range n {
				s.acks <- struct{}{}
			}
			if err != nil {
				return
			}
		}
	}()
	return s
}

// Start says what to start.
type Start struct {
	Contender  string
	Sockets    int
	SendBuffer int // of each socket, in bytes; 0: what the kernel thinks best
}

// Start starts a contender and returns its address.
func (s *Server) Start(with Start) (addr string, err error) {
	entry, ok := contender.Find(with.Contender)
	if !ok {
		return "", fmt.Errorf("there is no contender %q", with.Contender)
	}
	var config net.ListenConfig
	if with.SendBuffer > 0 { // accepted sockets inherit it
		config.Control = func(_, _ string, raw syscall.RawConn) (err error) {
			return errors.Join(raw.Control(func(fd uintptr) {
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, with.SendBuffer)
			}), err)
		}
	}
	ln, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.contender = entry.New(with.Sockets)
	go func() { panic(s.contender.Serve(ln)) }()
	return ln.Addr().String(), nil
}

// Await waits until there are so many connections.
func (s *Server) Await(connections int) (struct{}, error) {
	for range 1000 {
		if s.contender.Connections() == connections {
			return struct{}{}, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return struct{}{}, fmt.Errorf("there are %d connections instead of %d", s.contender.Connections(), connections)
}

// Run says what to send: Rounds times, Burst messages at once, and the next ones when all of them have arrived.
type Run struct {
	Rounds, Burst int
	Size          int  // of a message, in bytes
	Room          int  // whose members alone get it; 0: everybody does
	Joined        bool // each burst is one write for each socket
}

// Cost is what a Run took.
type Cost struct {
	CPU     time.Duration   // of this process, user and system
	Wall    time.Duration   // until everything had arrived
	Returns []time.Duration // until each call for one message returned
}

// ackTimeout is for a machine that is very busy: what is lost is known at once.
const ackTimeout = 60 * time.Second

// Run sends and measures.
func (s *Server) Run(with Run) (Cost, error) {
	messages := load.NewMaker(with.Size)
	send, err := s.sender(with)
	if err != nil {
		return Cost{}, err
	}
	runtime.GC() // so that nobody pays for what was before
	cost := Cost{}
	began, cpu := time.Now(), cpuTime()
	timeout := time.NewTimer(ackTimeout)
	defer timeout.Stop()
	for range with.Rounds {
		burst := make([]string, 0, 1)
		for range with.Burst {
			s.sent++
			burst = append(burst, messages.Make(s.sent, time.Now()))
			if with.Joined && len(burst) < with.Burst {
				continue
			}
			called := time.Now()
			send(burst)
			cost.Returns = append(cost.Returns, time.Since(called))
			burst = burst[:0]
		}
		timeout.Reset(ackTimeout)
		select {
		case <-s.acks:
		case <-timeout.C:
			return Cost{}, errors.New("not everything arrived")
		}
	}
	cost.Wall = time.Since(began)
	time.Sleep(2 * time.Millisecond) // for those who wrote it to finish
	cost.CPU = cpuTime() - cpu
	slices.Sort(cost.Returns)
	return cost, nil
}

// sender returns what sends a slice of messages, of one unless they are joined.
func (s *Server) sender(with Run) (func([]string), error) {
	if with.Joined {
		joiner, ok := s.contender.(contender.Joiner)
		if !ok {
			return nil, errors.New("it cannot join messages")
		}
		return joiner.BroadcastJoined, nil
	}
	if with.Room > 0 {
		roomer, ok := s.contender.(contender.Roomer)
		if !ok {
			return nil, errors.New("it has no rooms")
		}
		return func(html []string) { roomer.BroadcastRoom(with.Room, html[0]) }, nil
	}
	return func(html []string) { s.contender.Broadcast(html[0]) }, nil
}

// cpuTime returns what this process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
