// Package nodewire seals and reads what the nodes of a cluster send to each other through a broker.
package nodewire

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// A Kind says what an entry does at the nodes that read it.
type Kind uint8

const (
	Messages   Kind = iota + 1 // fragments for the connections that match filters
	Send                       // fragments for one connection
	Disconnect                 // ends the connections that match filters
	Reset                      // rooms whose browsers have to refetch
	Beat                       // nothing; it shows that the log goes on
	Alive                      // the node that sends it lives
	Leaving                    // the node that sends it ends
	kinds
)

// An Entry is what one node sends to the others.
type Entry struct {
	Kind Kind
	Node string // that sent it
	Mark Mark   // by which that node knows it again
	Body []byte
}

// A Mark tells the entries of one node apart.
type Mark [8]byte

// NewMark returns a random mark.
func NewMark() (m Mark) {
	rand.Read(m[:]) // never fails, as of Go 1.24
	return m
}

var (
	// ErrUnknown says that an entry is of a version, kind or key that this program doesn't know. It
	// may be of a newer program, so what it says is missing here.
	ErrUnknown = errors.New("entry of an unknown version, kind or key")
	// ErrForged says that an entry isn't what a node with our keys has sealed.
	ErrForged = errors.New("entry with a wrong signature")
)

const (
	version   = 1
	keyIDSize = 4
	macSize   = 16
	headSize  = 1 + keyIDSize + macSize
)

// keyID tells keys apart without revealing anything about them.
func keyID(secret []byte) []byte {
	sum := sha256.Sum256(append([]byte("wsx entry key id\x00"), secret...))
	return sum[:keyIDSize]
}

// sign returns the MAC of an entry without it, an HMAC-SHA-256 (RFC 2104) that is cut off. The prefix
// keeps other uses of the same key from producing entries.
func sign(secret, head, rest []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("wsx entry\x00"))
	mac.Write(head)
	mac.Write(rest)
	return mac.Sum(nil)[:macSize]
}

// Seal returns e as bytes, signed with secret.
func (e Entry) Seal(secret []byte) []byte {
	b := append([]byte{version}, keyID(secret)...)
	b = append(b, make([]byte, macSize)...)
	b = append(b, byte(e.Kind))
	b = AppendText(b, e.Node)
	b = append(b, e.Mark[:]...)
	b = append(b, e.Body...)
	copy(b[1+keyIDSize:], sign(secret, b[:1+keyIDSize], b[headSize:]))
	return b
}

// Open reads what Seal made with one of secrets. It returns ErrUnknown or ErrForged. The body shares
// the memory of b.
func Open(b []byte, secrets [][]byte) (Entry, error) {
	if len(b) < headSize || b[0] != version {
		return Entry{}, ErrUnknown
	}
	for _, secret := range secrets {
		if !hmac.Equal(b[1:1+keyIDSize], keyID(secret)) {
			continue
		}
		if !hmac.Equal(b[1+keyIDSize:headSize], sign(secret, b[:1+keyIDSize], b[headSize:])) {
			return Entry{}, ErrForged
		}
		return read(b[headSize:])
	}
	return Entry{}, ErrUnknown
}

// read parses what one of our keys has signed.
func read(b []byte) (e Entry, err error) {
	r := Reader{rest: b}
	e.Kind = Kind(r.Byte())
	e.Node = r.Text()
	r.bytes(e.Mark[:])
	if e.Body = r.rest; r.Failed || e.Kind == 0 || e.Kind >= kinds {
		return Entry{}, ErrUnknown
	}
	return e, nil
}

// AppendText appends a text after its length.
func AppendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// AppendTexts appends a list of texts after their number.
func AppendTexts(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = AppendText(b, s)
	}
	return b
}

// A Reader reads what AppendText and the like have written. It has Failed once something else was
// found; then it returns zero values.
type Reader struct {
	rest   []byte
	Failed bool
}

// NewReader returns a reader of b.
func NewReader(b []byte) *Reader { return &Reader{rest: b} }

// Done reports whether everything was read, and could be.
func (r *Reader) Done() bool { return !r.Failed && len(r.rest) == 0 }

func (r *Reader) fail() { r.Failed, r.rest = true, nil }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	first := r.rest[0]
	r.rest = r.rest[1:]
	return first
}

func (r *Reader) bytes(to []byte) {
	if len(r.rest) < len(to) {
		r.fail()
		return
	}
	copy(to, r.rest)
	r.rest = r.rest[len(to):]
}

// Number reads a uvarint.
func (r *Reader) Number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// Text reads a text.
func (r *Reader) Text() string {
	n := r.Number()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

// Count reads the number of what follows, of which each takes at least one byte.
func (r *Reader) Count() int {
	n := r.Number()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

// Texts reads a list of texts; nil if it is empty.
func (r *Reader) Texts() (list []string) {
	for range r.Count() {
		list = append(list, r.Text())
	}
	return list
}
