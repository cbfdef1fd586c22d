//go:build linux

// Package server runs one contender and measures its cost.
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

// Server is the contender of one process. Only one goroutine uses it.
type Server struct {
	contender contender.Contender
	acks      chan struct{} // one value per Expect.Step messages that the client received
	sent      uint32        // number of the last message
}

// New returns a server without a contender. It reads the client's acknowledgments from acks.
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

// Start describes the contender to start.
type Start struct {
	Contender  string
	Sockets    int
	SendBuffer int // bytes per socket; 0 means the kernel's default
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
	// The listener is never closed, so Serve returns only if the contender is broken.
	go func() { panic(s.contender.Serve(ln)) }()
	return ln.Addr().String(), nil
}

// Await waits until the server has this number of connections.
func (s *Server) Await(connections int) (struct{}, error) {
	for range 1000 {
		if s.contender.Connections() == connections {
			return struct{}{}, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return struct{}{}, fmt.Errorf("there are %d connections instead of %d", s.contender.Connections(), connections)
}

// Run describes what to send: Burst messages at once, Rounds times. Each burst waits until the one before has arrived.
type Run struct {
	Rounds, Burst int
	Size          int  // bytes per message
	Room          int  // only to members of this room; 0 means to all connections
	Joined        bool // write each burst to a socket at once
}

// Cost is the cost of a Run.
type Cost struct {
	CPU     time.Duration   // of this process, user and system
	Wall    time.Duration   // until all messages had arrived
	Returns []time.Duration // duration of each call, per message
}

// ackTimeout allows for a very busy machine. Lost messages are detected at once.
const ackTimeout = 60 * time.Second

// Run sends messages and measures the cost.
func (s *Server) Run(with Run) (Cost, error) {
	messages := load.NewMaker(with.Size)
	send, err := s.sender(with)
	if err != nil {
		return Cost{}, err
	}
	runtime.GC() // so that earlier garbage doesn't count
	cost := Cost{}
	began, cpu := time.Now(), cpuTime()
	timeout := time.NewTimer(ackTimeout)
	defer timeout.Stop()
	for range with.Rounds {
		burst := make([]string, 0, 1)
		for range with.Burst {
			s.sent++
			burst = append(burst, messages.Make(s.sent, time.Now()))
			// Joined messages are collected and sent by one call at the end of the burst.
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
	time.Sleep(2 * time.Millisecond) // lets the writing goroutines finish
	cost.CPU = cpuTime() - cpu
	slices.Sort(cost.Returns)
	return cost, nil
}

// sender returns a function that sends a slice of messages. The slice has one message unless they are joined.
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

// cpuTime returns the CPU time of this process.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
