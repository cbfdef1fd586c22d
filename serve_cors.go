package wsx

import "net/http"

// allowOrigin lets a page of one of Options.Origins read the response (Fetch, section 3.3). The
// origin has been checked.
func (h *Hub) allowOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if !h.origins.Allows(origin) {
		return
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", headerPoll+", Retry-After")
	header.Add("Vary", "Origin")
}

// answerPreflight allows all methods and headers that the protocol needs.
func answerPreflight(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "content-type, wsx-conn, wsx-poll")
	w.WriteHeader(http.StatusNoContent)
}
