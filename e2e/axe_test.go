package e2e

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// axeFile comes with npm ci in client/, which ci/client.sh does.
const axeFile = "../client/node_modules/axe-core/axe.min.js"

// loadAxe returns the script of axe-core, or "" if it is not installed; in CI that fails the test.
func loadAxe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(axeFile)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("axe-core: %v", err)
	}
	return string(script)
}

// isAccessible fails the test with everything that axe reports for the page.
func (p *tab) isAccessible(name string) {
	p.t.Helper()
	script := loadAxe(p.t)
	if script == "" {
		p.t.Logf("%s: not audited, %s is missing", name, axeFile)
		return
	}
	p.eval(script+"; 0", nil)
	var found []string
	p.eval(`axe.run().then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
		nodes.map(({ target, failureSummary }) => [id, help, target.join(" "), failureSummary].join(": "))))`, &found)
	assert.Empty(p.t, found, "%s: %s", name, strings.Join(found, "\n"))
}
