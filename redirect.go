package wsx

import "github.com/wsxgo/wsx/internal/protocol"

// Redirect returns a response that leads the browser to another page of the same origin: "/orders/7", "?page=2", "next". A relative
// reference is relative to the page that asked. Without JavaScript the answer is a 303.
//
// A reference with a scheme or a host, with two slashes at the beginning, or with a backslash, a space or a control character is an
// error of the handler: the browser is told "internal", and OnError gets an error that wraps ErrSwap. A plain client can't be
// redirected and stays where it is.
func (r *Request) Redirect(url string) *Response {
	return r.ReplyTo("html", "", Swap(protocol.Action(protocol.VerbRedirect, url)))
}

// redirectIn returns where a response leads, or "".
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
