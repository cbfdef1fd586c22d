package acceptance

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestRequire(t *testing.T) {
	for name, test := range map[string]struct {
		require func(wsx.Handler) wsx.Handler
		user    string
		tag     string
		code    string
	}{
		"user: who is logged in":             {wsx.RequireUser, "ann", "", ""},
		"user: the anonymous are denied":     {wsx.RequireUser, "", "admin", "denied"},
		"tag: one of the values":             {wsx.RequireTag("role", "owner", "admin"), "", "admin", ""},
		"tag: another value is denied":       {wsx.RequireTag("role", "owner", "admin"), "ann", "guest", "denied"},
		"tag: no tag is denied":              {wsx.RequireTag("role", "owner", ""), "ann", "", "denied"},
		"tag: any value":                     {wsx.RequireTag("role"), "", "guest", ""},
		"tag: no tag where any value counts": {wsx.RequireTag("role"), "ann", "", "denied"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
				called := 0
				hub.On("do", test.require(func(context.Context, *wsx.Request) (*wsx.Response, error) {
					called++
					return nil, nil
				}))
				hub.OnError(func(*wsx.Connection, string, error) { t.Error("a denial is no fault of the program") })
				b := wsxtest.Open(t, hub, user(test.user))
				b.Conn().SetTag("role", test.tag)
				if test.code == "" {
					b.Ask("do", nil)
					assert.Equal(t, 1, called)
					return
				}
				code, html := b.AskError("do", nil)
				assert.Equal(t, test.code, code)
				assert.Empty(t, html)
				assert.Zero(t, called)
			})
		})
	}
	t.Run("asks at each request anew", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			hub.Use(wsx.RequireUser)
			hub.On("do", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
			b := wsxtest.Open(t, hub, nil)
			b.AskError("do", nil)
			b.Conn().SetUser("ann")
			b.Ask("do", nil)
			b.Conn().SetUser("")
			b.AskError("do", nil)
		})
	})
	t.Run("keeps its own values", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			roles := []string{"admin"}
			hub.Use(wsx.RequireTag("role", roles...))
			roles[0] = "guest"
			hub.On("do", func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil })
			b := wsxtest.Open(t, hub, nil)
			b.Conn().SetTag("role", "guest")
			b.AskError("do", nil)
		})
	})
}

func TestLogged(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
		hub.Use(wsx.Logged(logger))
		answer := func(err error) wsx.Handler {
			return func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, err }
		}
		hub.On("fine", answer(nil))
		hub.On("user", answer(wsx.UserErrorf("Secret words.")))
		hub.On("broken", answer(errors.New("secret words")))
		hub.On("panic", func(context.Context, *wsx.Request) (*wsx.Response, error) { panic("secret words") })
		hub.On("denied", wsx.RequireUser(answer(nil)))
		hub.On("invalid", wsx.Typed(func(context.Context, *wsx.Request, struct{ N int }) (*wsx.Response, error) { return nil, nil }))
		hub.On("", answer(nil))
		b := wsxtest.Open(t, hub, nil)
		b.Ask("fine", map[string]string{"text": "secret words"})
		b.Ask(strings.Repeat("x", 200)+"\n", nil)
		for _, name := range []string{"user", "broken", "panic", "denied"} {
			b.AskError(name, nil)
		}
		b.AskError("invalid", map[string]string{"n": "secret words"})
		synctest.Wait()

		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		line := regexp.MustCompile(`level=(\w+) msg="wsx: request" handler=(\S+) connection=` + b.Conn().ID() + ` took=\S+ result=(\w+)$`)
		var got []string
		for _, text := range lines {
			m := line.FindStringSubmatch(text)
			if assert.NotNil(t, m, text) {
				got = append(got, strings.Join(m[1:], " "))
			}
		}
		assert.Equal(t, []string{
			"INFO fine ok", "INFO " + strings.Repeat("x", 64) + " ok", "INFO user user", "ERROR broken error", "ERROR panic panic",
			"WARN denied denied", "INFO invalid invalid",
		}, got)
		assert.NotContains(t, strings.ToLower(log.String()), "secret")
	})
	t.Run("passes on what the handler returns", func(t *testing.T) {
		bubble(t, nil, func(t *testing.T, hub *wsx.Hub) {
			hub.On("do", wsx.Logged(logger)(func(_ context.Context, r *wsx.Request) (*wsx.Response, error) {
				return r.ReplyTo("#a", "x", wsx.Inner), nil
			}))
			assert.Equal(t, template.HTML("x"), wsxtest.Open(t, hub, nil).Ask("do", nil)[0].HTML)
		})
	})
	t.Run("writes to the default logger without one", func(t *testing.T) {
		assert.NotNil(t, wsx.Logged(nil)(func(context.Context, *wsx.Request) (*wsx.Response, error) { return nil, nil }))
	})
}
