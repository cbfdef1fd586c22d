// Package login is the login of the examples: a name, no password. A signed cookie holds the identity, so a browser can't forge
// one. But any visitor can log in as "Ann", so use your own login in a real program. The hub only needs
// Options.Authenticate.
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

// MaxName is the maximum length of a name in characters.
const MaxName = 24

const loginLifetime = 12 * time.Hour

// ErrNoSession is returned for requests without a valid cookie.
var ErrNoSession = errors.New("not logged in")

// Sessions issues and checks login cookies of the form "identity.signature". It keeps no state on the server.
type Sessions struct {
	cookie string
	key    []byte
}

// New returns sessions that use a cookie of the given name. The key is random, so a restart logs all users out.
func New(cookie string) *Sessions {
	return &Sessions{cookie: cookie, key: []byte(rand.Text())}
}

// Login sets a cookie with the identity and its expiry.
func (s *Sessions) Login(w http.ResponseWriter, r *http.Request, id wsx.Identity) error {
	id.Expires = time.Now().Add(loginLifetime)
	raw, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("login: %w", err)
	}
	signed := encode(raw)
	s.setCookie(w, r, signed+"."+encode(s.sign(signed)), loginLifetime)
	return nil
}

// Logout deletes the cookie.
func (s *Sessions) Logout(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, "", -time.Second)
}

// Authenticate returns the identity in the cookie of r. Use it as Options.Authenticate. It checks the signature before decoding
// anything else.
func (s *Sessions) Authenticate(r *http.Request) (wsx.Identity, error) {
	cookie, err := r.Cookie(s.cookie)
	if err != nil {
		return wsx.Identity{}, ErrNoSession
	}
	signed, signature, _ := strings.Cut(cookie.Value, ".")
	if mac, err := decode(signature); err != nil || !hmac.Equal(mac, s.sign(signed)) {
		return wsx.Identity{}, ErrNoSession
	}
	raw, err := decode(signed)
	var id wsx.Identity
	if err != nil || json.Unmarshal(raw, &id) != nil || time.Now().After(id.Expires) {
		return wsx.Identity{}, ErrNoSession
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

// CleanName normalizes a name. The text of an error is meant for the user.
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
