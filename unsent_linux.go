package wsx

import "syscall"

const (
	tcpNotsentLowat = 25       // linux/tcp.h; syscall has no name for it
	maxUnsent       = 64 << 10 // less would make nearly every burst a partial write
)

// limitUnsent makes the kernel take no more while so much of what it has was not sent: a browser that stops reading would
// otherwise pin megabytes of memory that no figure of Go's shows.
func limitUnsent(raw syscall.RawConn) {
	// It is a matter of memory alone, so a kernel that does not know it does no harm.
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotsentLowat, maxUnsent)
	})
}
