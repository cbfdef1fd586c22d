package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

// What a page pays for the client; a limit that is felt keeps features honest. What loads on demand does not count.
const gzipBudget = 14_000

// Go's test cache does not see changes outside this module, so scripts run these tests with -count=1.
func TestDistIsBuiltFromSrc(t *testing.T) {
	for _, f := range files {
		want := bundled(t, f)
		t.Run(f.name, func(t *testing.T) {
			got, err := os.ReadFile("../dist/" + f.name)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("client/dist/%s is not what client/src gives: run 'go run ./client/build' and commit the result (%v)", f.name, err)
			}
		})
		t.Run(f.name+".br", func(t *testing.T) {
			packed, err := os.ReadFile("../dist/" + f.name + ".br")
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("client/dist/%s.br does not hold what client/src gives: run 'go run ./client/build' and commit the result (%v)", f.name, err)
			}
		})
	}
}

func bundled(t *testing.T, f file) []byte {
	t.Helper()
	script, err := bundle("../src/"+f.entry, f.format)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

func TestBundleKeepsWithinItsBudget(t *testing.T) {
	for i, f := range files {
		script := bundled(t, f)
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		w.Write(script)
		w.Close()
		t.Logf("%s: %d bytes, %d gzipped", f.name, len(script), packed.Len())
		if i == 0 && packed.Len() > gzipBudget {
			t.Errorf("%s has %d bytes gzipped, the budget is %d", f.name, packed.Len(), gzipBudget)
		}
	}
}

// Strict policies forbid code that is made from text.
func TestBundlesMakeNoCodeFromText(t *testing.T) {
	for _, f := range files {
		if found := regexp.MustCompile(`\beval\b|\bFunction\(`).Find(bundled(t, f)); found != nil {
			t.Errorf("%s has %s", f.name, found)
		}
	}
}

// Pages ask WSX.version, people install what package.json says.
func TestVersionIsThatOfThePackage(t *testing.T) {
	source, err := os.ReadFile("../src/core/client.js")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Version string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`static version = "(.+)";`).FindSubmatch(source)
	if found == nil || string(found[1]) != manifest.Version {
		t.Errorf("client/src/core/client.js says %q, client/package.json %q", found, manifest.Version)
	}
}

func TestBundleNamesTheBrokenFile(t *testing.T) {
	entry := t.TempDir() + "/broken.js"
	if err := os.WriteFile(entry, []byte("let = ;"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := bundle(entry, api.FormatIIFE); err == nil || !bytes.Contains([]byte(err.Error()), []byte("broken.js")) {
		t.Errorf("the error should name broken.js: %v", err)
	}
}
