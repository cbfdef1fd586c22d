package wsx

import (
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
)

// formHandler is the form field that names the handler.
const formHandler = "handler"

// serveForm handles a form that was sent without JavaScript. It redirects to a page that shows the
// result (303, so that a reload doesn't send the form again), or responds with an error page.
func (h *Hub) serveForm(w http.ResponseWriter, r *http.Request, who Identity) {
	r = r.WithContext(r.Context()) // a copy, so that the caller's URL stays
	r.URL = new(url.URL)           // without a query, because ParseForm would fail on a malformed one
	parse := r.ParseForm
	if mediaType(r) == "multipart/form-data" {
		// The body is bounded by MaxMessage too, so no file is written to disk.
		parse = func() error { return r.ParseMultipartForm(h.opts.MaxMessage) }
	}
	err := parse()
	if err != nil {
		h.refuse(w, r, bodyStatus(err))
		return
	}
	name, ok := r.PostForm[formHandler]
	if !ok || len(name[0]) > protocol.MaxHandlerName {
		h.refuse(w, r, http.StatusBadRequest)
		return
	}
	req := Request{Handler: name[0], Trigger: "submit", Swap: Inner, Data: formData(r)}
	h.serveDetached(w, r, who, &req, func(result handlerResult) {
		to, err := "", result.err
		if err == nil {
			to, err = redirectIn(result.resp)
		}
		if err != nil {
			h.showError(w, r, &req, err)
			return
		}
		w.Header().Set("Location", h.locationAfter(r, to))
		_ = h.writeResponse(w, http.StatusSeeOther, nil) // it fails only if the browser has gone
	})
}

// formData returns the fields of a form as the data of a request, encoded like our client does it:
// a name with several values becomes an array, and a file becomes its name.
func formData(r *http.Request) json.RawMessage {
	fields := make(url.Values)
	add := func(name string, values ...string) {
		name = string([]rune(name)) // repaired as in encoding, because invalid names may become equal
		fields[name] = append(fields[name], values...)
	}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		add(name, r.PostForm[name]...)
	}
	delete(fields, formHandler)
	if r.MultipartForm != nil {
		for name, files := range r.MultipartForm.File {
			for _, file := range files {
				add(name, file.Filename)
			}
		}
	}
	data := []byte{'{'}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(data) > 1 {
			data = append(data, ',')
		}
		data = append(protocol.AppendString(data, name), ':')
		if values := fields[name]; len(values) == 1 {
			data = protocol.AppendString(data, values[0])
		} else {
			data = protocol.AppendStrings(data, values)
		}
	}
	return append(data, '}')
}

// errorPage is what a browser without JavaScript shows for an error. The program can't style it, so
// it stays plain.
var errorPage = template.Must(template.New("").Parse(`<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Text}}</title>
<p>{{.Text}}</p>
<p><a href="{{.Back}}">Back</a></p>
`))

// formStatus maps the codes of error frames to HTTP statuses. All other codes are 500.
var formStatus = map[protocol.ErrorCode]int{
	protocol.CodeUser: http.StatusUnprocessableEntity, protocol.CodeInvalid: http.StatusUnprocessableEntity,
	protocol.CodeUnknown: http.StatusNotFound, protocol.CodeDenied: http.StatusForbidden,
}

// showError responds with the error page. Only the text of a UserError is shown.
func (h *Hub) showError(w http.ResponseWriter, r *http.Request, req *Request, err error) {
	code, text := h.errorCode(req.Conn, req.Handler, err)
	if text = textcut.Truncate(text, maxUserText); code != protocol.CodeUser {
		text = genericError
	}
	status, ok := formStatus[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	page, err := Execute(errorPage, "", struct{ Text, Back string }{text, h.backTo(r)})
	if err != nil {
		h.refuse(w, r, http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	_ = h.writeResponse(w, status, []byte(page)) // it fails only if the browser has gone
}

// locationAfter returns where the response to a form leads: to the handler's reference, or back if
// that is "". References are relative to the page of the form, so they are resolved here: a browser
// would resolve them against the hub's address.
func (h *Hub) locationAfter(r *http.Request, to string) string {
	back := h.backTo(r)
	if to == "" {
		return back
	}
	page, err := url.Parse(back)
	if err != nil || page.Host == "" {
		return to
	}
	resolved, err := page.Parse(to)
	if err != nil {
		return to
	}
	return resolved.String()
}

// backTo returns the page that a form was sent from if it has the same origin, and "/" otherwise.
// The Referer isn't trusted with more, or the error page would link to foreign sites.
func (h *Hub) backTo(r *http.Request) string {
	page, err := url.Parse(r.Referer())
	if err != nil || page.Host == "" || page.User != nil {
		return "/"
	}
	if h.origins.CheckSame(r, page.Scheme+"://"+page.Host) != nil {
		return "/"
	}
	return page.String()
}
