package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	cookieName = "chat"
	loginLife  = 12 * time.Hour
	maxName    = 24
)

var errNotLoggedIn = errors.New("not logged in")

// sessions issues and checks signed login cookies of the form "name.expiry.signature". It keeps no state on the server. There
// is no password, so any visitor can take any name.
type sessions struct {
	key    []byte
	secure bool
}

func (s *sessions) login(w http.ResponseWriter, r *http.Request, name string) {
	signed := encode([]byte(name)) + "." + strconv.FormatInt(time.Now().Add(loginLife).Unix(), 10)
	s.setCookie(w, r, signed+"."+encode(s.sign(signed)), loginLife)
}

func (s *sessions) logout(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, "", -time.Second)
}

// setCookie keeps the cookie away from scripts, and other sites cannot send it with a POST.
func (s *sessions) setCookie(w http.ResponseWriter, r *http.Request, value string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure || r.TLS != nil,
	})
}

// user returns the name in the cookie of r and when it expires. It checks the signature before decoding anything else.
func (s *sessions) user(r *http.Request) (name string, expires time.Time, err error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return "", expires, errNotLoggedIn
	}
	dot := strings.LastIndexByte(cookie.Value, '.')
	if dot < 0 {
		return "", expires, errNotLoggedIn
	}
	signed := cookie.Value[:dot]
	if signature, err := decode(cookie.Value[dot+1:]); err != nil || !hmac.Equal(signature, s.sign(signed)) {
		return "", expires, errNotLoggedIn
	}
	encoded, seconds, _ := strings.Cut(signed, ".")
	raw, errName := decode(encoded)
	unix, errTime := strconv.ParseInt(seconds, 10, 64)
	expires = time.Unix(unix, 0)
	if errName != nil || errTime != nil || time.Now().After(expires) {
		return "", expires, errNotLoggedIn
	}
	return string(raw), expires, nil
}

// sign needs no separate key per use: the signed text is always name and expiry.
func (s *sessions) sign(text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func encode(b []byte) string          { return base64.RawURLEncoding.EncodeToString(b) }
func decode(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }

// cleanName normalizes a name. The text of an error is meant for the user.
func cleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", errors.New("Please enter a name.")
	case utf8.RuneCountInString(name) > maxName:
		return "", fmt.Errorf("Please choose a name of at most %d characters.", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", errors.New("Please use letters, digits and punctuation only.")
	}
	return name, nil
}
