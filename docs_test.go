package wsx_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Code in the documentation is code of the repository: every block stands in a file that is compiled, run or served, so
// that no text drifts away from it.

var codeBlock = regexp.MustCompile("(?ms)^```(go|html|js|json|css)\n(.*?)^```")

func TestCodeInDocumentationIsRealCode(t *testing.T) {
	t.Parallel()
	source := readAll(t, ".go", ".html", ".js", ".json", ".css")
	for path, text := range readAll(t, ".md") {
		for _, block := range codeBlock.FindAllStringSubmatch(text, -1) {
			language, code := block[1], squeeze(block[2])
			found := false
			for name, file := range source {
				found = found || strings.HasSuffix(name, language) && strings.Contains(squeeze(file), code)
			}
			// A page may stand in a Go test, as a string.
			for name, file := range source {
				found = found || language != "go" && strings.HasSuffix(name, "_test.go") && strings.Contains(squeeze(file), code)
			}
			assert.Truef(t, found, "%s: no %s file has these lines:\n%s", path, language, block[2])
		}
	}
}

var docGoBlock = regexp.MustCompile(`(?m)(?:^//(?:\t.*)?\n)+`)

func TestCodeInThePackageCommentIsFromExamples(t *testing.T) {
	files := readAll(t, ".go", ".html")
	for name := range files {
		if !strings.Contains(name, "example") {
			delete(files, name)
		}
	}
	comment, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	blocks := 0
	for _, block := range docGoBlock.FindAllString(string(comment), -1) {
		code := squeeze(strings.ReplaceAll("\n"+block, "\n//", "\n"))
		if code == squeeze("") {
			continue
		}
		blocks++
		found := false
		for _, file := range files {
			found = found || strings.Contains(squeeze(file), code)
		}
		assert.Truef(t, found, "doc.go: no example has these lines:\n%s", code)
	}
	assert.GreaterOrEqual(t, blocks, 12)
}

// squeeze makes indentation and blank lines count for nothing.
func squeeze(code string) string {
	var lines []string
	for _, line := range strings.Split(code, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

// readAll returns the files of the repository with one of the endings, by path.
func readAll(t *testing.T, endings ...string) map[string]string {
	files := make(map[string]string)
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != "." && (name == "node_modules" || name[0] == '.') {
			return fs.SkipDir
		}
		for _, ending := range endings {
			if strings.HasSuffix(path, ending) && !entry.IsDir() {
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				files[path] = string(text)
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func TestTheReadmesProgramIsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := codeBlock.FindAllStringSubmatch(string(readme), 2)
	require.Len(t, blocks, 2)
	for i, name := range []string{"main.go", "page.html"} {
		file, err := os.ReadFile(filepath.Join("examples", "hello", name))
		require.NoError(t, err)
		assert.Equal(t, string(file), blocks[i][2], name)
	}
	assert.LessOrEqual(t, strings.Count(blocks[0][2]+blocks[1][2], "\n"), 30, "the server and the page together")
}

func TestTheReadmeIsShort(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	landing, _, found := strings.Cut(string(readme), "## Read on")
	require.True(t, found)
	assert.LessOrEqual(t, len(strings.Fields(landing)), 700)
}
