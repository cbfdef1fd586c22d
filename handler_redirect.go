package wsx

import (
	"github.com/wsxgo/wsx/internal/protocol"
)

// Redirect returns a response that takes the browser to another page of the same origin:
// "/orders/7", "?page=2", "next". A relative reference is resolved against the page that sent the
// request (RFC 3986, section 5). Without JavaScript the answer is a 303.
//
// A reference must not have a scheme or a host, begin with two slashes, or contain a backslash, a
// space or a control character. For an invalid one, the browser is sent the code "internal", and
// OnError gets an error that wraps ErrSwap.
//
// A plain client (see [Inner]) can't be redirected and stays where it is.
func (r *Request) Redirect(url string) *Response {
	return r.ReplyTo("html", "", Swap(protocol.Action(protocol.VerbRedirect, url)))
}

// redirectIn returns the reference of the redirect in a response, or "".
func redirectIn(resp *Response) (string, error) {
	if resp == nil {
		return "", nil
	}
	for _, f := range resp.Fragments {
		if to, err := protocol.RedirectIn(string(f.Swap)); to != "" || err != nil {
			return to, err
		}
	}
	return "", nil
}
