package wsx

import (
	"fmt"
	"iter"
)

// GetConnections returns the connections of this node that match all filters or, without filters,
// all connections of this node. They are in no particular order.
//
// An invalid filter matches no connection. The filters are evaluated when the call is made; no lock
// is held while a [Where] runs.
func (h *Hub) GetConnections(of ...Filter) []*Connection {
	var all []*Connection
	if len(of) == 0 {
		all = make([]*Connection, 0, h.all.Size())
	}
	h.eachConnection(of, func(c *Connection) { all = append(all, c) })
	return all
}

// Connections is [Hub.GetConnections] as an iterator. It iterates over a snapshot that is taken
// when the loop begins, and can be used more than once. No lock is held while the body of the loop
// runs.
func (h *Hub) Connections(of ...Filter) iter.Seq[*Connection] {
	return func(yield func(*Connection) bool) {
		for _, c := range h.GetConnections(of...) {
			if !yield(c) {
				return
			}
		}
	}
}

// GetConnection returns the connection with this id on this node. The boolean reports whether it
// exists and has not ended.
func (h *Hub) GetConnection(id string) (*Connection, bool) {
	c, ok := h.connections.Load(id)
	if !ok {
		return nil, false
	}
	return c.(*Connection), true
}

// Count returns the number of connections of this node that match all filters or, without filters,
// the number of all its connections. An invalid filter matches no connection.
func (h *Hub) Count(of ...Filter) int {
	if len(of) == 0 {
		return int(h.all.Size())
	}
	n := 0
	h.eachConnection(of, func(*Connection) { n++ })
	return n
}

// eachConnection calls do for all connections that match the filters. do is called under the
// connection's lock, so it must not call anything that takes such a lock.
func (h *Hub) eachConnection(of []Filter, do func(*Connection)) {
	if checkFilters(of) != nil {
		return
	}
	h.plan(of).each(do)
}

// Disconnect closes every connection that matches all filters or, without filters, every
// connection, as [Connection.Close] does with cause. When it returns, they no longer count
// or receive.
//
// It returns ErrFilter or ErrRoom for invalid filters; then nothing was closed. Selecting no
// connections is not an error.
func (h *Hub) Disconnect(cause error, of ...Filter) error {
	if err := checkFilters(of); err != nil {
		return failed("disconnect", err)
	}
	if h.cluster != nil && !isLocal(of) && hasWhere(of) {
		return failed("disconnect", fmt.Errorf("%w: a Where can't reach the connections of other nodes; add Local(), or use filters that are data", ErrFilter))
	}
	h.disconnect(cause, of)
	if h.cluster == nil || isLocal(of) {
		return nil
	}
	return failed("disconnect", h.cluster.disconnect(cause, of))
}

// disconnect is Disconnect for the connections of this node.
func (h *Hub) disconnect(cause error, of []Filter) {
	reason := closeReasonFor(cause)
	h.plan(of).each(func(c *Connection) { c.endLocked(reason) })
}
