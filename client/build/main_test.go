package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"testing"

	"github.com/andybalholm/brotli"
)

// What a page pays for the whole client; a limit that is felt keeps features honest.
const gzipBudget = 14 << 10

// Go's test cache does not see changes outside this module, so scripts run these tests with -count=1.
func TestDistIsBuiltFromSrc(t *testing.T) {
	want, err := bundle("../src/wsx.js")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("wsx.js", func(t *testing.T) {
		got, err := os.ReadFile("../dist/wsx.js")
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("client/dist/wsx.js is not what client/src gives: run 'go run ./client/build' and commit the result (%v)", err)
		}
	})
	t.Run("wsx.js.br", func(t *testing.T) {
		packed, err := os.ReadFile("../dist/wsx.js.br")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("client/dist/wsx.js.br does not hold what client/src gives: run 'go run ./client/build' and commit the result (%v)", err)
		}
	})
}

func TestBundleKeepsWithinItsBudget(t *testing.T) {
	script, err := bundle("../src/wsx.js")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	w.Write(script)
	w.Close()
	t.Logf("wsx.js: %d bytes, %d gzipped", len(script), packed.Len())
	if packed.Len() > gzipBudget {
		t.Errorf("the client has %d bytes gzipped, the budget is %d", packed.Len(), gzipBudget)
	}
}

func TestBundleNamesTheBrokenFile(t *testing.T) {
	entry := t.TempDir() + "/broken.js"
	if err := os.WriteFile(entry, []byte("let = ;"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := bundle(entry); err == nil || !bytes.Contains([]byte(err.Error()), []byte("broken.js")) {
		t.Errorf("the error should name broken.js: %v", err)
	}
}
