package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestModulesBeginByTellingWhatTheyAreFor(t *testing.T) {
	for _, name := range modules(t) {
		text, err := os.ReadFile(filepath.Join(src, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "// ") && !strings.HasPrefix(string(text), "/** ") {
			t.Errorf("client/src/%s:1: the first line should be a comment that says what the module is for", name)
		}
	}
}
