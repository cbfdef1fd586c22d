package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// The modules of client/src, by their slash-separated paths below it.
const (
	src    = "../src"
	shared = "shared"
	module = "module.js" // the package's entry, the one file outside a folder
)

// Each bundle's modules are in a folder of its own. Nothing in one of these folders may import from another one, except from shared:
// a copy of core in a second bundle would double its state.
var folders = map[string]string{ // by the bundle's name
	"wsx.js":       "core",
	"wsx-http.js":  "http",
	"wsx-more.js":  "more",
	"wsx-morph.js": "morph",
	"wsx-debug.js": "debug",
}

func TestModulesImportOnlyTheirFolderAndShared(t *testing.T) {
	for _, name := range modules(t) {
		for _, i := range importsOf(t, name) {
			if err := allowed(name, i); err != nil {
				t.Errorf("client/src/%s:%d: %v", name, i.line, err)
			}
		}
	}
}

// allowed returns why a module may not have an import, nil if it may.
func allowed(name string, i imported) error {
	from, to := path.Dir(name), path.Dir(i.path)
	switch {
	case i.dynamic && name != module:
		return fmt.Errorf("imports %s on demand: call load, which knows where the bundle is", i.path)
	case i.dynamic:
		entry := slices.ContainsFunc(files, func(f file) bool { return f.entry == i.path && f.name != "wsx.js" })
		if !entry {
			return fmt.Errorf("imports %s on demand, which is not a bundle", i.path)
		}
	case name == module && to == "core":
	case to == from, to == shared:
	default:
		return fmt.Errorf("imports %s: modules of %s may import only %[2]s and %s", i.path, from, shared)
	}
	return nil
}

// A module that only one bundle reaches belongs to that bundle's folder, any other one to shared.
func TestFoldersAreTheBundles(t *testing.T) {
	bundles := map[string][]string{} // by module
	for _, f := range files {
		for _, name := range reachedFrom(t, f) {
			bundles[name] = append(bundles[name], f.name)
		}
	}
	for _, name := range modules(t) {
		if name == module {
			continue
		}
		in := bundles[name]
		want := shared
		switch len(in) {
		case 0:
			t.Errorf("client/src/%s is in no bundle", name)
			continue
		case 1:
			want = folders[in[0]]
		}
		if got := path.Dir(name); got != want {
			t.Errorf("client/src/%s is in %s, so it belongs to the folder %s", name, strings.Join(in, " and "), want)
		}
	}
}

var (
	stateful = regexp.MustCompile(`^(export )?(let|var)\b|^(export )?const\b.*\bnew\b`)
	// All copies of the module find the page's one set below this symbol.
	pageWide = regexp.MustCompile(`globalThis\)?\[Symbol\.for\(`)
)

// Each bundle has its own copy of a shared module, and the copies would not know of each other's state.
func TestSharedModulesHaveNoState(t *testing.T) {
	for _, name := range modules(t) {
		if path.Dir(name) != shared {
			continue
		}
		for i, line := range lines(t, name) {
			if stateful.MatchString(line) && !pageWide.MatchString(line) {
				t.Errorf("client/src/%s:%d: state in a shared module: %s", name, i+1, line)
			}
		}
	}
}

// The rules above must be able to fail.
func TestAllowedRejects(t *testing.T) {
	for _, c := range []struct {
		name string
		to   imported
		ok   bool
	}{
		{"core/client.js", imported{path: "core/rooms.js"}, true},
		{"core/client.js", imported{path: "shared/code.js"}, true},
		{"core/client.js", imported{path: "more/more.js"}, false},
		{"core/client.js", imported{path: "more/more.js", dynamic: true}, false},
		{"shared/data.js", imported{path: "core/html.js"}, false},
		{"more/ask.js", imported{path: "morph/morph.js"}, false},
		{module, imported{path: "core/client.js"}, true},
		{module, imported{path: "more/more.js"}, false},
		{module, imported{path: "more/more.js", dynamic: true}, true},
		{module, imported{path: "more/ask.js", dynamic: true}, false},
	} {
		if err := allowed(c.name, c.to); (err == nil) != c.ok {
			t.Errorf("%s importing %+v: %v, allowed should be %v", c.name, c.to, err, c.ok)
		}
	}
}

// modules returns every file below client/src.
func modules(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(src), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatal("no file below client/src")
	}
	return names
}

// lines returns a module's lines with its block comments blanked: they import types only, which no bundle contains.
func lines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(src, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	code := blockComment.ReplaceAllStringFunc(string(text), func(comment string) string {
		return strings.Repeat("\n", strings.Count(comment, "\n"))
	})
	return strings.Split(code, "\n")
}

var (
	blockComment = regexp.MustCompile(`(?s)/\*\*.*?\*/`)
	importing    = regexp.MustCompile(`(\bimport\s*\(\s*|\bfrom\s*|^\s*import\s*)["'](\.[^"']+)["']`)
)

type imported struct {
	path    string // below client/src
	line    int
	dynamic bool
}

// importsOf finds what a module imports, and makes sure that esbuild finds the same.
func importsOf(t *testing.T, name string) []imported {
	t.Helper()
	var found []imported
	var paths []string
	for i, line := range lines(t, name) {
		for _, match := range importing.FindAllStringSubmatch(line, -1) {
			to := path.Join(path.Dir(name), match[2])
			found = append(found, imported{path: to, line: i + 1, dynamic: strings.HasSuffix(strings.TrimSpace(match[1]), "(")})
			paths = append(paths, to)
		}
	}
	want := metaOf(t, name).Inputs[src+"/"+name].paths()
	slices.Sort(paths)
	slices.Sort(want)
	if !slices.Equal(slices.Compact(paths), slices.Compact(want)) {
		t.Fatalf("client/src/%s: this test sees the imports %q, esbuild sees %q", name, paths, want)
	}
	return found
}

func reachedFrom(t *testing.T, f file) []string {
	t.Helper()
	var names []string
	for input := range metaOf(t, f.entry).Inputs {
		names = append(names, strings.TrimPrefix(input, src+"/"))
	}
	return names
}

type input struct {
	Imports []struct {
		Path     string
		External bool
	}
}

func (i input) paths() []string {
	var found []string
	for _, to := range i.Imports {
		if !to.External {
			found = append(found, strings.TrimPrefix(to.Path, src+"/"))
		}
	}
	return found
}

// meta is what esbuild tells about the modules that an entry reaches.
type meta struct{ Inputs map[string]input }

func metaOf(t *testing.T, entry string) (told meta) {
	t.Helper()
	result := api.Build(api.BuildOptions{EntryPoints: []string{src + "/" + entry}, Bundle: true, Format: api.FormatESModule, Metafile: true, Outdir: t.TempDir()})
	if len(result.Errors) > 0 {
		t.Fatalf("%s: %s", entry, result.Errors[0].Text)
	}
	if err := json.Unmarshal([]byte(result.Metafile), &told); err != nil {
		t.Fatal(err)
	}
	return told
}
