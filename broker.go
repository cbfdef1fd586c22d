package wsx

import (
	"context"
	"time"
)

// Broker carries a log and notes between the hubs of a cluster. It uses built-in types only, so
// that an implementation need not import this package. wsxtest.TestBroker checks one.
//
// All methods may be called concurrently.
type Broker interface {
	// Append adds an entry to the end of the log, and returns when it is safe there. It returns
	// false if an entry with this id has been added within the last two minutes; then this one
	// wasn't. "" is no id. After an error nobody knows whether the entry was added.
	//
	// An entry is never larger than what the optional method Limit() int returns, in bytes.
	Append(ctx context.Context, id string, entry []byte) (added bool, err error)

	// Follow connects and calls open once, with the epoch and the numbers of the first and the last
	// entry that the log holds; an empty log has first = last + 1. Then it calls entry for each entry
	// after the number that open has returned: each once, in order, one call at a time. It calls note
	// for each note to node or to all; notes of one sender stay in order, and note may run beside
	// entry. An entry whose Append has returned is delivered within 2 seconds.
	//
	// Entries are numbered from 1 without gaps. The epoch is up to 16 letters and digits that name one
	// history: a log that was emptied, replaced or set back has another one.
	//
	// Follow returns when ctx ends, and as soon as it can't keep these promises, at most 5 seconds
	// after the connection is lost. Afterwards it calls none of the functions. It is called again.
	Follow(ctx context.Context, node string,
		open func(epoch string, first, last uint64) (after uint64),
		entry func(n uint64, data []byte), note func(data []byte)) error

	// Tell sends a note to a node or, with "", to all nodes, at most once.
	Tell(ctx context.Context, node string, note []byte) error
}

// BrokerStats are the figures of a hub about its [Broker]. Counts begin with the hub.
type BrokerStats struct {
	// State is "loading" until the hub has read what the log held when it began, then "up", and
	// "away" while the broker can't be followed. It is "" without a broker, and until the hub is first
	// used. An instance is ready for browsers when it is not "loading".
	State string
	Since time.Time // when State began
	Epoch string    // of the log
	// Applied is the number of the newest entry that this hub has applied.
	Applied uint64
	// Lag is how long this hub's newest entry took from Append until it was applied here.
	Lag   time.Duration
	Nodes int // that are alive, with this one

	Appended   uint64 // entries added by this hub
	Failed     uint64 // entries and notes that the broker didn't take
	Told       uint64 // notes sent
	Heard      uint64 // notes received
	Followed   uint64 // how often Follow has opened the log
	Gaps       uint64 // how often an entry was missing, so that the log was read again
	Rebased    uint64 // how often the log was another one, or no longer had what this hub needed
	Unreadable uint64 // entries and notes with a wrong signature, or of a newer version
}

// The values of BrokerStats.State.
const (
	brokerLoading = "loading"
	brokerUp      = "up"
	brokerAway    = "away"
)
