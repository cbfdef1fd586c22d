package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const ownRow = "| **wsx**"

// files are those of the client, with when they are loaded.
var files = []struct{ name, when string }{
	{"wsx.js", "every page"},
	{"wsx-morph.js", "with a ticket, or the first morph"},
	{"wsx-more.js", "with an attribute, condition or verb that needs it"},
	{"wsx-http.js", "where no WebSocket gets through"},
	{"wsx-debug.js", "when a developer opens the panel"},
}

// others are compared, each with the code of a page that uses it for what wsx does.
var others = []struct{ name, code string }{
	{"htmx.org + htmx-ext-ws + idiomorph", `import htmx from "htmx.org"; import "htmx-ext-ws"; import { Idiomorph } from "idiomorph"; window.all = [htmx, Idiomorph]`},
	{"@hotwired/turbo + @rails/actioncable", `import * as Turbo from "@hotwired/turbo"; import * as Cable from "@rails/actioncable"; window.all = [Turbo, Cable]`},
	{"phoenix_live_view + phoenix", `import { Socket } from "phoenix"; import { LiveSocket } from "phoenix_live_view"; window.all = [Socket, LiveSocket]`},
	{"@starfederation/datastar", `import * as datastar from "./node_modules/@starfederation/datastar/dist/datastar.js"; window.all = datastar`},
	{"socket.io-client", `import { io } from "socket.io-client"; window.all = io`},
	{"centrifuge", `import { Centrifuge } from "centrifuge"; window.all = Centrifuge`},
}

// ownRows measures the files in dist that there are.
func ownRows(dist string) (rows string, err error) {
	for _, f := range files {
		script, err := os.ReadFile(filepath.Join(dist, f.name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		rows += row(fmt.Sprintf("**wsx** `%s`: %s", f.name, f.when), script)
	}
	return rows, nil
}

// otherRows bundles the others from the npm packages in a folder.
func otherRows(folder string) (rows string, err error) {
	for _, o := range others {
		script, err := bundle(folder, o.code)
		if err != nil {
			return "", fmt.Errorf("%s: %w", o.name, err)
		}
		var parts []string
		for name := range strings.SplitSeq(o.name, " + ") {
			version, err := versionOf(folder, name)
			if err != nil {
				return "", err
			}
			parts = append(parts, name+" "+version)
		}
		rows += row(strings.Join(parts, " + "), script)
	}
	return rows, nil
}

func bundle(folder, code string) ([]byte, error) {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		Stdin:             &api.StdinOptions{Contents: code, ResolveDir: absolute, Loader: api.LoaderJS},
		Bundle:            true,
		Format:            api.FormatIIFE,
		Platform:          api.PlatformBrowser,
		Target:            api.ES2022,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Define:            map[string]string{"process.env.NODE_ENV": `"production"`},
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(api.FormatMessages(result.Errors, api.FormatMessagesOptions{})[0])
	}
	return result.OutputFiles[0].Contents, nil
}

func versionOf(folder, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(folder, "node_modules", filepath.FromSlash(name), "package.json"))
	if err != nil {
		return "", fmt.Errorf("run npm ci --prefix %s --ignore-scripts first: %w", folder, err)
	}
	var manifest struct{ Version string }
	err = json.Unmarshal(text, &manifest)
	return manifest.Version, err
}

func row(what string, script []byte) string {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is a known one
	w.Write(script)                                            // a bytes.Buffer takes everything
	w.Close()
	return fmt.Sprintf("| %s | %s | %s |\n", what, thousands(len(script)), thousands(packed.Len()))
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
