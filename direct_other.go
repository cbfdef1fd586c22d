//go:build !unix

package wsx

import "net"

// A directWriter would write to a socket without waiting for space in it. Here every connection is written to by a goroutine
// of its own while something is queued for it.
type directWriter struct{}

func (*directWriter) init(*net.TCPConn)         {}
func (*directWriter) ready() bool               { return false }
func (*directWriter) await()                    {}
func (*directWriter) write([]byte) (int, error) { return 0, nil }
