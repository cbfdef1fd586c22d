package wsx

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wsxgo/wsx/internal/frame"
)

// redirectSwap begins the Swap of a fragment that leads the browser to the URL after it. No other fragment may have it: to all
// that sends, it is no known style.
const redirectSwap = "action redirect "

// Redirect returns a response that leads the browser to another page of the same origin: "/orders/7", "?page=2", "next". What is
// relative is relative to the page that asked. Whatever else it may be, with a scheme or a host, beginning with two slashes, with
// a backslash, a blank or a control character, is an error of the handler: the browser is told "internal", and OnError hears
// why. A browser without JavaScript is answered with 303. A plain client cannot be told, and stays where it is.
func (r *Request) Redirect(url string) *Response {
	return r.ReplyTo("html", "", Swap(redirectSwap+url))
}

// redirectAmong returns where a fragment of Redirect is; -1: there is none.
func redirectAmong(fragments []Fragment) int {
	return slices.IndexFunc(fragments, func(f Fragment) bool { return strings.HasPrefix(string(f.Swap), redirectSwap) })
}

// redirectIn returns where a response leads; "": nowhere.
func redirectIn(resp *Response) (string, error) {
	if resp == nil {
		return "", nil
	}
	i := redirectAmong(resp.Fragments)
	if i < 0 {
		return "", nil
	}
	return localURL(string(resp.Fragments[i].Swap[len(redirectSwap):]))
}

// localURL returns a reference that no browser takes for one to another origin.
func localURL(ref string) (string, error) {
	u, err := url.Parse(ref)
	switch {
	case err != nil:
		err = errors.New("it cannot be parsed") // in other words than the parser's, which repeat it
	case ref == "":
		err = errors.New("it is empty")
	case !utf8.ValidString(ref) || strings.ContainsFunc(ref, isUnusual):
		err = errors.New("it has a character that belongs into no URL")
	case u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" || strings.HasPrefix(ref, "//"):
		err = errors.New("it names a scheme or a host")
	}
	if err != nil {
		return "", fmt.Errorf("wsx: Redirect: not a reference within the same origin: %w", err)
	}
	return u.String(), nil
}

// isUnusual reports characters that browsers drop from a URL, or take for others.
func isUnusual(r rune) bool {
	return r == '\\' || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// redirectMessage makes the reply whose fragment i leads the browser elsewhere, after it has shown the others.
func (h *Hub) redirectMessage(id string, fragments []Fragment, i int) (*message, error) {
	to, err := localURL(string(fragments[i].Swap[len(redirectSwap):]))
	if err != nil {
		return nil, err
	}
	m := newControl(nil, nil)
	m.reply, m.verbs = true, 1
	b := append(appendString([]byte(`{"id":`), id), `,"target":"html","html":"","swap":"action","args":["redirect",`...)
	b = append(appendString(b, to), ']')
	if others := slices.Concat(fragments[:i], fragments[i+1:]); len(others) > 0 {
		shown, err := h.makeMessage(id, others)
		if err != nil {
			return nil, err
		}
		m.verbs += shown.verbs
		m.frames[plainText].bytes = shown.frame(plainText)
		b = append(appendFragments(append(b, `,"oob":[`...), shown.fragments, from{}), ']')
	}
	m.frames[fullText].bytes = frame.Text(append(b, '}'))
	return m, nil
}
