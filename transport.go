package wsx

// A transport carries frames to one browser and messages from it. One goroutine reads, and another
// one writes and closes.
type transport interface {
	// read passes c the messages of the browser one by one. It returns the reason why there are no
	// more.
	read(c *Connection) closeReason
	// try writes as much of whole frames as it can without waiting. The rest must be passed to
	// write before anything else is written, by the same goroutine or by one that it starts.
	try(frames []byte) (n int, err error)
	// write sends whole frames, or the rest of those that were passed to try. The error wraps
	// os.ErrDeadlineExceeded if the browser accepted less than writeChunk bytes in a WriteTimeout.
	write(frames []byte) error
	// close sends a close frame after everything written. The browser has a bounded time to answer
	// it, which ends read. A second call has no effect.
	close(code int, reason string)
	// linger waits, for a bounded time, until the browser has read the close frame. It is called
	// after close, and after read has returned.
	linger()
	// abort cuts the connection without waiting. It discards what the kernel still holds and ends a
	// write in progress. It may be called at any time, and more than once.
	abort()
	// free releases what the transport still holds. It is called once, after abort, when nothing
	// else uses the transport.
	free()
}
