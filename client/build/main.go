// Build bundles the browser client: client/src becomes client/dist/wsx.js and what that loads on demand, each with its .br. Run it from
// the root of the repository after each change of the sources:
//
//	go run ./client/build
//
// The results are committed, so that using wsx needs neither this module nor Node.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	log.SetFlags(0)
	if err := build("client"); err != nil {
		log.Fatal(err)
	}
}

// A file is one of those that browsers load.
type file struct {
	name, entry string // below dist, and below src
	format      api.Format
}

var files = []file{
	{"wsx.js", "core/wsx.js", api.FormatIIFE},
	// Which wsx.js imports when it needs them.
	{"wsx-http.js", "http/http.js", api.FormatESModule},
	{"wsx-more.js", "more/more.js", api.FormatESModule},
	{"wsx-morph.js", "morph/morph.js", api.FormatESModule},
	{"wsx-debug.js", "debug/debug.js", api.FormatESModule},
}

// build writes the files below dir, which is the client's folder.
func build(dir string) error {
	for _, f := range files {
		script, err := bundle(filepath.Join(dir, "src", f.entry), f.format)
		if err != nil {
			return err
		}
		packed, err := compress(script)
		if err != nil {
			return err
		}
		dist := filepath.Join(dir, "dist", f.name)
		if err := os.WriteFile(dist, script, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(dist+".br", packed, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func bundle(entry string, format api.Format) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{entry},
		Bundle:            true,
		Format:            format,
		Target:            api.ES2022, // private fields as they are; older targets would double the size
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Banner:            map[string]string{"js": "/* wsx, MIT license, github.com/wsxgo/wsx */"},
	})
	if len(result.Errors) > 0 {
		lines := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return nil, errors.New(lines[0])
	}
	if len(result.OutputFiles) != 1 {
		return nil, fmt.Errorf("bundling %s gave %d files, not one", entry, len(result.OutputFiles))
	}
	return result.OutputFiles[0].Contents, nil
}

func compress(script []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := brotli.NewWriterLevel(&packed, brotli.BestCompression)
	if _, err := w.Write(script); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
