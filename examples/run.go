package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// run builds and starts the examples one by one. It returns when ctx is done and all of them have stopped.
func (g *gallery) run(ctx context.Context) {
	programs, err := os.MkdirTemp("", "wsx-examples-")
	if err != nil {
		log.Print("examples: ", err)
		return
	}
	defer os.RemoveAll(programs)
	var children sync.WaitGroup
	defer children.Wait()
	// One after the other, so that the first examples are ready early instead of all of them late.
	for i, e := range g.examples {
		log.Printf("Building %s (%d of %d)", e.Name, i+1, len(g.examples))
		g.update(e, func(e *example) { e.State = building })
		err := g.build(ctx, e.Name, programs)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			g.fail(e, "the build failed", err)
			continue
		}
		g.update(e, func(e *example) { e.State = starting })
		children.Go(func() {
			err := g.start(ctx, e, filepath.Join(programs, e.Name))
			if ctx.Err() == nil {
				g.fail(e, "the program has stopped", err)
			}
		})
	}
}

// fail shows the error on the card and in the terminal, whichever the reader looks at.
func (g *gallery) fail(e *example, what string, err error) {
	log.Printf("%s: %s: %v", e.Name, what, err)
	g.update(e, func(e *example) {
		e.State, e.URL, e.Problem = failed, "", fmt.Sprintf("%s: %v", what, err)
	})
}

// build compiles an example into the directory into.
func (g *gallery) build(ctx context.Context, name, into string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", into+string(filepath.Separator), "./"+name)
	cmd.Dir = g.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.New(tail(string(out) + "\n" + err.Error()))
	}
	return nil
}

// start runs an example on a free port until it exits or ctx is done, and shows the link that it prints.
func (g *gallery) start(ctx context.Context, e *example, program string) error {
	cmd := exec.CommandContext(ctx, program, "-addr", "127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // lets it shut down gracefully
	cmd.WaitDelay = 12 * time.Second
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	last := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		last = lines.Text()
		log.Print(last)
		if _, url, ready := strings.Cut(last, "is ready: "); ready {
			g.update(e, func(e *example) { e.State, e.URL = running, url })
		}
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", tail(last), err)
	}
	return errors.New("it exited without an error")
}

// tail returns the end of text, short enough for a card.
func tail(text string) string {
	const most = 400
	text = strings.TrimSpace(text)
	if len(text) > most {
		text = "…" + strings.ToValidUTF8(text[len(text)-most:], "")
	}
	return text
}
