package wsx

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/wsxgo/wsx/internal/bind"
	"github.com/wsxgo/wsx/internal/protocol"
	"github.com/wsxgo/wsx/internal/textcut"
)

// RequireUser is a middleware that passes on the requests of connections that are logged in. All
// other requests are answered with the code "denied".
func RequireUser(next Handler) Handler {
	return func(ctx context.Context, r *Request) (*Response, error) {
		if r.Conn.User() == "" {
			return nil, errDenied
		}
		return next(ctx, r)
	}
}

// RequireTag returns a middleware that passes on the requests of connections whose tag has one of
// the values. Without values, the tag must only be set. All other requests are answered with the
// code "denied".
func RequireTag(key string, values ...string) func(Handler) Handler {
	values = slices.Clone(values)
	return func(next Handler) Handler {
		return func(ctx context.Context, r *Request) (*Response, error) {
			value := r.Conn.Tag(key)
			if value == "" || len(values) > 0 && !slices.Contains(values, value) {
				return nil, errDenied
			}
			return next(ctx, r)
		}
	}
}

// Logged returns a middleware that logs one line for each request: the handler, the connection, the
// duration and the result. The data of the request isn't logged. A nil logger means slog.Default().
func Logged(logger *slog.Logger) func(Handler) Handler {
	if logger == nil {
		logger = slog.Default()
	}
	return func(next Handler) Handler {
		return func(ctx context.Context, r *Request) (*Response, error) {
			begin := time.Now()
			level, result := slog.LevelError, "panic" // unless next returns
			defer func() {
				logger.LogAttrs(ctx, level, "wsx: request", slog.String("handler", textcut.Truncate(r.Handler, maxLogName)),
					slog.String("connection", r.Conn.ID()), slog.Duration("took", time.Since(begin)), slog.String("result", result))
			}()
			resp, err := next(ctx, r)
			level, result = outcome(err)
			return resp, err
		}
	}
}

// outcome returns the level and the result to log for a handler's error. The text of the error may
// come from a visitor, so it is left to OnError.
func outcome(err error) (slog.Level, string) {
	_, user := userText(err)
	_, invalid := errors.AsType[*bind.Error](err)
	switch {
	case err == nil:
		return slog.LevelInfo, "ok"
	case user:
		return slog.LevelInfo, string(protocol.CodeUser)
	case invalid:
		return slog.LevelInfo, string(protocol.CodeInvalid)
	case errors.Is(err, errDenied):
		return slog.LevelWarn, string(protocol.CodeDenied)
	}
	return slog.LevelError, "error"
}
