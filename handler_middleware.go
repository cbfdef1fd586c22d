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

// RequireUser lets only the requests of connections pass that are logged in. The others are answered with the code "denied".
func RequireUser(next Handler) Handler {
	return func(ctx context.Context, r *Request) (*Response, error) {
		if r.Conn.User() == "" {
			return nil, errDenied
		}
		return next(ctx, r)
	}
}

// RequireTag lets only the requests of connections pass whose tag has one of the values; with no values, those that have the
// tag at all. The others are answered with the code "denied".
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

// Logged writes one line for each request: the handler, the connection, how long it took and how it ended. What the request
// carries is not logged. Nil means slog.Default().
func Logged(logger *slog.Logger) func(Handler) Handler {
	if logger == nil {
		logger = slog.Default()
	}
	return func(next Handler) Handler {
		return func(ctx context.Context, r *Request) (*Response, error) {
			begin := time.Now()
			level, result := slog.LevelError, "panic"
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

// outcome says in a word how a handler ended. The error's own words may come from the user, so they are OnError's.
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
