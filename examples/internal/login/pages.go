package login

import (
	"embed"
	"net/http"
	"slices"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/look"
)

//go:embed web
var web embed.FS

var pages = look.Parse(web)

// Pages are a page to log in on, and what its form and the button to log out lead to.
type Pages struct {
	Sessions *Sessions
	Hub      *wsx.Hub
	App      string // the example's name
	Note     string // what a visitor should know before
	Roles    []Role // to choose from; the choice becomes the tag "role". None: there is no choice

	// Admit may refuse a visitor, with words for that person. Nil: everybody may come in.
	Admit func(wsx.Identity) error
}

// Role is who one can be.
type Role struct{ ID, Name, About string }

// Register adds GET /login, POST /login and POST /logout to mux. Who has logged in is led to /.
func (p *Pages) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { p.show(w, r, http.StatusOK, nil) })
	mux.HandleFunc("POST /login", p.login)
	mux.HandleFunc("POST /logout", p.logout)
}

func (p *Pages) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	name, err := CleanName(r.PostFormValue("name"))
	id := wsx.Identity{User: name}
	if role := r.PostFormValue("role"); slices.ContainsFunc(p.Roles, func(one Role) bool { return one.ID == role }) {
		id.Tags = map[string]string{"role": role}
	} else if len(p.Roles) > 0 {
		id.Tags = map[string]string{"role": p.Roles[0].ID}
	}
	if err == nil && p.Admit != nil {
		err = p.Admit(id)
	}
	if err == nil {
		err = p.Sessions.Login(w, r, id)
	}
	if err != nil {
		p.show(w, r, http.StatusUnprocessableEntity, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// logout also closes the connections of other tabs, once this browser has been told to forget the cookie: they reload, see
// look's live.js, and end at the login page.
func (p *Pages) logout(w http.ResponseWriter, r *http.Request) {
	id, err := p.Sessions.Authenticate(r)
	p.Sessions.Logout(w, r)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	if err == nil {
		http.NewResponseController(w).Flush()
		p.Hub.Disconnect(nil, wsx.User(id.User))
	}
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, problem error) {
	look.Show(w, status, pages, "login", map[string]any{
		"Pages": p, "MaxName": MaxName, "Name": r.PostFormValue("name"), "Role": r.PostFormValue("role"), "Problem": problem,
	})
}
