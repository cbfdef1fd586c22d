// Command browser measures the client in Chromium: the duration of its morphs compared with other libraries, and the cost of
// 1,000 appends per second. It prints the results and writes them to docs/performance-browser.md. Run it in the root of the
// repository, on an otherwise idle machine:
//
//	npm ci --prefix bench/browser --ignore-scripts
//	go run ./bench/browser
//
// Set WSX_CHROMIUM to the path of Chromium if it is not in PATH.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

const (
	home       = "bench/browser" // relative to the root of the repository
	reportFile = "docs/performance-browser.md"
)

func main() {
	if err := bench(); err != nil {
		fmt.Fprintln(os.Stderr, "bench/browser:", err)
		os.Exit(1)
	}
}

func bench() error {
	only := flag.String("only", "", "morphs or appends: measure just these and write no file")
	last := flag.Duration("appends", 10*time.Second, "for how long to append")
	flag.Parse()
	if _, err := os.Stat(filepath.Join(home, "node_modules")); err != nil {
		return fmt.Errorf("run npm ci --prefix %s --ignore-scripts first, in the root of the repository: %w", home, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := startChromium(ctx)
	if err != nil {
		return err
	}
	defer b.close()

	results := results{Date: time.Now().UTC(), Chromium: b.version}
	var failed error
	if *only != "appends" {
		results.Morphs, err = b.measureMorphs()
		failed = errors.Join(failed, err)
	}
	if *only != "morphs" {
		for _, item := range appendItems {
			for _, way := range appendWays {
				result, err := b.measureAppends(*last, item.name, item.html, way.name, way.query)
				if failed = errors.Join(failed, err); err == nil {
					results.Appends = append(results.Appends, *result)
				}
			}
		}
	}
	text := results.markdown()
	fmt.Print(text)
	if failed != nil || *only != "" {
		return failed
	}
	return os.WriteFile(reportFile, []byte(text), 0o644)
}
