package main

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/dom"
)

// slow is how long the handler "slow" takes.
const slow = 1500 * time.Millisecond

// handlers returns the handlers of the page. The code beside a piece is cut out of the two functions below.
func (s *server) handlers() map[string]wsx.Handler {
	all := s.answers()
	maps.Copy(all, s.events())
	return all
}

// answers returns the handlers that only reply.
func (s *server) answers() map[string]wsx.Handler {
	return map[string]wsx.Handler{
		"echo": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.HTMLf("<code>%s</code> by <code>%s</code>", string(r.Data), r.Trigger)), nil
		},
		"count": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.HTMLf("Answer %d", s.count.Add(1))), nil
		},
		"item": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.HTMLf("<li>Line %d</li>", s.count.Add(1))), nil
		},
		"burst": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			n := s.count.Add(3)
			return r.Reply(wsx.HTMLf("<li>Line %d</li><li>Line %d</li><li>Line %d</li>", n-2, n-1, n)), nil
		},
		"paragraph": wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ ID string }) (*wsx.Response, error) {
			return r.Reply(wsx.HTMLf(`<p id="%s" class="well">Select these words: answer %d.</p>`, in.ID, s.count.Add(1))), nil
		}),
		"field": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.HTMLf(`<label for="kept">Answer %d</label> <input id="kept">`, s.count.Add(1))), nil
		},
		"player": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.HTMLf(`<p>Song %d</p><label id="volume">Not shown, because the old one is preserved</label>`, s.count.Add(1))), nil
		},
		"tags": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.Text("<b>Tags</b> are text here")), nil
		},
		"script": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.HTMLf(`<p>Not run</p><script nonce="%s">ran("#scripted")</script>`, s.nonce)), nil
		},
		"clock": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(wsx.Text(time.Now().Format(time.TimeOnly))), nil
		},
		"nothing": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.Reply(""), nil
		},
		"both": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			n := s.count.Add(1)
			return r.Reply(wsx.HTMLf("Answer %d", n)).And("#aside", wsx.HTMLf("%d too", n), wsx.TextContent), nil
		},
		"own": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return r.ReplyTo(r.Target, wsx.HTMLf("Answer %d", s.count.Add(1)), "x-flash"), nil
		},
	}
}

// events returns the handlers that do more than reply.
func (s *server) events() map[string]wsx.Handler {
	return map[string]wsx.Handler{
		"slow": func(ctx context.Context, r *wsx.Request) (*wsx.Response, error) {
			select {
			case <-time.After(slow):
				return r.Reply(wsx.HTMLf("Answer %d to %s", s.count.Add(1), string(r.Data))), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
		"fail": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return nil, wsx.UserErrorf("That name is taken.")
		},
		"broken": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			return nil, errors.New("the disk is full")
		},
		"flaky": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			if s.tries.Add(1)%2 == 1 {
				r.Conn.Close(nil)
				return nil, nil
			}
			return r.Reply(wsx.HTMLf("Answer %d, at the second attempt", s.count.Add(1))), nil
		},
		"cut": func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
			r.Conn.Close(nil)
			return nil, nil
		},
		"say": wsx.Typed(func(ctx context.Context, r *wsx.Request, in struct{ Text string }) (*wsx.Response, error) {
			if err := s.say(ctx, in.Text); err != nil {
				return nil, err
			}
			return new(wsx.Response).With(dom.SetValue("#text-to-say", "")), nil
		}),
		"verb": wsx.Typed(func(_ context.Context, r *wsx.Request, in struct{ Name string }) (*wsx.Response, error) {
			make, ok := verbs[in.Name]
			if !ok {
				return nil, wsx.UserErrorf("There is no such verb.")
			}
			return new(wsx.Response).With(make()), nil
		}),
	}
}
