//go:build linux

// Command bench puts wsx and other libraries under the same load and reports the cost of each. It prints the report, writes it
// with charts to docs/performance.md, and stores the numbers in bench/results.json. Run it in the root of the repository, on an
// otherwise idle machine:
//
//	make bench
//
// With -quick it only checks, in seconds, that all contenders work. With -render it renders the report from the stored results
// without measuring.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/wsxgo/wsx/bench/internal/contender"
	"github.com/wsxgo/wsx/bench/internal/report"
)

// Output files, relative to the root of the repository.
const (
	resultsFile  = "bench/results.json"
	reportFile   = "docs/performance.md"
	picturesPath = "docs/performance"
)

func main() {
	played, err := playRole(os.Args)
	if !played {
		err = bench()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench() error {
	quick := flag.Bool("quick", false, "only show that everything works; write no files")
	render := flag.Bool("render", false, "write the report of "+resultsFile+" without measuring")
	repeats := flag.Int("repeats", 5, "how often each cell is measured, if the budget allows it")
	budget := flag.Duration("budget", 12*time.Minute, "begin no round that would end later")
	flag.Parse()

	// Rendering needs no measurement, so that a change of words leaves all figures as they are.
	if *render {
		results, err := readResults(resultsFile)
		if err != nil {
			return err
		}
		return write(".", results)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	// The tables are shown even after an error: they tell which contender failed.
	if *quick {
		results, err := measure(ctx, quickPlan(), os.Stderr)
		return errors.Join(err, show(os.Stdout, results))
	}
	// Checked before measuring, because otherwise the results of twelve minutes would be lost.
	if _, err := os.Stat(filepath.Dir(reportFile)); err != nil {
		return fmt.Errorf("this is not the root of the repository: %w", err)
	}
	results, err := measure(ctx, fullPlan(max(1, *repeats), *budget), os.Stderr)
	if err == nil {
		err = write(".", results)
	}
	return errors.Join(err, show(os.Stdout, results))
}

// measure runs a plan. After an error, the results contain what was measured before it.
func measure(ctx context.Context, p plan, progress io.Writer) (*report.Results, error) {
	// A contender that hangs would otherwise block the run forever. Rounds respect the budget on
	// their own, so half of it again is a generous margin.
	ctx, cancel := context.WithTimeoutCause(ctx, p.budget*3/2, errors.New("it took far longer than its budget"))
	defer cancel()
	results := &report.Results{Machine: thisMachine(), Date: time.Now().UTC(), Entries: entries(), SlowPlan: p.slow}
	m := &measurement{plan: p, results: results, progress: newProgress(progress, p, len(contender.All))}
	err := m.run(ctx)
	results.Took = m.progress.elapsed()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return results, err
}

// show prints the tables.
func show(to io.Writer, results *report.Results) error {
	if _, err := io.WriteString(to, results.Tables()); err != nil {
		return err
	}
	if len(results.Failed) > 0 {
		return fmt.Errorf("%d things could not be measured", len(results.Failed))
	}
	return nil
}

// write writes all files of a full run.
func write(root string, results *report.Results) error {
	figures, err := json.MarshalIndent(results, "", "\t")
	if err != nil {
		return err
	}
	files := map[string]string{resultsFile: string(figures) + "\n", reportFile: results.Markdown()}
	for name, picture := range results.Pictures() {
		files[filepath.Join(picturesPath, name)] = picture
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// readResults reads the figures of an earlier run.
func readResults(path string) (*report.Results, error) {
	figures, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	results := new(report.Results)
	return results, json.Unmarshal(figures, results)
}
