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

// Pages serves the login page, the login form and the logout button.
type Pages struct {
	Sessions *Sessions
	Hub      *wsx.Hub
	App      string // the name of the example
	Note     string // shown below the form
	Roles    []Role // optional; the chosen role becomes the tag "role"

	// Admit may reject a login. The text of its error is shown to the user. Nil admits every user.
	Admit func(wsx.Identity) error
}

// Role is a choice on the login page.
type Role struct{ ID, Name, About string }

// Register adds GET /login, POST /login and POST /logout to mux. A successful login redirects to /.
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

// logout also closes the connections of the user's other tabs, after the cookie has been deleted. They reload (see live.js in
// package look) and show the login page.
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
