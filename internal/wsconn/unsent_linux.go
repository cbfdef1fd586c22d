package wsconn

import "syscall"

const (
	tcpNotsentLowat = 25       // linux/tcp.h; syscall has no name for it
	maxUnsent       = 64 << 10 // less would make nearly every burst a partial write
)

// limitUnsent makes the kernel take no more while maxUnsent bytes wait to be sent. Otherwise a browser that stops reading would pin
// megabytes of memory that Go's statistics don't show.
func limitUnsent(raw syscall.RawConn) {
	// It only saves memory, so a kernel without this option does no harm.
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotsentLowat, maxUnsent)
	})
}
