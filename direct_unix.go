//go:build unix

package wsx

import (
	"errors"
	"net"
	"syscall"
)

// A directWriter writes to a socket without waiting for space in it, and waits for something to read without reading it. One
// goroutine at a time may write, one other wait.
type directWriter struct {
	raw  syscall.RawConn
	call func(fd uintptr) bool // once, kept so that a write allocates nothing
	p    []byte
	n    int
	err  error
}

// await returns when there is something to read, or the socket has ended.
func (d *directWriter) await() {
	_ = d.raw.Read(readable) // whoever reads next finds out what is wrong
}

// readable reports that a read would not wait. It has to look, because the poller tells of each arrival only once.
func readable(fd uintptr) bool {
	var one [1]byte
	_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
	return !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
}

func (d *directWriter) init(tcp *net.TCPConn) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return // the connection has gone; whoever writes next finds out
	}
	d.raw, d.call = raw, d.once
	limitUnsent(raw)
}

func (d *directWriter) ready() bool { return d.raw != nil }

// write returns how much of p the socket took at once.
func (d *directWriter) write(p []byte) (int, error) {
	d.p = p
	err := d.raw.Write(d.call)
	d.p = nil
	if err == nil {
		err = d.err
	}
	return d.n, err
}

// once is one write(2). It never asks to be called again, which would be to wait.
func (d *directWriter) once(fd uintptr) bool {
	d.n, d.err = 0, nil
	for {
		n, err := syscall.Write(int(fd), d.p)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
		case err != nil:
			d.err = err
		default:
			d.n = n
		}
		return true
	}
}
