// Package login lets visitors of the examples in by a name that they choose. Who somebody is stands in a signed cookie, so
// nobody can make one up. But a name is no account: there is no password, so anybody may be "Ann". Put your own login in
// its place; the hub wants nothing of it but Options.Authenticate.
package login

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx"
)

// MaxName is how many characters a name may have.
const MaxName = 24

const stayFor = 12 * time.Hour

// ErrNobody is returned for requests without a good cookie.
var ErrNobody = errors.New("not logged in")

// Sessions keeps who is logged in where it costs no memory: in the visitors' cookies, "identity.signature".
type Sessions struct {
	cookie string
	key    []byte
}

// New returns sessions with a cookie of that name and a random key: a restart logs everybody out.
func New(cookie string) *Sessions {
	return &Sessions{cookie: cookie, key: []byte(rand.Text())}
}

// Login gives the visitor a cookie that says who it is, and until when.
func (s *Sessions) Login(w http.ResponseWriter, r *http.Request, id wsx.Identity) error {
	id.Expires = time.Now().Add(stayFor)
	raw, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	signed := encode(raw)
	s.setCookie(w, r, signed+"."+encode(s.sign(signed)), stayFor)
	return nil
}

// Logout takes the cookie away.
func (s *Sessions) Logout(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, "", -time.Second)
}

// Authenticate returns who sent r; it is what Options.Authenticate wants. Nothing is believed before its signature is
// checked.
func (s *Sessions) Authenticate(r *http.Request) (wsx.Identity, error) {
	cookie, err := r.Cookie(s.cookie)
	if err != nil {
		return wsx.Identity{}, ErrNobody
	}
	signed, signature, _ := strings.Cut(cookie.Value, ".")
	if mac, err := decode(signature); err != nil || !hmac.Equal(mac, s.sign(signed)) {
		return wsx.Identity{}, ErrNobody
	}
	raw, err := decode(signed)
	var id wsx.Identity
	if err != nil || json.Unmarshal(raw, &id) != nil || time.Now().After(id.Expires) {
		return wsx.Identity{}, ErrNobody
	}
	return id, nil
}

func (s *Sessions) setCookie(w http.ResponseWriter, r *http.Request, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie, Value: value, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
}

func (s *Sessions) sign(text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func encode(b []byte) string          { return base64.RawURLEncoding.EncodeToString(b) }
func decode(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }

// CleanName returns the name as everybody will see it. The error's text is for the person who typed it.
func CleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", errors.New("Please enter a name.")
	case utf8.RuneCountInString(name) > MaxName:
		return "", fmt.Errorf("Please choose a name of at most %d characters.", MaxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", errors.New("Please use letters, digits and punctuation only.")
	}
	return name, nil
}
