package wsx

// A transport carries frames to one browser and messages from it. One goroutine reads, another one writes and closes.
type transport interface {
	// read hands c what the browser sends, one message after the other. It returns why there are no more.
	read(c *Connection) closeReason
	// try writes as much of whole frames as it can without waiting. The rest must be given to write, by the same goroutine or one
	// that it starts, before anything else is written.
	try(frames []byte) (n int, err error)
	// write sends whole frames, or the rest of those that try was given. The error wraps os.ErrDeadlineExceeded if the browser took
	// less than writeChunk in a WriteTimeout.
	write(frames []byte) error
	// close sends the goodbye after everything written. The browser has a bounded time to answer it, which ends read. Calling it twice
	// has no further effect.
	close(code int, reason string)
	// linger waits, for a bounded time, until the browser has read the goodbye. It is called after close, and after read has
	// returned.
	linger()
	// abort cuts the connection without waiting. It leaves nothing in the kernel and ends a write in progress. It may be called at any
	// time, and more than once.
	abort()
	// free releases what the transport still holds. It is called once, after abort, when nothing else uses the transport.
	free()
}
