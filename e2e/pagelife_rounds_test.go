package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wsxgo/wsx"
)

// roundLibraries are those whose pages the rounds change, each with the scripts that it needs.
var roundLibraries = map[string][]string{
	"plain":     nil,
	"turbo":     {"/turbo.js"},
	"htmx2":     {"/htmx2.js"},
	"htmx4":     {"/htmx4.js"},
	"idiomorph": {"/idiomorph.js"},
	"alpine":    {"/alpine.js"},
}

// A round is what rounds.js tells of one page.
type round struct {
	Name   string
	Seed   int
	Log    []string
	Rows   []string
	Shown  any // "right", or the texts of both lists
	Resets int
	Failed string
	Told   []string // what travelled last, and the regions, of a round that fails
}

// TestRandomLivesOfPages changes pages at random with the stock files of other libraries, while messages come and connections are cut.
// In the end each list equals the server's. WSX_ROUNDS is the number of rounds for each library, WSX_SEED the first seed, and
// WSX_LIBRARY the only library.
func TestRandomLivesOfPages(t *testing.T) {
	t.Parallel()
	count := 12 // 50 make 300 in each engine
	if given, err := strconv.Atoi(os.Getenv("WSX_ROUNDS")); err == nil {
		count = given
	}
	for _, engine := range engines[:2] { // WebKit's test browser keeps no history in a frame
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			seed := rand.IntN(1_000_000)
			if given, err := strconv.Atoi(os.Getenv("WSX_SEED")); err == nil {
				seed = given
			}
			s := newRoundSite(t)
			shown := engine.show(t, fmt.Sprintf("%s/rounds/?from=%d&count=%d&library=%s", s.URL, seed, count, os.Getenv("WSX_LIBRARY")))
			select {
			case rounds := <-s.reports:
				s.check(rounds)
			case <-shown.Done():
				t.Fatal(context.Cause(shown))
			case <-time.After(time.Duration(count)*10*time.Second + 30*time.Second):
				t.Fatal("no report of the rounds")
			}
		})
	}
}

// A roundSite has a room for each round, and its rows.
type roundSite struct {
	*httptest.Server
	t       *testing.T
	hub     *wsx.Hub
	reports chan []round

	mu    sync.Mutex // guards what follows
	rooms map[string]*roundRoom
}

type roundRoom struct {
	rows  []string
	quiet chan struct{} // closed to stop the messages
	done  sync.WaitGroup
}

func newRoundSite(t *testing.T) *roundSite {
	s := &roundSite{
		t: t, reports: make(chan []round, 1), rooms: make(map[string]*roundRoom),
		hub: wsx.New(&wsx.Options{Logger: slog.New(slog.DiscardHandler), Inbound: wsx.Limit{PerSecond: 10_000, Burst: 10_000}}),
	}
	t.Cleanup(func() { s.hub.Shutdown(context.Background()) })
	s.hub.ConfigureRooms("*", wsx.RoomOptions{History: 1000})
	mux := http.NewServeMux()
	mux.Handle("/wsx.js", wsx.Script())
	mux.Handle("/live", s.hub)
	serveLibraries(t, mux)
	mux.Handle("/rounds/files/", http.StripPrefix("/rounds/files/", http.FileServer(http.Dir("rounds"))))
	mux.HandleFunc("/rounds/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><title>Rounds</title><body><script type="module" src="/rounds/files/rounds.js"></script>`)
	})
	mux.HandleFunc("/rounds/libraries", func(w http.ResponseWriter, _ *http.Request) {
		var names []string
		for name := range roundLibraries {
			names = append(names, name)
		}
		json.NewEncoder(w).Encode(names)
	})
	mux.HandleFunc("/rounds/page", s.page)
	mux.HandleFunc("/rounds/part", s.part)
	mux.HandleFunc("/rounds/frame", s.frame)
	mux.HandleFunc("POST /rounds/busy", s.busy)
	mux.HandleFunc("POST /rounds/quiet", s.beQuiet)
	mux.HandleFunc("POST /rounds/report", func(_ http.ResponseWriter, r *http.Request) {
		var rounds []round
		if err := json.NewDecoder(r.Body).Decode(&rounds); err != nil {
			t.Errorf("the report: %v", err)
		}
		s.reports <- rounds
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *roundSite) room(r *http.Request) (string, *roundRoom) {
	name := r.FormValue("room")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms[name] == nil {
		s.rooms[name] = &roundRoom{quiet: make(chan struct{})}
	}
	return name, s.rooms[name]
}

// region renders the region of a room. No message comes between the ticket and the rows, because it would be shown twice in the list
// without ids.
func (s *roundSite) region(r *http.Request) template.HTML {
	name, room := s.room(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	ticket, err := s.hub.Ticket(r.Context(), "", name)
	if err != nil {
		s.t.Errorf("ticket: %v", err)
	}
	var list, plain strings.Builder
	for _, row := range room.rows {
		fmt.Fprintf(&list, `<li id="%s">%[1]s</li>`, row)
		fmt.Fprintf(&plain, `<li>%s</li>`, row)
	}
	return template.HTML(fmt.Sprintf(`<div id="region" wx-ticket="%s" wx-reset="/rounds/part?room=%s"><ul id="list">%s</ul><ul id="plain">%s</ul></div>`,
		ticket, name, list.String(), plain.String()))
}

func (s *roundSite) part(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, s.region(r))
}

// frame answers the reload of a frame of Turbo.
func (s *roundSite) frame(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, `<turbo-frame id="frame"><div id="holder">%s</div></turbo-frame>`, s.region(r))
}

func (s *roundSite) page(w http.ResponseWriter, r *http.Request) {
	library, room := r.FormValue("library"), r.FormValue("room")
	var scripts strings.Builder
	scripts.WriteString(`<script src="/rounds/files/page.js"></script>`)
	for _, script := range roundLibraries[library] {
		fmt.Fprintf(&scripts, `<script src="%s" defer></script>`, script)
	}
	region := string(s.region(r))
	switch library {
	case "alpine":
		region = `<div x-data="{ on: true }"><button id="toggle" @click="on = !on">Toggle</button><template x-if="on">` + region + `</template></div>`
	case "turbo":
		region = fmt.Sprintf(`<turbo-frame id="frame" src="/rounds/frame?room=%s" complete><div id="holder">%s</div></turbo-frame>`, room, region)
	}
	if library != "turbo" {
		region = `<div id="holder">` + region + `</div>`
	}
	boost := ""
	if strings.HasPrefix(library, "htmx") {
		boost = ` hx-boost:inherited="true" hx-boost="true"`
	}
	link := func(at string) string {
		return fmt.Sprintf("/rounds/page?library=%s&amp;room=%s&amp;at=%s", library, room, at)
	}
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintf(w, `<!doctype html><html><head><title>%s</title><meta name="turbo-refresh-method" content="morph">%s<script src="/wsx.js" defer></script></head>`+
		`<body%s wx-config='{"url":"/live","reconnectInterval":10}'><a id="to-a" href="%s" data-turbo-frame="_top">A</a> <a id="to-b" href="%s" data-turbo-frame="_top">B</a>%s</body></html>`,
		r.FormValue("at"), scripts.String(), boost, link("a"), link("b"), region)
}

// busy publishes a message every few milliseconds, until beQuiet is called.
func (s *roundSite) busy(_ http.ResponseWriter, r *http.Request) {
	name, room := s.room(r)
	room.done.Go(func() {
		for {
			select {
			case <-room.quiet:
				return
			case <-time.After(time.Duration(4+rand.IntN(21)) * time.Millisecond):
				s.publish(name, room)
			}
		}
	})
}

// publish adds a row and publishes it.
func (s *roundSite) publish(name string, room *roundRoom) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := "m" + strconv.Itoa(len(room.rows)+1)
	room.rows = append(room.rows, row)
	err := s.hub.Publish(context.Background(), wsx.Message{Fragments: []wsx.Fragment{
		{Target: "#list", HTML: wsx.HTMLf(`<li id="%s">%[1]s</li>`, row), Swap: wsx.Append},
		{Target: "#plain", HTML: wsx.HTMLf(`<li>%s</li>`, row), Swap: wsx.Append},
	}}, wsx.Room(name))
	if err != nil {
		s.t.Errorf("publish: %v", err)
	}
}

func (s *roundSite) beQuiet(w http.ResponseWriter, r *http.Request) {
	name, room := s.room(r)
	close(room.quiet)
	room.done.Wait()
	s.publish(name, room)
	s.mu.Lock()
	defer s.mu.Unlock()
	json.NewEncoder(w).Encode(room.rows)
}

func (s *roundSite) check(rounds []round) {
	resets := 0
	for _, r := range rounds {
		resets += r.Resets
		if r.Failed != "" || r.Shown != "right" {
			s.t.Errorf("round %s, after %v, %d resets: %s\nserver: %v\n  page: %v\n%s", r.Name, r.Log, r.Resets, r.Failed, r.Rows, r.Shown, strings.Join(r.Told, "\n"))
		}
	}
	s.t.Logf("%d rounds, %d resets", len(rounds), resets)
	if len(rounds) == 0 {
		s.t.Error("no round ran")
	}
}

// serveLibraries serves the stock files. They come with npm ci in client/, which ci/client.sh does.
func serveLibraries(t *testing.T, mux *http.ServeMux) {
	for path, file := range libraries {
		file = filepath.Join("..", "client", "node_modules", filepath.FromSlash(file))
		if _, err := os.Stat(file); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	}
}
