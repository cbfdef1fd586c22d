//go:build unix && !linux

package wsconn

import "syscall"

// limitUnsent does nothing: how much this kernel holds is a matter of its settings.
func limitUnsent(syscall.RawConn) {}
