//go:build unix && !linux

package wsx

import "syscall"

// limitUnsent does nothing: what the kernel may hold is a matter of its settings here.
func limitUnsent(syscall.RawConn) {}
