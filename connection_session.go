package wsx

// Key is the name of a value that a connection keeps for the program, with its type. Make it once, in a package variable.
type Key[T any] struct{ name string }

// NewKey returns a new key. The name is for people who debug; keys of one name are different keys.
func NewKey[T any](name string) *Key[T] { return &Key[T]{name} }

// Set keeps v with c until c has ended.
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

// forget drops what the program keeps with the connection, and takes no more.
func (c *Connection) closeSessionData() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.who.session, c.who.sessionClosed = nil, true
}

// Get returns what was set; false: nothing was.
func (k *Key[T]) Get(c *Connection) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.who.session[k].(T)
	return v, ok
}

// String returns the key's name.
func (k *Key[T]) String() string { return k.name }
