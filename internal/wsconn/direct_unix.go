//go:build unix

package wsconn

import (
	"errors"
	"net"
	"syscall"
)

// A directWriter writes to a socket without waiting for space in it, and waits for something to read without reading it. One
// goroutine at a time may write, and one other may wait.
type directWriter struct {
	// immutable after init
	raw  syscall.RawConn
	call func(fd uintptr) bool // d.once, made once so that a write allocates nothing

	// owned by the goroutine that writes
	p   []byte
	n   int
	err error
}

// await returns when there is something to read, or the socket has ended.
func (d *directWriter) await() {
	_ = d.raw.Read(readable) // the next read returns the error too
}

// readable reports whether a read would return at once. It has to look, because the poller tells of each arrival only once.
func readable(fd uintptr) bool {
	var one [1]byte
	_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK)
	return !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
}

func (d *directWriter) init(tcp *net.TCPConn) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return // the socket is closed, and the next write fails
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

// once calls write(2) once. It returns true even if the socket is full, because false would mean to wait.
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
