package acceptance

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/wsxtest"
)

var errRefused = errors.New("refused")

// newHub returns a hub that logs nothing and is shut down at the test's end.
func newHub(t testing.TB, opts *wsx.Options) *wsx.Hub {
	if opts == nil {
		opts = &wsx.Options{}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	hub := wsx.New(opts)
	t.Cleanup(func() { assert.NoError(t, hub.Shutdown(context.Background())) })
	return hub
}

// asUser is an Authenticate that believes a header, as no program should.
func asUser(r *http.Request) (wsx.Identity, error) {
	return wsx.Identity{User: r.Header.Get("User")}, nil
}

func user(name string) http.Header { return http.Header{"User": {name}} }

// inBubble runs a test in fake time.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// bubble runs a test in fake time, with a hub.
func bubble(t *testing.T, opts *wsx.Options, do func(t *testing.T, hub *wsx.Hub)) {
	synctest.Test(t, func(t *testing.T) {
		if opts == nil {
			opts = &wsx.Options{Authenticate: asUser}
		}
		do(t, newHub(t, opts))
	})
}

// received returns what was pushed to b since the last look, as text.
func received(b *wsxtest.Browser) (html []string) {
	synctest.Wait()
	for _, f := range b.Pushed() {
		html = append(html, string(f.HTML))
	}
	return html
}

// pass lets time pass, and then waits until all goroutines of the bubble are blocked.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
