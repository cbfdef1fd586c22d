package wsx

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Redirect returns a response that leads the browser to another page of the same origin: "/orders/7", "?page=2", "next". What is
// relative is relative to the page that asked. Whatever else it may be, with a scheme or a host, beginning with two slashes, with
// a backslash, a blank or a control character, is an error of the handler: the browser is told "internal", and OnError hears
// why. A browser without JavaScript is answered with 303. A plain client cannot be told, and stays where it is.
func (r *Request) Redirect(url string) *Response {
	f := Navigate(url)
	return r.ReplyTo(f.Target, f.HTML, f.Swap)
}

// redirectIn returns where a response leads; "": nowhere.
func redirectIn(resp *Response) (string, error) {
	if resp == nil {
		return "", nil
	}
	for _, f := range resp.Fragments {
		if args, ok := f.Swap.action(); ok && len(args) == 2 && args[0] == verbRedirect {
			return localURL(args[1])
		}
	}
	return "", nil
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
		return "", fmt.Errorf("%w: Redirect: not a reference within the same origin: %w", ErrSwap, err)
	}
	return u.String(), nil
}

// isUnusual reports characters that browsers drop from a URL, or take for others.
func isUnusual(r rune) bool {
	return r == '\\' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r)
}
