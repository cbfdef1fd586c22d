package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page of go run ./examples builds, starts and shows all examples. When it exits, all of them have stopped.
func TestLanding(t *testing.T) {
	t.Parallel()
	var urls []string
	t.Cleanup(func() { // runs after the program has exited
		for _, url := range urls {
			_, err := http.Get(url)
			assert.Error(t, err, "%s still runs", url)
		}
	})
	url := startExample(t, ".")
	b := newBrowser(t)
	p := b.open(url)
	p.wait(`window.wsx?.isConnected() && document.querySelectorAll("#cards > li").length > 0`)

	var names []string
	p.eval(`[...document.querySelectorAll("#cards > li")].map((card) => card.id)`, &names)
	assert.Subset(t, names, []string{"chat", "dashboard", "nearby"})
	assert.NotContains(t, names, "hello")
	for _, name := range names { // one by one, so that each may take as long as patience
		p.wait(`document.querySelector("#` + name + ` .state").innerText !== "Building" && document.querySelector("#` + name + ` .state").innerText !== "Waiting"`)
	}
	p.wait(`[...document.querySelectorAll("#cards .state")].every((state) => state.innerText === "Running")`)
	p.eval(`[...document.querySelectorAll("#cards .open")].map((link) => link.href)`, &urls)
	require.Len(t, urls, len(names))
	p.wait(`[...document.querySelectorAll("img")].every((img) => img.complete && img.naturalWidth > 0)`)
	p.eval(`document.querySelector("#chat summary").click()`, nil)
	p.wait(`document.querySelectorAll("#chat details li").length === 4`)
	p.lookAround("landing")

	var nearby string
	p.eval(`document.querySelector("#nearby .open").href`, &nearby)
	b.open(nearby).wait(`document.querySelector("#map") && window.wsx?.isConnected()`)
}
