// Command examples builds and runs all examples and lists them on one page:
//
//	go run ./examples
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/wsxgo/wsx"
	"github.com/wsxgo/wsx/examples/internal/serve"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	done := make(chan struct{})
	serve.Main("Examples", func() (http.Handler, *wsx.Hub, error) {
		dir, err := sources()
		if err != nil {
			return nil, nil, err
		}
		g, err := newGallery(dir)
		if err != nil {
			return nil, nil, err
		}
		go func() {
			defer close(done)
			g.run(ctx)
		}()
		return g.routes(), g.hub, nil
	})
	<-done // run stops the examples on the same signal
}

// sources returns the directory of this file, which contains the examples.
func sources() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	if _, err := os.Stat(file); err != nil {
		return "", errors.Join(errors.New("the examples are built from source: use go run ./examples"), fmt.Errorf("find the sources: %w", err))
	}
	return filepath.Dir(file), nil
}
