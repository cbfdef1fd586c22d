// Command crowd reconnects many browsers at once to a room with history, each with its own position, and measures the time
// until all have received what they missed. It checks that each browser gets every message exactly once and in order.
//
//	go run ./bench/crowd
//
// Server and browsers are two processes on this machine, so the time includes the cost of both.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/wsxgo/wsx"
)

func main() {
	log.SetFlags(0)
	browsers := flag.Int("n", 10_000, "how many browsers")
	missed := flag.Int("missed", 50, "messages that each has missed")
	server := flag.String("server", "", "the address of the server, in the process of the browsers")
	flag.Parse()
	var err error
	if *server == "" {
		err = serve(*browsers, *missed)
	} else {
		err = (&crowd{base: *server, missed: *missed, at: make([]string, *browsers)}).comeAndGo()
	}
	if err != nil {
		log.Fatal("crowd: ", err)
	}
}

// serve runs the server in this process and the browsers in another one.
func serve(browsers, missed int) error {
	hub := wsx.New(nil)
	hub.ConfigureRooms("room", wsx.RoomOptions{History: missed})
	mux := http.NewServeMux()
	mux.Handle("/ws", hub)
	mux.HandleFunc("/ticket", func(w http.ResponseWriter, r *http.Request) {
		ticket, err := hub.Ticket(r.Context(), "", "room")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, ticket)
	})
	mux.HandleFunc("/say", func(http.ResponseWriter, *http.Request) {
		for i := range missed {
			html := wsx.HTMLf(`<li id="m%d">%s</li>`, i, strings.Repeat("a message ", 20))
			if err := hub.Broadcast("#list", html, wsx.Append, wsx.Room("room")); err != nil {
				log.Print(err)
			}
		}
	})
	site := httptest.NewServer(mux)
	defer site.Close()
	child := exec.Command(os.Args[0], "-n", strconv.Itoa(browsers), "-missed", strconv.Itoa(missed), "-server", site.URL)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	err := child.Run()
	stats := hub.Stats()
	fmt.Printf("%d resets, %d frames sent\n", stats.Resets, stats.Frames)
	return errors.Join(err, hub.Shutdown(context.Background()))
}

// A crowd is the set of all browsers.
type crowd struct {
	base   string
	ticket string
	missed int
	at     []string // the position of each
}

// comeAndGo connects the browsers first in groups, and then all at once.
func (c *crowd) comeAndGo() (err error) {
	if c.ticket, err = c.get("/ticket"); err != nil {
		return err
	}
	if err := c.all(200, func(i int) error { return c.visit(i, 0) }); err != nil {
		return err
	}
	// The messages are published while no browser is connected, so each must come from the history.
	if _, err := c.get("/say"); err != nil {
		return err
	}
	began := time.Now()
	err = c.all(len(c.at), func(i int) error { return c.visit(i, c.missed) })
	fmt.Printf("%d browsers were back, with %d messages each, after %.1f s\n", len(c.at), c.missed, time.Since(began).Seconds())
	return err
}

func (c *crowd) get(path string) (string, error) {
	resp, err := http.Get(c.base + path)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// all calls a function for every browser, with limited concurrency.
func (c *crowd) all(atOnce int, do func(i int) error) error {
	errs := make([]error, len(c.at))
	turns := make(chan struct{}, atOnce)
	var busy sync.WaitGroup
	for i := range c.at {
		turns <- struct{}{}
		busy.Go(func() {
			errs[i] = do(i)
			<-turns
		})
	}
	busy.Wait()
	return errors.Join(errs...)
}

// visit connects browser i, joins from its position, and waits for the expected number of messages.
func (c *crowd) visit(i, messages int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, c.base+"/ws", nil)
	if err != nil {
		return err
	}
	defer ws.CloseNow()
	// The wire format is written by hand here, so that the measurement does not include a client.
	join := map[string]any{"type": "join", "gen": 1, "tickets": []string{c.ticket}}
	if c.at[i] != "" {
		join["pos"] = map[string]string{"room": c.at[i]}
	}
	text, err := json.Marshal(join)
	if err != nil {
		return err
	}
	for _, frame := range []string{`{"type":"hello","v":1,"page":"` + strconv.Itoa(i) + `"}`, string(text)} {
		if err := ws.Write(ctx, websocket.MessageText, []byte(frame)); err != nil {
			return err
		}
	}
	// Messages that were missed follow the joined frame, in order and without gaps.
	for joined, next := false, 0; !joined || next < messages; {
		_, text, err := ws.Read(ctx)
		if err != nil {
			return err
		}
		var frame struct {
			Type, Pos, HTML string
			Rooms           json.RawMessage
		}
		if err := json.Unmarshal(text, &frame); err != nil {
			return err
		}
		switch {
		case frame.Type == "joined":
			var rooms map[string]string
			if err := json.Unmarshal(frame.Rooms, &rooms); err != nil {
				return err
			}
			joined, c.at[i] = true, rooms["room"]
		case frame.Pos != "":
			if !strings.HasPrefix(frame.HTML, fmt.Sprintf(`<li id="m%d">`, next)) {
				return fmt.Errorf("browser %d got %.30q, not message %d", i, frame.HTML, next)
			}
			next++
			c.at[i] = frame.Pos
		case frame.Type == "reset":
			return fmt.Errorf("browser %d was reset", i)
		}
	}
	return nil
}
