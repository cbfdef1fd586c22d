// This program builds and runs all examples and shows them on one page: go run ./examples
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
	<-done // the children have been told to stop by the same signal
}

// sources is the directory of this file, where the examples are.
func sources() (string, error) {
	_, file, _, _ := runtime.Caller(0)
	if _, err := os.Stat(file); err != nil {
		return "", errors.Join(errors.New("the examples are built from their sources: use go run ./examples"), fmt.Errorf("look for them: %w", err))
	}
	return filepath.Dir(file), nil
}
