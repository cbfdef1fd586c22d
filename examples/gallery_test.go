package main

import (
	"context"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/wsxgo/wsx/wsxtest"
)

func TestDescribe(t *testing.T) {
	e := &example{Name: "chat"}
	e.describe("# A chat\n\n![Two <people>](screenshot.png)\n\n```\ngo run\n```\n\nRooms for **all**,\nsee [here](x.md) & `a<b`.\n\nMore.\n\n" +
		"| flag | means |\n|---|---|\n| `-x` | y |\n\n## What it shows\n\n| | where |\n|---|---|\n| One `f(a \\| b)` | x.go |\n| Two | y |\n| 3 | |\n| 4 | |\n| 5 | |\n")
	assert.Equal(t, "A chat", e.Title)
	assert.Equal(t, "Two <people>", e.Alt)
	assert.Equal(t, template.HTML("Rooms for all, see here &amp; <code>a&lt;b</code>."), e.Text)
	assert.Equal(t, []template.HTML{"One <code>f(a | b)</code>", "Two", "3", "4"}, e.Points)

	e = &example{Name: "bare"}
	e.describe("")
	assert.Equal(t, "bare", e.Title)
	assert.Empty(t, e.Text)
}

// TestRun uses a program that doesn't build, one that exits at once and one that runs.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		path = filepath.Join(dir, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("go.mod", "module example.test\n\ngo 1.26\n")
	write("broken/main.go", "package main\n\nfunc main() { nonsense() }\n")
	write("crash/main.go", "package main\n\nfunc main() { println(\"no luck\"); panic(\"today\") }\n")
	write("fine/main.go", "package main\n\nimport (\n\t\"os\"\n\t\"os/signal\"\n)\n\nfunc main() {\n\tc := make(chan os.Signal, 1)\n"+
		"\tsignal.Notify(c, os.Interrupt)\n\tprintln(\"Fine is ready: http://127.0.0.1:1/\")\n\t<-c\n}\n")
	write("fine/README.md", "# Fine\n\nIt works.\n")
	write("fine/screenshot.png", "a picture")
	write("hello/main.go", "package main\n")
	write("nothing/other.go", "package nothing\n")

	g, err := newGallery(dir)
	require.NoError(t, err)
	require.Len(t, g.examples, 3)
	t.Cleanup(func() { g.hub.Shutdown(context.Background()) })
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	b := wsxtest.Open(t, g.hub, nil)
	assert.Equal(t, "#cards", b.Next().Target)
	go func() { g.run(ctx); close(stopped) }()

	last := map[string]template.HTML{}
	for done := 0; done < 3; {
		f := b.Next()
		last[f.Target] = f.HTML
		if strings.Contains(string(f.HTML), `class="panel Failed"`) || strings.Contains(string(f.HTML), `class="panel Running"`) {
			done++
		}
	}
	assert.Contains(t, last["#broken"], "undefined: nonsense")
	assert.Contains(t, last["#crash"], "the program has stopped: ")
	assert.Contains(t, last["#fine"], `href="http://127.0.0.1:1/"`)

	for path, want := range map[string]int{
		"/": 200, "/screenshots/fine": 200, "/screenshots/broken": 404, "/screenshots/..%2ffine": 404, "/screenshots/hello": 404,
	} {
		w := httptest.NewRecorder()
		g.routes().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		assert.Equal(t, want, w.Code, path)
	}
	stop()
	<-stopped
}
