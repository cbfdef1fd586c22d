package wsx

// Key identifies a value of type T that a connection stores for the program. Make one with
// [NewKey], in a package variable.
type Key[T any] struct{ name string }

// NewKey returns a new key. The name is for debugging only: two keys with the same name are
// different keys.
func NewKey[T any](name string) *Key[T] { return &Key[T]{name} }

// Set stores v with c until c has ended and OnDisconnect has returned. After that, Set has no
// effect. Keys may be used concurrently.
func (k *Key[T]) Set(c *Connection, v T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.who.sessionClosed {
		return
	}
	if c.who.session == nil {
		c.who.session = make(map[any]any)
	}
	c.who.session[k] = v
}

// closeSessionData drops the values and accepts no more, so that a connection which the program
// keeps doesn't keep them.
func (c *Connection) closeSessionData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who.session, c.who.sessionClosed = nil, true
}

// Get returns the value that Set has stored. The boolean reports whether there is one.
func (k *Key[T]) Get(c *Connection) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.who.session[k].(T)
	return v, ok
}

// String returns the name of the key.
func (k *Key[T]) String() string { return k.name }
